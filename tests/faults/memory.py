"""The real journal on SQLite, whose whole content can be kept, put back and lost, and which fails."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from ispalier.journal.database import MEMORY, connect
from ispalier.journal.journal import Journal
from ispalier.journal.seal import Seal
from tests.inmemory import HOME, KEY


@dataclass(slots=True)
class Store:
    """One database in memory. `on_statement` may raise at any statement, and at every commit."""

    engine: Engine
    raw: sqlite3.Connection
    """The one connection."""
    on_statement: Callable[[str], None] = field(default=lambda _: None)

    def rows(self, query: str) -> list[Any]:
        """What a query finds, told nobody and never failing."""
        return self.raw.execute(query).fetchall()

    def backup(self) -> bytes:
        return self.raw.serialize()

    def restore(self, content: bytes) -> None:
        self.raw.deserialize(content)


@cache
def store() -> tuple[Store, bytes]:
    """One for the process, with what it holds when it is new: made once, for that takes long."""
    journal = Journal(connect(MEMORY), Seal(KEY), HOME.installation, MappingProxyType({}))
    journal._check("key", journal.seal.check)  # noqa: SLF001 - what opening does
    journal._check("installation", journal.installation)  # noqa: SLF001
    with journal.engine.connect() as connection:
        raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    found = Store(journal.engine, raw)

    def execute(_cursor: object, statement: str, *_: object) -> None:
        found.on_statement(statement)

    def commit(connection: Connection) -> None:
        if connection.get_execution_options().get("writes", True):
            found.on_statement("COMMIT")

    event.listen(found.engine, "do_execute", execute)
    event.listen(found.engine, "commit", commit)
    return found, found.backup()


def journal() -> Journal:
    """The journal in it."""
    return Journal(store()[0].engine, Seal(KEY), HOME.installation, MappingProxyType({}))


def full() -> sqlite3.OperationalError:
    """What SQLite says when it cannot write."""
    return sqlite3.OperationalError("database or disk is full")


def full_at_commit() -> OperationalError:
    """The same where SQLAlchemy would have translated it."""
    return OperationalError("COMMIT", None, full())
