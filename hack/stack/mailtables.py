"""The tables from which Postfix and Dovecot serve mail."""

DDL = """
CREATE TABLE mail_domain (
    name         text PRIMARY KEY,
    active       boolean NOT NULL,
    installation text,
    customer     text,
    kind         text,
    owner        text
);
CREATE TABLE mailbox (
    address      text PRIMARY KEY,
    domain       text NOT NULL,
    password     text NOT NULL,     -- with its {SCHEME}
    quota_bytes  bigint,            -- NULL: no limit
    login        boolean NOT NULL,  -- IMAP and submission
    deliver      boolean NOT NULL,  -- receives; false bounces
    installation text,
    customer     text,
    kind         text,
    owner        text
);
CREATE TABLE mail_alias (
    address      text,
    goto         text,
    active       boolean NOT NULL,
    installation text,
    customer     text,
    kind         text,
    owner        text,
    PRIMARY KEY (address, goto)
);
"""
