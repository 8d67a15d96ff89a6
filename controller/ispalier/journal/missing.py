"""Missing: what is no longer declared, as the journal remembers it, for those who look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Self

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Update,
    and_,
    exists,
    func,
    or_,
    select,
    update,
)

from ispalier.core.memory import Fleet
from ispalier.journal.database import connect, transaction
from ispalier.journal.dirty import mark
from ispalier.journal.history import Act, tell
from ispalier.journal.tables import ABSENCE, BINDING, TOMBSTONE, WHOSE

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Retired then, the retention of anything is over."""

_TOLD = ("since", "retired", "approved")


class Missing(NamedTuple):
    """A resource that is no longer declared: since when, since when it is off, what it was."""

    customer: str
    kind: str
    name: str
    since: datetime
    retired: datetime | None
    approved: str
    """Who let it be switched off although there are many, and why."""
    body: str | None
    """Its tombstone, JSON."""

    def __str__(self) -> str:
        """Kind/name, as in messages."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Graveyard:
    """Absences and tombstones of a journal; no key is needed to read them."""

    engine: Engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Open a journal; raises Invalid or Unavailable."""
        return cls(connect(url))

    def close(self) -> None:
        """Let go of connections."""
        self.engine.dispose()

    def missing(self) -> Sequence[Missing]:
        """Everything that is no longer declared and not purged, by customer."""
        with transaction(self.engine, writes=False) as connection:
            return missing(connection)

    def fleet(self, since: datetime) -> Mapping[str, Fleet]:
        """By kind, what is missing of all customers; what was retired since then counts, too."""
        with transaction(self.engine, writes=False) as connection:
            return fleet(connection, since)

    def purge(self, which: Sequence[Missing], said: str, now: datetime) -> int:
        """Let the retention of what is off end now; the next pass deletes it. Returns how many.

        `said` is who wants that and why, here and below: the history keeps it.
        """
        with transaction(self.engine, writes=True) as connection:
            return purge(connection, which, said, now)

    def approve(self, which: Sequence[Missing], digest: str, said: str, now: datetime) -> int:
        """Let these be retired although there are many. Returns how many still were missing."""
        approved = f"{said} ({now:%Y-%m-%dT%H:%M:%SZ})"
        change = update(ABSENCE).where(ABSENCE.c.retired.is_(None)).values(approved=approved)
        with transaction(self.engine, writes=True) as connection:
            return _act(connection, change, which, Act("approve", said, now, digest))


def missing(connection: Connection) -> Sequence[Missing]:
    """Everything that is no longer declared and not purged, by customer."""
    same = and_(*(ABSENCE.c[each] == TOMBSTONE.c[each] for each in WHOSE))
    columns = tuple(ABSENCE.c[each] for each in (*WHOSE, *_TOLD))
    query = (
        select(*columns, TOMBSTONE.c.body)
        .select_from(ABSENCE.outerjoin(TOMBSTONE, same))
        .order_by(*columns[: len(WHOSE)])
    )
    return [
        Missing(
            customer=row.customer,
            kind=row.owner_kind,
            name=row.owner_name,
            since=row.since,
            retired=row.retired,
            approved=row.approved,
            body=row.body,
        )
        for row in connection.execute(query)
    ]


def purge(connection: Connection, which: Sequence[Missing], said: str, now: datetime) -> int:
    """Let the retention of what is off end now; the next pass deletes it. Returns how many."""
    change = update(ABSENCE).where(ABSENCE.c.retired.is_not(None)).values(retired=LONG_AGO)
    return _act(connection, change, which, Act("purge", said, now))


def _act(connection: Connection, change: Update, which: Sequence[Missing], act: Act) -> int:
    """Write about some of the missing, and have a running operator look at them."""
    mark(connection, {each.customer for each in which})
    done = [each for each in which if connection.execute(change.where(_is(each))).rowcount]
    tell(connection, act, [each[:3] for each in done])
    return len(done)


def fleet(connection: Connection, since: datetime) -> Mapping[str, Fleet]:
    """By kind, what is missing of all customers; what was retired since then counts, too.

    Of kinds that hold claims one without any was renamed: what it had is another's now.
    """
    recent = ABSENCE.c.retired.is_(None) | (ABSENCE.c.retired >= since)
    live = BINDING.c.until.is_(None)
    has_claims = ABSENCE.c.owner_kind.in_(select(BINDING.c.owner_kind).where(live))
    holds = exists().where(live, *(BINDING.c[each] == ABSENCE.c[each] for each in WHOSE))
    counts = and_(recent, ABSENCE.c.approved == "", or_(~has_claims, holds))
    kind, number = ABSENCE.c.owner_kind, func.count().label("number")
    missing = select(kind, number).where(counts).group_by(kind)
    every = select(TOMBSTONE.c.owner_kind, number).group_by(TOMBSTONE.c.owner_kind)
    of = {row.owner_kind: row.number for row in connection.execute(every)}
    return {
        row.owner_kind: Fleet(row.number, of.get(row.owner_kind, 0))
        for row in connection.execute(missing)
    }


def _is(each: Missing) -> ColumnElement[bool]:
    return and_(
        ABSENCE.c.customer == each.customer,
        ABSENCE.c.owner_kind == each.kind,
        ABSENCE.c.owner_name == each.name,
    )
