"""SQL statements on the mail tables, built once: putting them together costs more than they do."""

from sqlalchemy import Select, TableClause, bindparam, delete, insert, select, update

from ispalier.mail.schema import ALIAS, DOMAIN, MAILBOX, MARK
from ispalier.sql import among, within

TABLES = {"domain": DOMAIN, "mailbox": MAILBOX, "alias": ALIAS}
"""By what their keys are; the first column of each is the key."""


def _part(table: TableClause) -> "Select[tuple[object, ...]]":
    key = table.columns[0]
    marked = select(key).where(among(table.c.customer, "customers"))
    return select(*table.c).where(within(key, "keys", marked))


EVERYTHING = {subject: select(*table.c) for subject, table in TABLES.items()}
PART = {subject: _part(table) for subject, table in TABLES.items()}
"""Rows of these `keys` and of these `customers`."""
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
