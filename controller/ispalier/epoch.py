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


async def fence(connection: AsyncConnection, lease: Lease) -> None:
    """Let a transaction end well only under our epoch; raises Lost if there is a newer one.

    The first batch of an epoch writes it, which waits for transactions of older ones; a look does
    not, so that who must not write, such as a lost journal, takes nothing over. The server ends a
    transaction whose process is stopped, and one that waits for a row for too long.
    """
    lease.check()
    limits = {"wait": f"{lease.call * 1000:.0f}ms", "stop": f"{lease.stop * 1000:.0f}ms"}
    asked = {"installation": lease.installation, **limits}
    there = (await connection.execute(_LOOK, asked)).scalar()
    if there is None or there < lease.epoch:
        await connection.execute(_WRITE, {"installation": lease.installation, "ours": lease.epoch})
        there = (await connection.execute(_LOOK, asked)).scalar_one()
    if there > lease.epoch:
        raise lease.lose("another process has begun to write to the same databases")
