"""Missing: what is no longer declared, as the journal remembers it, for those who look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    select,
    update,
)

from ispalier.core.retention import Retention
from ispalier.core.weight import Fleet
from ispalier.journal.book import Book
from ispalier.journal.database import transaction
from ispalier.journal.dirty import mark
from ispalier.journal.history import Act, tell
from ispalier.journal.scales import fleet
from ispalier.journal.tables import ABSENCE, TOMBSTONE, WHOSE

_TOLD = ("since", "retired", "approved", "purge")


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
    keep_days: int | None
    """How long it wants to be kept once it is off; None is the default of its kind."""
    purge: str
    """When somebody wanted its data to be deleted before its time, who, and why."""

    def kept(self, retention: Retention) -> timedelta:
        """How long it is kept once it is off."""
        return retention.of(self.kind, self.keep_days, purge=self.purge)

    def when(self, retention: Retention, now: datetime) -> str:
        """When what is off is deleted, for people."""
        until = (self.retired or now) + self.kept(retention)
        if until <= now:
            return "by the next pass"
        return f"at {until:%Y-%m-%d %H:%M} UTC{' (legal minimum)' * bool(self.purge)}"

    def __str__(self) -> str:
        """Kind/name, as in messages."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Graveyard(Book):
    """Absences and tombstones of a journal; no key is needed to read them."""

    def missing(self) -> Sequence[Missing]:
        """Everything that is no longer declared and not purged, by customer."""
        with transaction(self.engine, writes=False) as connection:
            return missing(connection)

    def fleet(self, since: datetime) -> Mapping[str, Fleet]:
        """By kind, what is missing of all customers; what was retired since then counts, too."""
        with transaction(self.engine, writes=False) as connection:
            return fleet(connection, since)

    def purge(self, which: Sequence[Missing], said: str, now: datetime) -> int:
        """Let what is off be deleted as soon as it may be. Returns how many.

        `said` is who wants that and why: the history keeps it.
        """
        with transaction(self.engine, writes=True) as connection:
            return purge(connection, which, said, now)


def missing(connection: Connection) -> Sequence[Missing]:
    """Everything that is no longer declared and not purged, by customer."""
    same = and_(*(ABSENCE.c[each] == TOMBSTONE.c[each] for each in WHOSE))
    columns = tuple(ABSENCE.c[each] for each in (*WHOSE, *_TOLD))
    query = (
        select(*columns, TOMBSTONE.c.body, TOMBSTONE.c.keep_days)
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
            keep_days=row.keep_days,
            purge=row.purge,
        )
        for row in connection.execute(query)
    ]


def purge(connection: Connection, which: Sequence[Missing], said: str, now: datetime) -> int:
    """Let what is off be deleted as soon as it may be. Returns how many.

    A running operator looks at them at once.
    """
    mark(connection, {each.customer for each in which})
    wanted = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} by {said}"
    change = update(ABSENCE).where(ABSENCE.c.retired.is_not(None)).values(purge=wanted)
    done = [each for each in which if connection.execute(change.where(_is(each))).rowcount]
    tell(connection, Act("purge", said, now), [each[:3] for each in done])
    return len(done)


def _is(each: Missing) -> ColumnElement[bool]:
    return and_(
        ABSENCE.c.customer == each.customer,
        ABSENCE.c.owner_kind == each.kind,
        ABSENCE.c.owner_name == each.name,
    )
