"""The register of IP addresses: one table in the journal's database."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from ispalier.core.changes import Change, ChangeSet, Verb
from ispalier.core.items import Item, Key, Owner
from ispalier.core.lease import Lease
from ispalier.core.room import Results, Scope, Wiring
from ispalier.ipam.desired import REGISTER, Address
from ispalier.journal.database import connect as database
from ispalier.journal.lock import BACKENDS, fence
from ispalier.journal.tables import ADDRESS
from ispalier.world.errors import IspalierError, Refused, Unavailable
from ispalier.world.state import State

_EVERYTHING = select(ADDRESS)
_PART = _EVERYTHING.where(
    or_(
        ADDRESS.c.customer.in_(bindparam("customers", expanding=True)),
        ADDRESS.c.address.in_(bindparam("addresses", expanding=True)),
    )
)
"""Entries of these `customers` and of these `addresses`."""


class Register:
    """The back end of own pools."""

    def __init__(self, engine: Engine, lease: Lease | None = None) -> None:
        self._engine = engine
        self._lease = lease

    async def observe(self, scope: Scope) -> Sequence[Item]:
        """The entries of these customers, and of these IP addresses."""
        return await asyncio.to_thread(self._observe, scope)

    async def apply(self, changes: ChangeSet) -> Results:
        """Write the entries in one transaction."""
        return await asyncio.to_thread(self._apply, changes)

    async def close(self) -> None:
        """Let go of connections."""
        await asyncio.to_thread(self._engine.dispose)

    def _observe(self, scope: Scope) -> Sequence[Item]:
        named = sorted(str(key[1]) for key in scope.keys if isinstance(key, tuple))
        values = {"customers": sorted(scope.customers), "addresses": named}
        with _told(), self._engine.connect().execution_options(writes=False) as connection:
            rows = connection.execute(*(_EVERYTHING,) if scope.everything else (_PART, values))
            return [_item(row) for row in rows]

    def _apply(self, changes: ChangeSet) -> Results:
        results: dict[Key, IspalierError | None] = {}
        with _told(), self._engine.begin() as connection:
            if self._lease is not None:
                fence(connection, BACKENDS, self._lease)
            for change in changes:
                try:
                    with connection.begin_nested():
                        _write(connection, change)
                    results[change.key] = None
                except (DataError, IntegrityError) as error:
                    results[change.key] = Refused(f"the register refuses it: {error.orig}")
        return results


def connect(wiring: Wiring) -> Register:
    """The register beside the journal."""
    return Register(database(wiring.journal_url), wiring.lease)


def _write(connection: Connection, change: Change) -> None:
    """Write an entry, or take it out; savepoints keep a bad one from the others."""
    address = _address(change)
    here = ADDRESS.c.address == address.address
    if change.verb is Verb.DELETE:
        connection.execute(delete(ADDRESS).where(here))
        return
    changed = connection.execute(update(ADDRESS).where(here).values(_row(address)))
    if not changed.rowcount:
        connection.execute(insert(ADDRESS).values(_row(address)))


def _address(change: Change) -> Address:
    match change.item:
        case Address() as address:
            return address
        case other:
            message = f"the register holds IP addresses only, not {other.key}"
            raise TypeError(message)


def _row(address: Address) -> dict[str, str | int]:
    owner = address.owner or Owner("", "", "", "")
    return {
        "address": address.address,
        "pool": address.pool,
        "used_by": address.used_by,
        "quarantined": int(address.state is State.RETIRED),
        "installation": owner.installation,
        "customer": owner.customer,
        "owner_kind": owner.kind,
        "owner_name": owner.name,
    }


def _item(row: "Row[tuple[object, ...]]") -> Address:
    marked = row.installation is not None
    return Address(
        host=REGISTER,
        owner=Owner(row.installation, row.customer, row.owner_kind, row.owner_name)
        if marked
        else None,
        state=State.RETIRED if row.quarantined else State.ACTIVE,
        address=row.address,
        pool=row.pool,
        used_by=row.used_by,
    )


@contextmanager
def _told() -> Iterator[None]:
    """Tell a database that fails as Unavailable: nothing of the transaction was kept."""
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        message = f"host '{REGISTER}', the journal's database, does not answer: {reason}"
        raise Unavailable(message) from error
