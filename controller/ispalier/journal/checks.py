"""Checks: whether a journal is what it should be; it is looked at, not migrated."""

from collections.abc import Iterator, Mapping
from contextlib import closing

from sqlalchemy import Connection, Engine, and_, exists, func, inspect, not_, or_, select, text

from ispalier.core.gather import Identity
from ispalier.journal.database import attach, last_revision, revision, told
from ispalier.journal.identity import check_installation, check_source, meta
from ispalier.journal.seal import Seal
from ispalier.journal.tables import (
    ABSENCE,
    ADDRESS,
    BATCH,
    BINDING,
    CHOICE,
    ENTRY,
    FACT,
    HOST,
    LEDGER,
    PASSWORD,
    TOMBSTONE,
    WHOSE,
)
from ispalier.world.errors import Invalid, IspalierError

_LIVE = BINDING.c.until.is_(None)
_COUNTED = {
    "claims": select(func.count()).select_from(BINDING).where(_LIVE),
    "choices": select(func.count()).select_from(CHOICE),
    "passwords": select(func.count()).select_from(PASSWORD),
    "resources": select(func.count()).select_from(TOMBSTONE),
    "missing": select(func.count()).select_from(ABSENCE),
    "facts": select(func.count()).select_from(FACT),
    "entries": select(func.count()).select_from(ENTRY),
    "batches": select(func.count()).select_from(BATCH),
    "hosts": select(func.count()).select_from(HOST),
}
_SQLITE_TRIGGERS = frozenset(
    f"{table.name}_no_{verb}" for table in LEDGER for verb in ("update", "delete")
)
_TRIGGERS = frozenset(f"{table.name}_only_grows" for table in LEDGER)
_SHOWN = 5


def counts(engine: Engine) -> Mapping[str, int]:
    """How much a journal holds."""
    with told(), engine.connect() as connection:
        connection.execution_options(writes=False)
        return {name: connection.scalar(query) or 0 for name, query in _COUNTED.items()}


def findings(url: str, identity: Identity | None) -> list[str]:
    """What is wrong with a journal, a line each; without an identity its key is not tried."""
    engine = attach(url)
    try:
        with told(), engine.connect() as connection:
            connection.execution_options(writes=False)
            there = revision(connection)
            if there != last_revision():
                what = f"its schema is of revision {there or 'none'}, this version's is"
                remedy = "a controller of this version migrates it when it starts"
                if there > last_revision():
                    remedy = "use the later version of ispalier that made it"
                return [f"{what} {last_revision()}: {remedy}"]
            return [
                *_whole(connection),
                *_identity(connection, identity),
                *_triggers(connection),
                *_claims(connection),
                *_dangling(connection),
                *(_passwords(connection, Seal(identity.key)) if identity else ()),
            ]
    finally:
        engine.dispose()


def _whole(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        for row in connection.execute(text("PRAGMA integrity_check")):
            if row[0] != "ok":
                yield f"the database is damaged: {row[0]}: restore it from a backup"


def _identity(connection: Connection, identity: Identity | None) -> Iterator[str]:
    if identity is None:
        return
    says = meta(connection)
    for name, value in (("key", Seal(identity.key).check), ("installation", identity.installation)):
        try:
            check_installation(says, name, value)
        except Invalid as error:
            yield str(error)
    try:
        check_source(says.get("source", ""), identity.source)
    except IspalierError as error:
        yield str(error)


def _triggers(connection: Connection) -> Iterator[str]:
    """What keeps the ledger append-only must be there and switched on."""
    if connection.dialect.name == "sqlite":
        query, wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger'", _SQLITE_TRIGGERS
    else:
        query, wanted = "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')", _TRIGGERS
    there = set(connection.scalars(text(query)))
    for name in sorted(wanted - there):
        yield f"the trigger {name}, which keeps the ledger append-only, is not there: restore it"


def _claims(connection: Connection) -> Iterator[str]:
    several = func.count() > 1
    columns = (BINDING.c.kind, BINDING.c.value)
    for row in connection.execute(select(*columns).where(_LIVE).group_by(*columns).having(several)):
        yield f"{row.kind} '{row.value}' is claimed twice: restore the journal from a backup"
    indexes = inspect(connection).get_indexes(BINDING.name)
    if not any(each["name"] == "binding_live" and each["unique"] for each in indexes):
        yield "the index binding_live, which keeps claims unique, is not there: restore it"


def _dangling(connection: Connection) -> Iterator[str]:
    """Rows of whom nothing else is known, and IP addresses in use that nobody was given."""
    for table in (CHOICE, PASSWORD, ABSENCE):
        known = [
            exists().where(*(other.c[each] == table.c[each] for each in WHOSE))
            for other in (BINDING, TOMBSTONE)
        ]
        is_tenant = table.c.owner_kind == "Tenant"
        query = select(*(table.c[each] for each in WHOSE)).where(not_(or_(*known)), not_(is_tenant))
        names = [
            f"{row.owner_kind}/{row.owner_name}" for row in connection.execute(query.distinct())
        ]
        yield from _named(names, f"rows in '{table.name}' of whom nothing else is known")
    bound = and_(_LIVE, BINDING.c.kind == "IP address", BINDING.c.value == ADDRESS.c.address)
    query = select(ADDRESS.c.address).where(ADDRESS.c.quarantined == 0, not_(exists().where(bound)))
    yield from _named(
        list(connection.scalars(query)), "IP addresses in the register that nobody was given"
    )


def _named(names: list[str], what: str) -> Iterator[str]:
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield f"{what}: {', '.join(sorted(names)[:_SHOWN])}{more}"


def _passwords(connection: Connection, seal: Seal) -> Iterator[str]:
    with closing(connection.execute(select(PASSWORD))) as rows:
        closed = [
            f"{row.owner_kind}/{row.owner_name}"
            for row in rows
            if isinstance(seal.open(row.sealed), Invalid)
        ]
    yield from _named(closed, "passwords that this key does not open")
