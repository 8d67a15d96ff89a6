"""Dirty marks: whoever writes about a unit from outside a pass marks it in the same transaction."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from ispalier.journal.bindings import batched
from ispalier.journal.tables import DIRTY

_ANY = select(DIRTY.c.id).limit(1)
_TAKE = delete(DIRTY).returning(DIRTY.c.customer)


def mark(connection: Connection, customers: Collection[str]) -> None:
    """Have a running operator look at these customers at once; the provider is ""."""
    names, now = sorted(set(customers)), datetime.now(UTC)
    for some in batched(names):  # one of each is enough; where no operator runs, none piles up
        connection.execute(delete(DIRTY).where(DIRTY.c.customer.in_(some)))
    if names:
        connection.execute(insert(DIRTY), [{"customer": each, "at": now} for each in names])


def is_marked(connection: Connection) -> bool:
    """Whether there is any mark."""
    return connection.execute(_ANY).first() is not None


def unmark(connection: Connection) -> frozenset[str]:
    """Take all marks away; returns whose they were."""
    return frozenset(connection.scalars(_TAKE))
