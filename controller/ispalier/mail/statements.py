"""SQL statements on the mail tables, built once: putting them together costs more than they do."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    cast,
    delete,
    insert,
    literal,
    null,
    select,
    true,
    union_all,
    update,
)

from ispalier.mail.schema import ALIAS, DOMAIN, MAILBOX, MARK
from ispalier.sql import among, within

TABLES = {"domain": DOMAIN, "mailbox": MAILBOX, "alias": ALIAS}
"""By what their keys are; the first column of each is the key."""
_COLUMNS = {column.name: column for table in TABLES.values() for column in table.c}


def _rows(subject: str, where: ColumnElement[bool]) -> Select[Any]:
    """The subject and every column of any table; null where this one has none."""
    there = TABLES[subject].c
    columns: Iterable[ColumnElement[Any]] = (
        there[name] if name in there else cast(null(), column.type).label(name)
        for name, column in _COLUMNS.items()
    )
    return select(literal(subject).label("subject"), *columns).where(where)


def _part(subject: str) -> Select[Any]:
    table = TABLES[subject]
    key = table.columns[0]
    marked = select(key).where(among(table.c.customer, "customers"))
    return _rows(subject, within(key, subject, marked))


EVERYTHING = union_all(*(_rows(subject, true()) for subject in TABLES))
PART = union_all(*map(_part, TABLES))
"""Rows of these keys, given as `domain`, `mailbox` and `alias`, and of these `customers`."""
CLEAR = {
    subject: delete(table).where(among(table.columns[0], "keys"))
    for subject, table in TABLES.items()
}
"""Removes every row of these `keys`."""
INSERT = {subject: insert(table) for subject, table in TABLES.items()}
ADOPT = {
    subject: update(table)
    .where(table.columns[0] == bindparam("adopted"))
    .values({name: bindparam(name) for name in MARK})
    for subject, table in TABLES.items()
}
"""Marks the rows of the key `adopted`."""
