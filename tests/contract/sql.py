"""A database of a case's own in the test cluster, read and written by hand."""

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from psycopg import connect, sql

from hack.stack.postgres import Postgres
from ispalier.api.machines import ServiceHost
from ispalier.core.lease import Lease
from ispalier.core.room import Backend, Room, Wiring
from ispalier.world.secret import Secret
from tests.builders import resource
from tests.contract.case import HOST


class SQLCase:
    """The part of a case that is the same for all rooms that write to PostgreSQL."""

    room: ClassVar[Room]
    section: ClassVar[str]
    tables: ClassVar[Sequence[str]]
    prepared: ClassVar[str] = ""

    def __init__(self, url: str) -> None:
        self.url = url

    def connect(self, lease: Lease | None = None) -> Backend:
        return self._backend(self.url, lease)

    def unreachable(self) -> Backend:
        return self._backend("postgresql://ispalier:hidden@127.0.0.1:9/none")

    def prepare(self) -> None:
        self.execute(f"TRUNCATE {', '.join(self.tables)}; {self.prepared}")

    def execute(self, statements: str, *values: object) -> None:
        """Run SQL text as somebody with psql would."""
        with connect(self.url) as connection:
            connection.execute(statements.encode(), values or None)

    def dump(self) -> object:
        """Every row with the transaction that wrote it."""
        with connect(self.url) as connection:
            return {name: self._rows(connection, name) for name in self.tables}

    def _rows(self, connection: Any, name: str) -> list[tuple[object, ...]]:  # noqa: ANN401 - psycopg's connection of any rows
        query = sql.SQL("SELECT xmin::text, t.* FROM {} t ORDER BY t").format(sql.Identifier(name))
        return list(connection.execute(query))

    def _backend(self, url: str, lease: Lease | None = None) -> Backend:
        reference = {"database": {"urlSecretRef": {"name": HOST, "key": "url"}}}
        spec = {"type": self.room.host_type, self.section: reference}
        host = resource("ServiceHost", HOST, spec)
        assert isinstance(host, ServiceHost)
        return self.room.connect(Wiring(host, lambda _: Secret(url), "", lease))


def database(request: pytest.FixtureRequest, name: str, ddl: str) -> str:
    """The address of a database of that name, made when it is first asked for."""
    postgres: Postgres = request.getfixturevalue("postgres")
    found = postgres.rows("postgres", f"SELECT FROM pg_database WHERE datname = '{name}'")
    return postgres.url(name) if found else postgres.create_database(name, ddl)
