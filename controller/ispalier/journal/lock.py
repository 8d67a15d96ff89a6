"""The lock: a row that tells who may write, by the clock of the database.

On PostgreSQL who is gone is followed when the lease is over. A journal on SQLite is a file of one
machine: there a lock on a file beside it tells at once that its holder has ended, so none expires.
"""

import fcntl
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO, Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Engine,
    Row,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from ispalier.core.lease import Lease
from ispalier.journal.database import file_of, told
from ispalier.journal.tables import LOCK

BACKENDS, LEDGER = "backends", "ledger"
"""What there is a lock for."""


class Taken(NamedTuple):
    """The lock is ours: its new epoch, and whether the holder before had given it back."""

    epoch: int
    released: bool


class Holder(NamedTuple):
    """Somebody else has the lock: who, since when, and when it ends unless it is renewed.

    `left` are the seconds until then.
    """

    who: str
    since: datetime
    until: datetime | None
    left: float


@dataclass(slots=True)
class Lock:
    """One of the locks of a journal; every method is one transaction and may raise Unavailable."""

    engine: Engine
    name: str
    seconds: float
    _file: IO[str] | None = field(default=None)

    @property
    def expires(self) -> bool:
        """Whether somebody else may take it when it is not renewed."""
        return self.engine.dialect.name != "sqlite"

    def take(self, who: str) -> Taken | Holder:
        """Take it unless somebody has it; the epoch then grows.

        It is the time of the taking, so that it also grows when the journal was restored from a
        backup: systems remember the epochs that it has forgotten.
        """
        is_free = not self.expires and self._lock_file()
        row = self._row()
        is_held = row.holder and row.expires >= row.now if self.expires else not is_free
        if is_held:
            return self._holder(row)
        values = {**self._values(row.epoch), "who": who, "free": is_free}
        with told(), self.engine.begin() as connection:
            epoch = connection.scalar(_TAKE, values)
        if epoch is None:
            return self._holder(self._row())
        return Taken(epoch, released=not row.holder)

    def renew(self, epoch: int) -> bool:
        """Let it count anew from now on; tells whether it was still ours."""
        with told(), self.engine.begin() as connection:
            return bool(connection.execute(_RENEW, self._values(epoch)).rowcount)

    def release(self, epoch: int) -> None:
        """Give it back; harmless if it is somebody else's."""
        with told(), self.engine.begin() as connection:
            connection.execute(_RELEASE, self._values(epoch))
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _values(self, epoch: int) -> dict[str, object]:
        return {"lock": self.name, "held": epoch, "lease": round(self.seconds * 1000)}

    def _row(self) -> "Row[Any]":
        with told(), self.engine.connect().execution_options(writes=False) as connection:
            return connection.execute(_LOOK, {"lock": self.name}).one()

    def _holder(self, row: "Row[Any]") -> Holder:
        until = _instant(row.expires) if self.expires else None
        left = (row.expires - row.now) / 1000 if self.expires else math.inf
        return Holder(row.holder or "another process", _instant(row.since), until, left)

    def _lock_file(self) -> bool:
        """Lock the file beside the journal's, which ends with this process; tells whether it is ours."""
        journal = file_of(str(self.engine.url))
        if self._file is not None or journal is None:
            return True
        file = journal.with_name(f"{journal.name}-{self.name}").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True


def fence(connection: Connection, name: str, lease: Lease) -> None:
    """Let a transaction end well only under our epoch: a newer one waits for its end.

    On PostgreSQL the transaction of a process that is stopped is ended by the server.
    """
    lease.check()
    values = {"lock": name, "held": lease.epoch}
    if connection.dialect.name == "postgresql":
        values["idle"] = f"{round(lease.stop * 1000)}ms"
    with told():
        there = connection.execute(_FENCES[connection.dialect.name], values).first()
    if there is None:
        raise lease.lose(f"the journal's lock '{name}' was taken over")


class _now(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """Milliseconds since 1970 by the database's clock, also within a long transaction."""

    inherit_cache = True
    type = BigInteger()


@compiles(_now, "postgresql")
def _now_of_postgresql(*_: object, **__: object) -> str:
    return "CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint)"


@compiles(_now, "sqlite")
def _now_of_sqlite(*_: object, **__: object) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


def _instant(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


_LEASE = bindparam("lease", type_=BigInteger)
_OURS = (LOCK.c.name == bindparam("lock")) & (LOCK.c.epoch == bindparam("held"))
_LOOK = select(LOCK, _now().label("now")).where(LOCK.c.name == bindparam("lock"))
_TAKE = (
    update(LOCK)
    .where(
        _OURS, or_(bindparam("free", type_=Boolean), LOCK.c.holder == "", LOCK.c.expires < _now())
    )
    .values(
        epoch=case((LOCK.c.epoch < _now(), _now()), else_=LOCK.c.epoch + 1),
        holder=bindparam("who"),
        since=_now(),
        expires=_now() + _LEASE,
    )
    .returning(LOCK.c.epoch)
)
_RENEW = update(LOCK).where(_OURS, LOCK.c.holder != "").values(expires=_now() + _LEASE)
_RELEASE = update(LOCK).where(_OURS).values(holder="")
_FENCE = select(LOCK.c.epoch).where(_OURS)
_FENCES = {
    "sqlite": _FENCE,
    "postgresql": _FENCE.add_columns(
        func.set_config("idle_in_transaction_session_timeout", bindparam("idle"), True)  # noqa: FBT003 - SQL's
    ).with_for_update(read=True, key_share=True),
}
"""Statements are built once: that costs more than running them."""
