"""The history: what was changed and why, appended by passes and by acts, read by those who look."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, union

from ispalier.core.applied import Cause, HistoryLine
from ispalier.core.items import Owner
from ispalier.core.tombstones import PENDING
from ispalier.journal.bindings import whose
from ispalier.journal.book import Book
from ispalier.journal.database import told
from ispalier.journal.tables import ABSENCE, BINDING, HISTORY, META, TOMBSTONE, WHOSE

AGAIN = 200
"""So many rows before the last are read again: what began sooner may be committed later."""


class Row(NamedTuple):
    """One line of the history."""

    number: int
    at: datetime
    customer: str
    resource: str
    verb: str
    cause: str
    detail: str
    room: str
    host: str
    item: str
    fields: tuple[str, ...]
    digest: str


class Standing(NamedTuple):
    """What the journal knows of a resource: whose, its claims, and if its last edit is in force."""

    customer: str
    is_declared: bool
    is_in_force: bool
    declared: datetime | None
    claims: Sequence[tuple[str, str]]


def append(connection: Connection, records: Iterable[HistoryLine], now: datetime) -> None:
    """Write records down, all at once."""
    rows = [
        {
            **whose(each.owner),
            "at": now,
            "verb": each.verb,
            "room": each.room,
            "host": each.host,
            "item": each.item,
            "fields": ", ".join(each.fields),
            "digest": each.digest,
            "cause": each.cause.value,
            "detail": each.detail,
        }
        for each in records
    ]
    if rows:
        connection.execute(insert(HISTORY), rows)


class Act(NamedTuple):
    """What a person did to resources: by whom and why, when, and the digest of them all."""

    verb: str
    said: str
    at: datetime
    digest: str = ""


def tell(connection: Connection, act: Act, which: Iterable[tuple[str, str, str]]) -> None:
    """Write an act down for each resource: customer, kind, name."""
    owners = (Owner("", *each) for each in which)
    lines = (
        HistoryLine(each, act.verb, Cause.PERSON, act.said, digest=act.digest) for each in owners
    )
    append(connection, lines, act.at)


def thin(connection: Connection, before: datetime) -> None:
    """Forget what is older, but not what people decided."""
    is_old = HISTORY.c.at < before
    connection.execute(delete(HISTORY).where(is_old, HISTORY.c.cause != Cause.PERSON.value))


@dataclass(frozen=True, slots=True)
class History(Book):
    """The history of a journal; no key is needed to read it."""

    def installation(self) -> str:
        """Whose journal it is."""
        with self._reading() as connection:
            query = select(META.c.value).where(META.c.name == "installation")
            return str(connection.scalar(query) or "")

    def customers_of(self, kind: str, name: str) -> Sequence[str]:
        """The customers of whom the journal knows, or knew, a resource of that name."""
        tables = (TOMBSTONE, ABSENCE, HISTORY)
        with self._reading() as connection:
            of = (
                select(each.c.customer).where(each.c.owner_kind == kind, each.c.owner_name == name)
                for each in tables
            )
            return sorted(connection.scalars(union(*of)))

    def standing(self, customer: str, kind: str, name: str) -> Standing:
        """What is remembered of a resource."""
        key = (customer, kind, name)

        def same(table: Any) -> list[Any]:  # noqa: ANN401 - any table with an owner
            return [table.c[column] == value for column, value in zip(WHOSE, key, strict=True)]

        claims = select(BINDING.c.kind, BINDING.c.value).where(
            *same(BINDING), BINDING.c.until.is_(None)
        )
        with self._reading() as connection:
            tombstone = connection.execute(
                select(TOMBSTONE.c.digest, TOMBSTONE.c.changed).where(*same(TOMBSTONE))
            ).first()
            absence = connection.execute(select(ABSENCE.c.since).where(*same(ABSENCE))).first()
            held = [
                (row.kind, row.value)
                for row in connection.execute(claims.order_by(BINDING.c.kind, BINDING.c.value))
            ]
        return Standing(
            customer=customer,
            is_declared=tombstone is not None and absence is None,
            is_in_force=tombstone is not None and not tombstone.digest.startswith(PENDING),
            declared=tombstone.changed if tombstone else None,
            claims=held,
        )

    def of(self, customer: str, kind: str, name: str, limit: int) -> Sequence[Row]:
        """The last lines about a resource, the newest first."""
        query = select(HISTORY).where(
            HISTORY.c.customer == customer,
            HISTORY.c.owner_kind == kind,
            HISTORY.c.owner_name == name,
        )
        with self._reading() as connection:
            return _rows(connection.execute(query.order_by(HISTORY.c.id.desc()).limit(limit)))

    def since(self, at: datetime | None, customer: str | None) -> Sequence[Row]:
        """All lines from an instant on, of one customer or of all, the oldest first."""
        query = select(HISTORY)
        if at is not None:
            query = query.where(HISTORY.c.at >= at)
        if customer is not None:
            query = query.where(HISTORY.c.customer == customer)
        with self._reading() as connection:
            return _rows(connection.execute(query.order_by(HISTORY.c.id)))

    def after(self, number: int) -> Sequence[Row]:
        """The lines from a little before a number on, the oldest first."""
        query = select(HISTORY).where(HISTORY.c.id > number - AGAIN)
        with self._reading() as connection:
            return _rows(connection.execute(query.order_by(HISTORY.c.id)))

    def last(self) -> int:
        """The number of the last line."""
        with self._reading() as connection:
            return int(connection.scalar(select(func.max(HISTORY.c.id))) or 0)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told(), self.engine.connect() as connection:
            yield connection.execution_options(writes=False)


def _rows(found: Iterable[Any]) -> list[Row]:
    return [
        Row(
            number=row.id,
            at=row.at,
            customer=row.customer,
            resource=f"{row.owner_kind}/{row.owner_name}",
            verb=row.verb,
            cause=row.cause,
            detail=row.detail,
            room=row.room,
            host=row.host,
            item=row.item,
            fields=tuple(filter(None, row.fields.split(", "))),
            digest=row.digest,
        )
        for row in found
    ]
