"""SQL statements on a RADIUS server's tables, built once: that costs more than running them."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    TableClause,
    Text,
    and_,
    any_,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.dialects.postgresql.dml import Insert
from sqlalchemy.types import NullType

from ispalier.radius.schema import (
    GROUP_CHECK,
    GROUP_REPLY,
    NAS,
    OWNER,
    USER_CHECK,
    USER_GROUP,
    USER_REPLY,
)
from ispalier.sql import among, texts, within

STOCK = {
    "user": (USER_CHECK, USER_REPLY, USER_GROUP),
    "group": (GROUP_CHECK, GROUP_REPLY),
    "nas": (NAS,),
}
"""FreeRADIUS' tables, by what their keys are; the first column of each is the key."""


def _texts(table: TableClause, where: ColumnElement[bool]) -> Select[Any]:
    """The table's name, the key, and the other columns as an array of texts."""
    key, *others = table.columns
    columns: array[Any] = array((cast(each, Text) for each in others), type_=Text)
    as_read = type_coerce(columns, NullType)  # the driver's list, not copied once more
    return select(
        literal(table.name).label("source"), key.label("key"), as_read.label("columns")
    ).where(where)


def _marked(subject: str) -> Select[Any]:
    ours = among(OWNER.c.customer, "customers")
    return select(OWNER.c.key).where(OWNER.c.subject == subject, ours)


def _named(subject: str) -> ColumnElement[bool]:
    return and_(OWNER.c.subject == subject, among(OWNER.c.key, subject))


def _owned() -> ColumnElement[bool]:
    """Marks of these keys and customers; the second half alone would read all marks."""
    ours = among(OWNER.c.customer, "customers")
    keys = [select(func.unnest(texts(each))) for each in STOCK]
    array_ = func.array(union_all(*keys, select(OWNER.c.key).where(ours)).scalar_subquery())
    return and_(OWNER.c.key == any_(array_), or_(ours, *(_named(each) for each in STOCK)))


def _marking() -> Insert:
    new = upsert(OWNER)
    key, subject, *others = (each.name for each in OWNER.c)
    return new.on_conflict_do_update(
        index_elements=[key, subject], set_={name: new.excluded[name] for name in others}
    )


EVERYTHING = union_all(
    *(_texts(table, true()) for table in (OWNER, *(t for each in STOCK.values() for t in each)))
)
PART = union_all(
    _texts(OWNER, _owned()),
    *(
        _texts(table, within(table.columns[0], subject, _marked(subject)))
        for subject in ("user", "group")
        for table in STOCK[subject]
    ),
    # NASes are few, and an IP address may be spelt in several ways: all of them or none.
    _texts(NAS, or_(func.cardinality(texts("nas")) > 0, _marked("nas").exists())),
)
"""Rows of these keys, given as `user`, `group` and `nas`, and of these `customers`."""

CLEAR = {
    subject: [delete(table).where(among(table.columns[0], "keys")) for table in tables]
    for subject, tables in STOCK.items()
}
"""Removes every row of these `keys`."""
INSERT = {table: insert(table) for tables in STOCK.values() for table in tables}
NAS_NAMES = select(NAS.c.nasname)
MARK = _marking()
UNMARK = delete(OWNER).where(or_(*(_named(each) for each in STOCK)))
"""Takes the marks of these keys away, given as `user`, `group` and `nas`."""
