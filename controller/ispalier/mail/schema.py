"""The tables from which Postfix and Dovecot serve mail, and whose each row is."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, Boolean, ColumnClause, Text, column, table

from ispalier import epoch

DDL = (
    """
CREATE TABLE IF NOT EXISTS mail_domain (
    name         text PRIMARY KEY,
    active       boolean NOT NULL,
    installation text,              -- without a mark a row is nobody's, and is left alone
    customer     text,
    kind         text,
    owner        text
);
CREATE TABLE IF NOT EXISTS mailbox (
    address      text PRIMARY KEY,
    domain       text NOT NULL,
    password     text NOT NULL,     -- with its {SCHEME}
    quota_bytes  bigint,            -- NULL: no limit
    login        boolean NOT NULL,  -- IMAP and submission
    deliver      boolean NOT NULL,  -- receives; false bounces
    submit       boolean NOT NULL DEFAULT true,  -- with login: submission too
    installation text,
    customer     text,
    kind         text,
    owner        text
);
CREATE TABLE IF NOT EXISTS mail_alias (
    address      text,
    goto         text,              -- one row for each target
    active       boolean NOT NULL,
    installation text,
    customer     text,
    kind         text,
    owner        text,
    PRIMARY KEY (address, goto)
);
ALTER TABLE mailbox ADD COLUMN IF NOT EXISTS submit boolean NOT NULL DEFAULT true;
CREATE INDEX IF NOT EXISTS mail_domain_customer ON mail_domain (customer);
CREATE INDEX IF NOT EXISTS mailbox_customer ON mailbox (customer);
CREATE INDEX IF NOT EXISTS mail_alias_customer ON mail_alias (customer);
"""
    + epoch.DDL
)
"""What a host needs; running it again is harmless."""

MARK = ("installation", "customer", "kind", "owner")


def _marks() -> Iterator[ColumnClause[str]]:
    return (column(each, Text) for each in MARK)


# The first column of each is the key that it is read and written by.
DOMAIN = table("mail_domain", column("name", Text), column("active", Boolean), *_marks())
MAILBOX = table(
    "mailbox",
    *(column(each, Text) for each in ("address", "domain", "password")),
    column("quota_bytes", BigInteger),
    *(column(each, Boolean) for each in ("login", "deliver", "submit")),
    *_marks(),
)
ALIAS = table(
    "mail_alias",
    column("address", Text),
    column("goto", Text),
    column("active", Boolean),
    *_marks(),
)
