"""One writer: the lock of the journal on SQLite and on PostgreSQL."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import InternalError

from ispalier.core.items import Owner
from ispalier.core.lease import Lease
from ispalier.core.memory import Claim, Fact, Update
from ispalier.journal.database import connect
from ispalier.journal.journal import Journal
from ispalier.journal.lock import BACKENDS, LEDGER, Lock, fence
from ispalier.journal.seal import Seal
from ispalier.journal.tables import BINDING, FACT, LOCK
from ispalier.journal.writer import Writer, clock
from ispalier.world.errors import Conflict, Lost
from tests.builders import NOW

LOCKER = Path(__file__).with_name("locker.py")
KEY = Seal.new_key()
JOAO = Owner("test", "10042", "Login", "joao")
LEASE = 1.2
SLACK = 3
"""Seconds that a busy machine may take beyond the lease."""

Make = Callable[..., Writer]


@pytest.fixture
def writer(url: str) -> Iterator[Make]:
    with ExitStack() as end:

        def make(name: str = BACKENDS, seconds: float = 15) -> Writer:
            engine = connect(url)
            end.callback(engine.dispose)
            made = Writer.of(engine, name, Lease("test", seconds, clock), "ispalier apply")
            end.callback(made.release)
            return made

        yield make


def start(url: str, seconds: float) -> "subprocess.Popen[str]":
    words = [sys.executable, str(LOCKER), url, str(seconds)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own code
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    return process


def kill(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


def someone_else_takes_it(writer: Writer) -> None:
    """As it is after we were stopped for long."""
    with writer.lock.engine.begin() as connection:
        connection.execute(update(LOCK).values(epoch=LOCK.c.epoch + 1, holder="another"))


def test_one_process_has_it_until_it_gives_it_back(writer: Make) -> None:
    first, second = writer(), writer()

    assert first.take() is None
    refused = second.take()
    first.release()
    assert second.take() is None

    assert refused is not None
    assert refused.who.startswith("ispalier apply (process ")
    assert second.lease.epoch > first.lease.epoch
    assert second.lease.rest == 0


def test_the_two_locks_are_two(writer: Make) -> None:
    assert writer(BACKENDS).take() is None
    assert writer(LEDGER).take() is None


def test_who_meets_a_holder_is_told_who_since_when_and_what_to_do(writer: Make) -> None:
    writer().take()

    with (
        pytest.raises(
            Conflict, match=r"the back ends are written by ispalier apply \(process \d+ on"
        ) as error,
        writer().alone(0, "wait for its end"),
    ):
        pass

    assert " UTC: wait for its end" in str(error.value)


def test_a_holder_is_waited_for_as_long_as_one_is_told(writer: Make) -> None:
    first, second = writer(), writer()
    first.take()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second.take_within, 20, "wait")
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        first.release()
        waiting.result(5)

    assert second.lease.left > 0


def test_the_lock_of_a_process_that_was_killed_ends_by_itself(url: str, writer: Make) -> None:
    process = start(url, LEASE)
    other = writer(seconds=LEASE)
    while_alive = other.take()
    kill(process)
    begin = time.monotonic()

    other.take_within(20, "wait")

    assert while_alive is not None
    assert while_alive.who.startswith(f"ispalier run (process {process.pid} on ")
    assert time.monotonic() - begin < LEASE + SLACK
    assert other.lease.rest > 0


def test_a_holder_that_works_keeps_it_beyond_its_lease(writer: Make) -> None:
    first, second = writer(seconds=LEASE), writer(seconds=LEASE)

    with first.alone(0, "wait"):
        with pytest.raises(Conflict):
            second.take_within(2 * LEASE, "wait")
        first.lease.check()


def test_what_a_pass_writes_down_needs_the_lock(url: str, writer: Make) -> None:
    ours = writer()
    ours.take()
    journal = replace(Journal.open(url, KEY, "test"), lease=ours.lease)
    fact = Update(facts=[Fact("home", "ready", NOW.date(), "")])
    journal.note({"10042": fact}, NOW)
    someone_else_takes_it(ours)

    with pytest.raises(Lost, match="the journal's lock 'backends' was taken over"):
        journal.note({"10042": fact}, NOW)
    with pytest.raises(Lost):
        journal.grant([Claim("user name", "joao", JOAO)], frozenset({JOAO}), NOW)
    with journal.engine.connect() as connection:
        written = [connection.scalar(select(func.count()).select_from(t)) for t in (FACT, BINDING)]
    journal.close()

    assert written == [1, 0]


def test_who_lost_it_does_not_give_back_what_is_somebody_else_s(writer: Make) -> None:
    ours = writer()
    ours.take()
    someone_else_takes_it(ours)

    ours.release()

    with ours.lock.engine.connect() as connection:
        assert set(connection.scalars(select(LOCK.c.holder))) == {"another"}


def test_after_a_restore_the_epoch_is_higher_than_any_that_systems_remember(writer: Make) -> None:
    before, after = writer(), writer()
    before.take()
    remembered = before.lease.epoch
    before.release()
    with before.lock.engine.begin() as connection:
        connection.execute(update(LOCK).values(epoch=3))

    after.take()

    assert after.lease.epoch > remembered


def expire(lock: Lock) -> None:
    with lock.engine.begin() as connection:
        connection.execute(update(LOCK).values(expires=0))


def test_a_taker_waits_for_transactions_of_the_holder_and_renewals_do_not(
    on_postgresql: str,
) -> None:
    engine = connect(on_postgresql)
    old = Writer.of(engine, BACKENDS, Lease("test", 15, clock), "old")
    new = Writer.of(engine, BACKENDS, Lease("test", 15, clock), "new")
    old.take()

    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as connection:
            fence(connection, BACKENDS, old.lease)
            renewed = old.lock.renew(old.lease.epoch)
            expire(old.lock)
            taking = pool.submit(new.take)
            with pytest.raises(TimeoutError):
                taking.result(0.5)
        taken = taking.result(5)
    engine.dispose()

    assert renewed
    assert taken is None


def test_a_taker_does_not_wait_for_ever_for_a_process_that_is_stopped(on_postgresql: str) -> None:
    engine = connect(on_postgresql)
    old = Writer.of(engine, BACKENDS, Lease("test", 2, clock), "old")
    new = Writer.of(engine, BACKENDS, Lease("test", 2, clock), "new")
    old.take()

    with ThreadPoolExecutor(1) as pool, engine.connect() as stopped:
        fence(stopped, BACKENDS, old.lease)
        expire(old.lock)
        taken = pool.submit(new.take).result(old.lease.stop + SLACK)
        with pytest.raises(InternalError, match="idle-in-transaction timeout"):
            stopped.execute(text("SELECT 1"))
    engine.dispose()

    assert taken is None


def test_one_that_is_late_to_renew_has_lost_it(on_postgresql: str) -> None:
    engine = connect(on_postgresql)
    skip = [0.0]
    lease = Lease("test", 2, lambda: clock() + skip[0])
    ours = Writer.of(engine, BACKENDS, lease, "ours")
    ours.take()

    async def kept() -> None:
        async with asyncio.timeout(20):
            keeping = asyncio.create_task(ours.keep())
            done, _ = await asyncio.wait([keeping], timeout=2 * lease.seconds)
            assert not done
            skip[0] = 60
            await keeping

    with pytest.raises(Lost, match="it was not renewed for 2 s"):
        asyncio.run(kept())
    engine.dispose()


def test_one_whose_lock_was_taken_over_is_told_at_the_next_renewal(on_postgresql: str) -> None:
    engine = connect(on_postgresql)
    ours = Writer.of(engine, BACKENDS, Lease("test", 2, clock), "ours")
    ours.take()
    someone_else_takes_it(ours)

    with pytest.raises(Lost, match="was taken over"):
        asyncio.run(ours.keep())
    engine.dispose()


def test_who_stands_by_acts_as_soon_as_the_lock_is_given_back(on_postgresql: str) -> None:
    engine = connect(on_postgresql)
    first = Writer.of(engine, BACKENDS, Lease("test", 15, clock), "ispalier run")
    second = Writer.of(engine, BACKENDS, Lease("test", 15, clock), "ispalier run")
    first.take()
    told: list[str] = []

    async def story() -> None:
        async with asyncio.timeout(10):
            waiting = asyncio.create_task(second.stand_by(told.append))
            while not told:  # noqa: ASYNC110 - told from a thread
                await asyncio.sleep(0.05)
            await asyncio.to_thread(first.release)
            await waiting

    asyncio.run(story())
    engine.dispose()

    assert len(told) == 1
    assert "this replica stands by" in told[0]
    assert second.lease.epoch > first.lease.epoch
