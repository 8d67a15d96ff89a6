"""The journal's database: SQLite by default, PostgreSQL by URL; its schema by Alembic."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    column,
    create_engine,
    event,
    func,
    inspect,
    select,
    table,
)
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError, InternalError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from ispalier.journal.tables import metadata
from ispalier.world.errors import Invalid, Unavailable

MEMORY = "sqlite://"

_MIGRATIONS = Path(__file__).parent / "migrations"
VERSION = table("alembic_version", column("version_num"))
"""Alembic's own."""
_REMEDIES = {
    "readonly database": "run as the user whose journal it is, on a disk that can be written",
    "unable to open": "its folder must be there, and yours to write to",
    "disk I/O error": "see whether its disk is full or broken",
    "disk is full": "free space on its disk",
    "is locked": "another program keeps it: end that, or try again",
    "not a database": "name the right file, or restore it from a backup",
    "malformed": "it is damaged: restore it from a backup, or see `ispalier journal rebuild`",
    "permission denied": "grant what it needs to the role in ISPALIER_JOURNAL_URL",
    "Connection refused": "see that it runs, and that ISPALIER_JOURNAL_URL names it",
    "failed to resolve host": "correct the host in ISPALIER_JOURNAL_URL",
    "read-only transaction": "name the primary in ISPALIER_JOURNAL_URL, not a standby",
}
"""By what a database says."""


def connect(url: str) -> Engine:
    """A database that has this version's schema; older ones are migrated.

    Raises Invalid for a URL that names no database and for a schema of a later version,
    Unavailable if it does not answer.
    """
    engine = _engine(url)
    try:
        with told(), engine.begin() as connection:
            if url == MEMORY:
                metadata.create_all(connection)
            else:
                _migrate(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def attach(url: str) -> Engine:
    """A database as it is, which is not migrated; raises Invalid for a URL that names none."""
    return _engine(url)


def revision(connection: Connection) -> str:
    """The revision of a database's schema; empty if it has none."""
    if not inspect(connection).has_table(VERSION.name):
        return ""
    return str(connection.scalar(select(VERSION.c.version_num)) or "")


def last_revision() -> str:
    """The revision of this version's schema; files are named after their revisions."""
    return max(_revisions())


def _revisions() -> set[str]:
    files = (_MIGRATIONS / "versions").glob("[0-9]*.py")
    return {file.name.partition("_")[0] for file in files}


@contextmanager
def told() -> Iterator[None]:
    """Tell a database that fails as Unavailable: nothing of the transaction was kept."""
    try:
        yield
    except DatabaseError as error:
        reason = _reason(error)
        remedy = next((each for said, each in _REMEDIES.items() if said in reason), "")
        if not remedy and not isinstance(error, (OperationalError, InternalError)):
            raise  # a fault of ours
        message = f"the journal does not answer: {reason}{': ' * bool(remedy)}{remedy}"
        raise Unavailable(message) from error


@contextmanager
def transaction(engine: Engine, *, writes: bool) -> Iterator[Connection]:
    """One transaction; raises Unavailable if the database fails."""
    with (
        told(),
        engine.connect() as connection,
        connection.execution_options(writes=writes).begin(),
    ):
        yield connection


def file_of(url: str) -> Path | None:
    """The file of a journal on SQLite; None for one in memory or on a server."""
    parsed = _parsed(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, ":memory:")
    return Path(str(parsed.database)) if is_file else None


def check_there(url: str) -> None:
    """Raise Invalid for a file that is not there: who only looks makes no journal."""
    file = file_of(url)
    if file is not None and not file.exists():
        message = (
            f"there is no journal {file}: the first `ispalier apply` or `ispalier run` makes it; if"
            " it was made, name the folder that it stands in, or set ISPALIER_JOURNAL_URL"
        )
        raise Invalid(message)


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        message = "the journal's URL must read like sqlite:///ispalier.db or postgresql://host/name"
        raise Invalid(message) from error


def _engine(url: str) -> Engine:
    """Of several connections the last used is used next: each has a cache that it would fill."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        engine = (
            create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
            if url == MEMORY
            else create_engine(url, connect_args={"timeout": 30}, pool_use_lifo=True)
        )
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
        return engine
    if parsed.get_backend_name() == "postgresql":
        driven = parsed.set(drivername="postgresql+psycopg")
        return create_engine(driven, pool_pre_ping=True, pool_use_lifo=True)
    message = f"a journal on {parsed.get_backend_name()} is not supported: use sqlite or postgresql"
    raise Invalid(message)


def _on_sqlite_connect(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:  # noqa: ARG001 - the event's shape
    """Durable, with readers beside the writer; transactions begin where we say (SQLAlchemy docs)."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA cache_size=-512")  # KB of each connection; the system caches files, too
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    """A writer waits for its turn at the start, not half-way."""
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(connection: Connection) -> None:
    """To this version's schema; of several controllers that start at once, one after the other."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(0x15FB)))
    there = revision(connection)
    if there == last_revision():
        return
    if there and there not in _revisions():
        message = (
            f"the journal is of a later version of ispalier (its schema is {there}, this version's"
            f" {last_revision()}): use that version, or restore a backup from before"
        )
        raise Invalid(message)
    from alembic import command  # noqa: PLC0415 - loading it takes longer than most commands
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _reason(error: DatabaseError) -> str:
    """The first line of what the database said."""
    return str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
