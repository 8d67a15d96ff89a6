"""The writer: who holds a lock of the journal, waits for it, keeps it, gives it back."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from sqlalchemy import Engine

from ispalier.core.lease import Lease
from ispalier.journal.lock import LEDGER, Holder, Lock
from ispalier.world.errors import Conflict, Lost, Unavailable

T = TypeVar("T")

LOOK = 0.5
"""Seconds between two looks whether the lock is free."""
SHORT = 0.02
"""Seconds between the last of them, when it is about to end."""


def clock() -> float:
    """Seconds that go on while the machine is suspended or this process is stopped."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Patience(NamedTuple):
    """For how many seconds a lock is taken and waited for; what to do when that was in vain."""

    lease: float = 15
    wait: float = 0
    advice: str = "wait for its end"


@dataclass(slots=True)
class Writer:
    """One process that wants to write; `lease` is its own view of the lock."""

    lock: Lock
    lease: Lease
    command: str
    """What it is, in messages: `ispalier run`."""
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="lock")
    )

    @classmethod
    def of(cls, engine: Engine, name: str, lease: Lease, command: str) -> "Writer":
        """Who wants a lock of a journal, for the seconds of this lease."""
        return cls(Lock(engine, name, lease.seconds), lease, command)

    def take(self) -> Holder | None:
        """Take the lock; returns who has it, or None if it is ours now."""
        asked = clock()
        taken = self.lock.take(f"{self.command} (process {os.getpid()} on {socket.gethostname()})")
        if isinstance(taken, Holder):
            return taken
        expires = self.lock.expires
        self.lease.took(taken.epoch, asked, expires=expires, released=taken.released)
        return None

    def take_within(self, seconds: float, advice: str) -> None:
        """Take the lock, or wait for it so long; raises Conflict, which ends with an advice."""
        end = time.monotonic() + seconds
        while (holder := self.take()) is not None:
            if time.monotonic() >= end:
                raise self.refusal(holder, advice)
            time.sleep(min(LOOK, max(0.0, end - time.monotonic())))

    def refusal(self, holder: Holder, advice: str) -> Conflict:
        """Why we do not write."""
        what = "the ledger is" if self.lock.name == LEDGER else "the back ends are"
        until = (
            f"; if that was killed, it ends by itself at {holder.until:%H:%M:%S} UTC"
            if holder.until
            else ""
        )
        return Conflict(
            f"{what} written by {holder.who} since {holder.since:%Y-%m-%d %H:%M:%S} UTC:"
            f" {advice}{until}"
        )

    async def stand_by(self, waits: Callable[[str], None]) -> None:
        """Wait until the lock is ours; tells when there is a wait, and for whom."""
        told = ""
        while self.lease.left <= 0:
            try:
                holder = await self._in_thread(self.take)
                reason = str(self.refusal(holder, "this replica stands by")) if holder else ""
            except Unavailable as error:
                holder, reason = None, str(error)
            if reason and reason != told:
                waits(reason)
            told = reason
            if reason:
                await asyncio.sleep(min(LOOK, max(SHORT, holder.left)) if holder else LOOK)

    async def keep(self) -> None:
        """Renew the lease for ever; raises Lost when it is over, however late that is noticed."""
        if not self.lock.expires:
            await asyncio.Event().wait()
        while True:
            await asyncio.sleep(max(0.0, min(self.lease.renewal, self.lease.left)))
            self.lease.check()
            try:
                async with asyncio.timeout(self.lease.left):
                    await self._in_thread(self._renew)
            except (Unavailable, TimeoutError):
                continue

    @contextmanager
    def alone(self, seconds: float, advice: str) -> Iterator[None]:
        """Hold the lock for a command, which waits for it so long; raises Conflict."""
        self.take_within(seconds, advice)
        ended = threading.Event()
        keeper = threading.Thread(target=self._keep_until, args=(ended,), daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join(self.lease.call)
            self.release()

    def release(self) -> None:
        """Give the lock back, if it is ours, so that others need not wait for its end."""
        if self.lease.left > 0:
            self.lease.lose("it was given back")
            self.lock.release(self.lease.epoch)
        self.lock.close()
        self._thread.shutdown(wait=False)

    def _keep_until(self, ended: threading.Event) -> None:
        while self.lock.expires and not ended.wait(self.lease.renewal):
            try:
                self._renew()
            except Unavailable:
                continue
            except Lost:  # whoever writes next is told
                return

    def _renew(self) -> None:
        asked = clock()
        if not self.lock.renew(self.lease.epoch):
            raise self.lease.lose(f"the journal's lock '{self.lock.name}' was taken over")
        self.lease.renewed(asked)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
