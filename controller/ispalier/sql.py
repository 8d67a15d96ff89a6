"""SQL databases of systems: one reader and one writer for all rooms, errors in our own words."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from psycopg import Error as DriverError
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    RowMapping,
    Select,
    Text,
    any_,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ispalier import epoch
from ispalier.core.changes import Change
from ispalier.core.lease import Lease
from ispalier.core.room import Results
from ispalier.world.errors import Invalid, Refused, Unavailable
from ispalier.world.secret import Secret

Write: TypeAlias = Callable[[AsyncConnection, Sequence[Change]], Awaitable[None]]
"""Writes changes on a connection, in as few statements as it can."""

Values: TypeAlias = Mapping[str, Sequence[str]]
"""What a query is asked for, by the names of its parameters."""

T = TypeVar("T")

CONNECT_TIMEOUT = 5
"""Seconds; less than the engine gives a whole call, so that the reason can be told."""

_BAD_DATA = (DataError, IntegrityError, UnicodeError)


@dataclass(frozen=True, slots=True)
class Database:
    """The database of one ServiceHost; `reader` is the engine outside of transactions."""

    host: str
    engine: AsyncEngine
    reader: AsyncEngine
    lease: Lease | None = None

    async def rows(self, query: Executable, values: Values) -> Sequence[RowMapping]:
        """What a query finds with its values, columns by name."""

        async def read() -> Sequence[RowMapping]:
            async with self.reader.connect() as connection:
                return (await connection.execute(query, values)).mappings().all()

        return await self._surely(read)

    async def land(self, changes: Sequence[Change], write: Write) -> Results:
        """Write all changes in one transaction, and without those that the database refuses."""

        async def write_all() -> Results:
            try:
                async with self._writing() as connection:
                    await write(connection, changes)
            except _BAD_DATA:
                async with self._writing() as connection:
                    return await _split(connection, changes, write)
            return dict.fromkeys(each.key for each in changes)

        return await self._surely(write_all)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that raises Lost if another process writes now."""
        async with self.engine.begin() as connection:
            if self.lease is not None:
                await epoch.fence(connection, self.lease)
            yield connection

    async def run(self, statements: str) -> None:
        """Run DDL, all of it in one transaction."""

        async def make() -> None:
            async with self.engine.begin() as connection:
                options = {"no_parameters": True}
                await connection.exec_driver_sql(statements, execution_options=options)

        await self._surely(make)

    async def close(self) -> None:
        """Let go of connections."""
        await self.engine.dispose()

    async def _surely(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it, and again on a new connection if the one at hand was dead: twice is harmless."""
        with self._told():
            try:
                return await work()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            return await work()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what went wrong without the statement and its values: they may be secret."""
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise self._translated(error) from None

    def _translated(self, error: Exception) -> Unavailable | Refused:
        url = self.engine.url
        where = f"the database of host '{self.host}' ({url.host}:{url.port or 5432}/{url.database})"
        reason = _reason(error)
        match _sqlstate(error):
            case "42P01" | "42703":
                return Refused(
                    f"{where} lacks a table: {reason}:"
                    f" run `ispalier backend schema {self.host} --apply`"
                )
            case "42501":
                return Refused(f"{where} does not let us: {reason}: grant it to our role")
            case _:
                return Unavailable(f"{where} does not answer: {reason}")


def connect(host: str, url: Secret, lease: Lease | None = None) -> Database:
    """The database at a URL; no connection is made before the first use."""
    engine = create_async_engine(
        _postgresql(host, url),
        hide_parameters=True,
        pool_use_lifo=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT, "application_name": "ispalier"},
    )
    reader = engine.execution_options(isolation_level="AUTOCOMMIT")
    return Database(host, engine, reader, lease)


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether a column is one of the values given by this name, however many there are."""
    return column == any_(texts(name))


def within(column: ColumnElement[Any], name: str, more: Select[Any]) -> ColumnElement[bool]:
    """Whether a column is one of the values given, or of those that a query finds.

    As an array they are looked up by the column's index, whatever PostgreSQL knows of the tables.
    """
    both = union_all(select(func.unnest(texts(name))), more).scalar_subquery()
    return column == any_(func.array(both))


def texts(name: str) -> BindParameter[Sequence[str]]:
    """The values given by this name."""
    return bindparam(name, type_=ARRAY(Text))


def _postgresql(host: str, secret: Secret) -> URL:
    try:
        url = make_url(secret.reveal().strip())
    except (ArgumentError, ValueError):
        message = (
            f"the database URL of host '{host}' cannot be read:"
            " it must be like postgresql://user:password@server/database"
        )
        raise Invalid(message) from None
    if url.get_backend_name() != "postgresql":
        message = (
            f"host '{host}' has a {url.get_backend_name()} database,"
            " which is not supported: use postgresql"
        )
        raise Invalid(message)
    return url.set(drivername="postgresql+psycopg")


async def _split(connection: AsyncConnection, changes: Sequence[Change], write: Write) -> Results:
    """Halve until what is refused stands alone."""
    try:
        async with connection.begin_nested():
            await write(connection, changes)
    except _BAD_DATA as error:
        if len(changes) == 1:
            return {changes[0].key: Refused(f"the database refuses it: {_reason(error)}")}
        middle = len(changes) // 2
        first = await _split(connection, changes[:middle], write)
        return {**first, **await _split(connection, changes[middle:], write)}
    return dict.fromkeys(each.key for each in changes)


def _sqlstate(error: Exception) -> str | None:
    orig = error.orig if isinstance(error, DBAPIError) else None
    return orig.sqlstate if isinstance(orig, DriverError) else None


def _reason(error: Exception) -> str:
    """The server's own first line; its details would quote rows."""
    orig = error.orig if isinstance(error, StatementError) else error
    if isinstance(orig, DriverError) and orig.diag.message_primary:
        return orig.diag.message_primary
    lines = str(orig).split("\n")
    return lines[0].strip()[:300] or type(orig).__name__
