"""Dirty marks: whoever writes about a unit from outside a pass marks it in the same transaction."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from ispalier.journal.bindings import batched
from ispalier.journal.tables import DIRTY

_ALL = select(DIRTY.c.id, DIRTY.c.customer)


def mark(connection: Connection, customers: Collection[str]) -> None:
    """Have a running operator look at these customers at once; the provider is ""."""
    names, now = sorted(set(customers)), datetime.now(UTC)
    for some in batched(names):  # one of each is enough; where no operator runs, none piles up
        connection.execute(delete(DIRTY).where(DIRTY.c.customer.in_(some)))
    if names:
        connection.execute(insert(DIRTY), [{"customer": each, "at": now} for each in names])


def marks(connection: Connection) -> Mapping[int, str]:
    """Every mark, and whose it is."""
    return {row.id: row.customer for row in connection.execute(_ALL)}


def unmark(connection: Connection, found: Collection[int]) -> None:
    """Take these marks away; what was set meanwhile stays."""
    for some in batched(sorted(found)):
        connection.execute(delete(DIRTY).where(DIRTY.c.id.in_(some)))
