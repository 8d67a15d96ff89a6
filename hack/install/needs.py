"""What the stack needs from the system, how to see that it is there, and who provides it."""

import importlib.util
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hack.stack.programs import lookup


@dataclass(frozen=True, slots=True)
class Need:
    """A program or a plug-in, and the Debian package in which it comes."""

    what: str
    package: str
    is_there: Callable[[], bool]


def _program(*names: str) -> Callable[[], bool]:
    return lambda: any(lookup(name) for name in names)


def _file(*patterns: str) -> Callable[[], bool]:
    def is_there() -> bool:
        found = itertools.chain.from_iterable(Path("/").glob(pattern) for pattern in patterns)
        return next(found, None) is not None

    return is_there


def _module(name: str) -> Callable[[], bool]:
    return lambda: importlib.util.find_spec(name) is not None


VENV = Need("Python's ensurepip (for virtual environments)", "python3-venv", _module("ensurepip"))

SERVERS = (
    Need("PostgreSQL 15 or newer", "postgresql", _program("postgres")),
    Need("FreeRADIUS 3.2", "freeradius", _program("freeradius", "radiusd")),
    Need(
        "FreeRADIUS' PostgreSQL driver",
        "freeradius-postgresql",
        _file("usr/lib*/freeradius/rlm_sql_postgresql.so", "usr/lib/*/freeradius/rlm_sql_post*.so"),
    ),
    Need("radclient", "freeradius-utils", _program("radclient")),
    Need("PowerDNS 4.7 or newer", "pdns-server", _program("pdns_server")),
    Need(
        "PowerDNS' SQLite backend",
        "pdns-backend-sqlite3",
        _file("usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"),
    ),
    Need(
        "PowerDNS' PostgreSQL backend",
        "pdns-backend-pgsql",
        _file("usr/share/pdns-backend-pgsql/schema/schema.pgsql.sql"),
    ),
    Need("Postfix 3.5 or newer", "postfix", _program("postfix")),
    Need(
        "Postfix' PostgreSQL look-ups",
        "postfix-pgsql",
        _file("usr/lib*/postfix/postfix-pgsql.so", "usr/lib*/postfix/**/postfix-pgsql.so"),
    ),
    Need("Dovecot 2.3 or newer with IMAP", "dovecot-imapd", _file("usr/lib*/dovecot/imap")),
    Need("Dovecot's LMTP server", "dovecot-lmtpd", _file("usr/lib*/dovecot/lmtp")),
    Need(
        "Dovecot's PostgreSQL driver",
        "dovecot-pgsql",
        _file("usr/lib*/dovecot/modules/**/libdriver_pgsql.so"),
    ),
    Need(
        "libfaketime (one process with another clock)",
        "libfaketime",
        _file("usr/lib/*/faketime/libfaketime.so.1", "usr/lib*/faketime/libfaketime.so.1"),
    ),
    Need("dig", "bind9-dnsutils", _program("dig")),
    Need("curl", "curl", _program("curl")),
)

PROMTOOL = Need("promtool (alerts are tested with it)", "prometheus", _program("promtool"))
