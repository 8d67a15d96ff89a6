"""The SQL tables of one FreeRADIUS: read in one query, written in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    TableClause,
    Text,
    and_,
    cast,
    delete,
    insert,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from ispalier import sql
from ispalier.core.changes import Change, ChangeSet, Verb
from ispalier.core.items import Item, Key
from ispalier.core.room import Results, Scope, Wiring
from ispalier.radius.items import as_address
from ispalier.radius.rows import Rows, kept, written
from ispalier.radius.schema import NAS, OWNER, STOCK
from ispalier.sql import Database, among, within
from ispalier.world.errors import Invalid

_MARK = ("installation", "customer", "kind", "name")


@dataclass(frozen=True, slots=True)
class RadiusTables:
    """The back end of one RADIUS host."""

    database: Database

    async def observe(self, scope: Scope) -> Sequence[Item]:
        """Every subscriber, group and client within the scope."""
        rows = await self.database.rows(_query(scope))
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
    return RadiusTables(sql.connect(wiring.host.name, url))


def _query(scope: Scope) -> CompoundSelect[Any]:
    """One query for all tables: the table's name, the key, the other columns as text."""
    if scope.everything:
        tables = [table for each in STOCK.values() for table in each]
        return union_all(*(_texts(table, true()) for table in (OWNER, *tables)))
    keys = _by_subject(scope.keys)
    customers = among(OWNER.c.customer, sorted(scope.customers))
    named = [
        and_(OWNER.c.subject == subject, among(OWNER.c.key, keys[subject])) for subject in STOCK
    ]
    parts = [_texts(OWNER, or_(customers, *named))]
    for subject in ("user", "group"):
        marked = select(OWNER.c.key).where(OWNER.c.subject == subject, customers)
        parts += [
            _texts(table, within(table.columns[0], keys[subject], marked))
            for table in STOCK[subject]
        ]
    # NASes are few, and an IP address may be spelt in several ways: all of them or none.
    marked = select(OWNER.c.key).where(OWNER.c.subject == "nas", customers)
    parts.append(_texts(NAS, true() if keys["nas"] else marked.exists()))
    return union_all(*parts)


def _texts(table: TableClause, where: ColumnElement[bool]) -> Select[Any]:
    key, *others = table.columns
    columns: array[Any] = array((cast(each, Text) for each in others), type_=Text)
    return select(
        literal(table.name).label("source"), key.label("key"), columns.label("columns")
    ).where(where)


def _by_subject(keys: Iterable[Key]) -> Mapping[str, list[str]]:
    pairs = [key for key in keys if isinstance(key, tuple)]
    return {subject: sorted(key[1] for key in pairs if key[0] == subject) for subject in STOCK}


async def _write(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    rewritten = [each for each in changes if each.verb is not Verb.ADOPT]
    await _clear(connection, _by_subject(each.key for each in rewritten))
    rows: dict[TableClause, list[Mapping[str, object]]] = {}
    for change in rewritten:
        if change.after is not None:
            for table, row in written(change.after):
                rows.setdefault(table, []).append(row)
    for table, values in rows.items():
        await connection.execute(insert(table), values)
    await _mark(connection, changes)


async def _clear(connection: AsyncConnection, keys: Mapping[str, list[str]]) -> None:
    """Remove every row under these keys."""
    names = dict(keys)
    if keys["nas"]:
        spelt = await connection.scalars(select(NAS.c.nasname))
        names["nas"] = [name for name in spelt if as_address(name) in keys["nas"]]
    for subject, tables in STOCK.items():
        for table in tables if names[subject] else ():
            await connection.execute(delete(table).where(among(table.columns[0], names[subject])))


async def _mark(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    """Write whose the items are; take away the marks of those that are gone."""
    gone = _by_subject(each.key for each in changes if each.verb is Verb.DELETE)
    for subject, keys in gone.items():
        if keys:
            which = and_(OWNER.c.subject == subject, among(OWNER.c.key, keys))
            await connection.execute(delete(OWNER).where(which))
    marks = [_mark_of(each.after) for each in changes if each.after is not None]
    if marks:
        new = upsert(OWNER)
        columns = [each.name for each in OWNER.c]
        statement = new.on_conflict_do_update(
            index_elements=columns[:2], set_={name: new.excluded[name] for name in columns[2:]}
        )
        await connection.execute(statement, marks)


def _mark_of(item: Item) -> Mapping[str, object]:
    subject, key = item.key if isinstance(item.key, tuple) else ("", "")
    owner = dict(zip(_MARK, item.owner or (), strict=False))
    return {"key": key, "subject": subject, **owner, "retired": kept(item)}
