"""The epoch of the one writer, in a row of every SQL database that a system serves from."""

from sqlalchemy import BigInteger, Text, bindparam, column, func, select, table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ispalier.core.lease import Lease

DDL = """\
CREATE TABLE IF NOT EXISTS ispalier_writer (
    installation text PRIMARY KEY,
    epoch        bigint NOT NULL    -- grows with every process that may write
);
"""
"""Belongs to what a host needs; running it again is harmless."""

WRITER = table("ispalier_writer", column("installation", Text), column("epoch", BigInteger))

_HERE = WRITER.c.installation == bindparam("installation")
_LOOK = (
    select(
        WRITER.c.epoch,
        func.set_config("idle_in_transaction_session_timeout", bindparam("stop"), True),  # noqa: FBT003 - SQL's
        func.set_config("lock_timeout", bindparam("wait"), True),  # noqa: FBT003 - SQL's
    )
    .where(_HERE)
    .with_for_update(read=True)
)
_ROW = insert(WRITER).values(installation=bindparam("installation"), epoch=bindparam("ours"))
_WRITE = _ROW.on_conflict_do_update(
    index_elements=[WRITER.c.installation],
    set_={"epoch": _ROW.excluded.epoch},
    where=WRITER.c.epoch < _ROW.excluded.epoch,
)


async def claim(connection: AsyncConnection, lease: Lease) -> None:
    """Write our epoch, which waits for transactions of older ones; raises Lost if it is older."""
    values = {"installation": lease.installation, "ours": lease.epoch}
    await connection.execute(_WRITE, values)
    await fence(connection, lease)


async def fence(connection: AsyncConnection, lease: Lease) -> None:
    """Let a transaction end well only under our epoch; raises Lost if there is a newer one.

    Until its end a newer epoch waits. The server ends a transaction whose process is stopped, and
    one that waits for a row for too long, so that it does not wait for ever.
    """
    lease.check()
    limits = {"wait": f"{lease.call * 1000:.0f}ms", "stop": f"{lease.stop * 1000:.0f}ms"}
    asked = {"installation": lease.installation, **limits}
    there = (await connection.execute(_LOOK, asked)).scalar()
    if there is None or there < lease.epoch:  # the database was restored from a backup
        await claim(connection, lease)
    elif there > lease.epoch:
        raise lease.lose("another process has begun to write to the same databases")
