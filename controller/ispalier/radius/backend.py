"""The SQL tables of one FreeRADIUS: read in one query, written in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import TableClause
from sqlalchemy.ext.asyncio import AsyncConnection

from ispalier import sql
from ispalier.core.changes import Change, ChangeSet, Verb
from ispalier.core.items import Item, Key
from ispalier.core.room import Results, Scope, Wiring
from ispalier.radius.items import as_address
from ispalier.radius.rows import Rows, kept, written
from ispalier.radius.statements import (
    CLEAR,
    EVERYTHING,
    INSERT,
    MARK,
    NAS_NAMES,
    PART,
    STOCK,
    UNMARK,
)
from ispalier.sql import Database, Values
from ispalier.world.errors import Invalid

_OWNER = ("installation", "customer", "kind", "name")


@dataclass(frozen=True, slots=True)
class RadiusTables:
    """The back end of one RADIUS host."""

    database: Database

    async def observe(self, scope: Scope) -> Sequence[Item]:
        """Every subscriber, group and client within the scope."""
        values = {} if scope.everything else _values(scope)
        rows = await self.database.rows(EVERYTHING if scope.everything else PART, values)
        found = Rows.of((row["source"], row["key"], row["columns"]) for row in rows)
        return list(found.items(self.database.host))

    async def apply(self, changes: ChangeSet) -> Results:
        """Make these changes; under a key that is ours every row is ours."""
        return await self.database.land(changes.changes, _write)

    async def close(self) -> None:
        """Let go of connections."""
        await self.database.close()


def connect(wiring: Wiring) -> RadiusTables:
    """The back end of a ServiceHost of type RADIUS."""
    if wiring.host is None or wiring.host.spec.radius is None:
        message = "a RADIUS host needs spec.radius"
        raise Invalid(message)
    url = wiring.secret(wiring.host.spec.radius.database.url_secret_ref)
    return RadiusTables(sql.connect(wiring.host.name, url, wiring.lease))


def _by_subject(keys: Iterable[Key]) -> Mapping[str, list[str]]:
    pairs = [key for key in keys if isinstance(key, tuple)]
    return {subject: sorted(key[1] for key in pairs if key[0] == subject) for subject in STOCK}


def _values(scope: Scope) -> Values:
    return {**_by_subject(scope.keys), "customers": sorted(scope.customers)}


async def _write(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    rewritten = [each for each in changes if each.verb is not Verb.ADOPT]
    await _clear(connection, _by_subject(each.key for each in rewritten))
    rows: dict[TableClause, list[Mapping[str, object]]] = {}
    for change in rewritten:
        if change.after is not None:
            for table, row in written(change.after):
                rows.setdefault(table, []).append(row)
    for table, values in rows.items():
        await connection.execute(INSERT[table], values)
    gone = _by_subject(each.key for each in changes if each.verb is Verb.DELETE)
    if any(gone.values()):
        await connection.execute(UNMARK, gone)
    marks = [_mark_of(each.after) for each in changes if each.after is not None]
    if marks:
        await connection.execute(MARK, marks)


async def _clear(connection: AsyncConnection, keys: Mapping[str, list[str]]) -> None:
    """Remove every row under these keys."""
    names = dict(keys)
    if keys["nas"]:
        spelt = await connection.scalars(NAS_NAMES)
        names["nas"] = [name for name in spelt if as_address(name) in keys["nas"]]
    for subject, statements in CLEAR.items():
        for statement in statements if names[subject] else ():
            await connection.execute(statement, {"keys": names[subject]})


def _mark_of(item: Item) -> Mapping[str, object]:
    subject, key = item.key if isinstance(item.key, tuple) else ("", "")
    owner = dict(zip(_OWNER, item.owner or (), strict=False))
    return {"key": key, "subject": subject, **owner, "retired": kept(item)}
