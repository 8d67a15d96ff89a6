"""Holds: what is held back of whom, added and closed in one transaction with the dirty marks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from ispalier.journal.book import Book
from ispalier.journal.database import transaction
from ispalier.journal.dirty import mark
from ispalier.journal.history import Act, tell
from ispalier.journal.tables import HOLD, TOMBSTONE, of_customers
from ispalier.world.effect import ACTS_ON, Effect
from ispalier.world.holds import Hold

_OPEN = HOLD.c.ended.is_(None)
_EVERYBODY = select(HOLD).where(_OPEN).order_by(HOLD.c.customer, HOLD.c.id)
_SOME = of_customers(_EVERYBODY, HOLD)


class Held(NamedTuple):
    """A hold, and whose."""

    customer: str
    hold: Hold


@dataclass(frozen=True, slots=True)
class Holds(Book):
    """The holds of a journal; no key is needed for them."""

    def all(self) -> Sequence[Held]:
        """Everything that is not released, by customer."""
        with transaction(self.engine, writes=False) as connection:
            found = holds(connection)
        return [Held(customer, hold) for customer, each in found.items() for hold in each]

    def customers_of(self, kind: str, name: str) -> Sequence[str]:
        """Whose resource was ever declared under this name and is not purged."""
        query = select(TOMBSTONE.c.customer).where(
            TOMBSTONE.c.owner_kind == kind, TOMBSTONE.c.owner_name == name
        )
        with transaction(self.engine, writes=False) as connection:
            return sorted(connection.scalars(query)) if kind in ACTS_ON else []

    def bodies(self, customer: str, kind: str) -> Mapping[str, str]:
        """A customer's resources of a kind as last declared (JSON), by name; the newest last."""
        query = (
            select(TOMBSTONE)
            .where(TOMBSTONE.c.customer == customer, TOMBSTONE.c.owner_kind == kind)
            .order_by(TOMBSTONE.c.changed)
        )
        with transaction(self.engine, writes=False) as connection:
            return {row.owner_name: row.body for row in connection.execute(query)}

    def place(self, held: Held, now: datetime) -> Held:
        """Hold something back; returns the hold that is in the journal then, with its id.

        The same once more changes nothing. Another of the same source and effect on the same
        subject takes its place.
        """
        customer, hold = held
        query = _EVERYBODY.where(
            HOLD.c.customer == customer,
            HOLD.c.owner_kind == hold.kind,
            HOLD.c.owner_name == hold.name,
            HOLD.c.source == hold.source,
            HOLD.c.effect == hold.effect.value,
        )
        with transaction(self.engine, writes=True) as connection:
            there = [_hold(row) for row in connection.execute(query)]
            for each in there:
                if each._replace(id=0, by="", since=now) == hold._replace(id=0, by="", since=now):
                    return Held(customer, each)
            mark(connection, [customer])
            _end(connection, [each.id for each in there], hold.by, now)
            made = connection.execute(insert(HOLD).values(customer=customer, **_row(hold)))
            said = f"{hold.by}: {hold.source} {hold.effect}: {hold.reason}"
            tell(connection, Act("hold", said, now), [(customer, hold.kind, hold.name)])
            (id_,) = made.inserted_primary_key or (0,)
            return Held(customer, hold._replace(id=id_))

    def release(self, which: Collection[Held], by: str, now: datetime) -> int:
        """End holds now; returns how many had not ended yet."""
        with transaction(self.engine, writes=True) as connection:
            return release(connection, which, by, now)


def release(connection: Connection, which: Collection[Held], by: str, now: datetime) -> int:
    """End holds now; returns how many had not ended yet."""
    mark(connection, {each.customer for each in which})
    for customer, hold in which:
        said = f"{by}: {hold.source} {hold.effect}"
        tell(connection, Act("release", said, now), [(customer, hold.kind, hold.name)])
    return _end(connection, [each.hold.id for each in which], by, now)


def holds(
    connection: Connection, customers: Collection[str] | None = None
) -> Mapping[str, Sequence[Hold]]:
    """What is held and not released, by customer; of these, or of all."""
    if customers is None:
        rows = connection.execute(_EVERYBODY)
    else:
        rows = connection.execute(_SOME, {"customers": list(customers)})
    found: dict[str, list[Hold]] = {}
    for row in rows:
        found.setdefault(row.customer, []).append(_hold(row))
    return found


def _end(connection: Connection, ids: Sequence[int], by: str, now: datetime) -> int:
    if not ids:
        return 0
    which = update(HOLD).where(HOLD.c.id.in_(ids), _OPEN)
    return connection.execute(which.values(ended=now, ended_by=by)).rowcount


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        id=row.id,
        kind=row.owner_kind,
        name=row.owner_name,
        source=row.source,
        by=row.set_by,
        reason=row.reason,
        effect=Effect(row.effect),
        stops_billing=row.billing == "Stop",
        since=row.since,
        until=row.until,
    )


def _row(hold: Hold) -> dict[str, object]:
    return {
        "owner_kind": hold.kind,
        "owner_name": hold.name,
        "source": hold.source,
        "set_by": hold.by,
        "reason": hold.reason,
        "effect": hold.effect.value,
        "billing": "Stop" if hold.stops_billing else "Continue",
        "since": hold.since,
        "until": hold.until,
    }
