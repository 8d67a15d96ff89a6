"""Where two promises meet: brakes and hosts that are away, a person and a pass at work."""

import asyncio
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from ispalier.api.access import Login
from ispalier.core.calls import Calls
from ispalier.core.engine import Engine
from ispalier.core.foresee import foresee
from ispalier.core.gather import owner_of
from ispalier.core.items import Item
from ispalier.core.reconcile import reconcile
from ispalier.core.sweep import sweep
from ispalier.journal.history import History
from ispalier.journal.identity import Papers
from ispalier.journal.journal import Journal
from ispalier.world.errors import Unavailable
from ispalier.world.snapshot import Ident
from ispalier.world.state import State
from ispalier.world.view import View
from tests.builders import NOW, plan, pool, snapshot, subscription, unit
from tests.engine.fleet import SMALL, UNPAID, approve, customers, names, passed, pending, put
from tests.engine.passes import HOUR
from tests.engine.test_partial_failure import Gated
from tests.inmemory import HOST, Hosts, Line, Memory, engine

SECOND = "second"
MINUTE = timedelta(minutes=1)


def _twice(view: View, login: Login) -> Iterable[Item]:
    """A login on two hosts, under another name on the second."""
    user = login.spec.username or ""
    for host, name in ((HOST, user), (SECOND, f"{user}@second")):
        yield Line(host=host, owner=owner_of(view, login), state=view.state_of(login), name=name)


def twice_served(count: int) -> tuple[Engine, Memory, Memory]:
    """An engine that serves so many customers on two hosts."""
    first, second = Memory(), Memory()
    world = snapshot(unit(), plan(), pool(), *customers(count), secrets=names(count))
    parts = engine(world, first)
    ipam, memory = parts.rooms
    parts.rooms = (ipam, replace(memory, desired={Login: _twice}))
    assert isinstance(parts.hosts, Hosts)
    parts.hosts = Hosts({**parts.hosts.backends, ("memory", SECOND): second})
    parts.limits = SMALL
    passed(parts, names(count))
    return parts, first, second


def off(*hosts: Memory) -> int:
    """How many lines are suspended on some hosts."""
    lines = (each for host in hosts for each in host.items.values())
    return sum(1 for each in lines if each.state is State.SUSPENDED)


def test_what_is_held_back_on_two_hosts_stays_so_while_one_is_away() -> None:
    parts, first, second = twice_served(20)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)))
    passed(parts, names(20), whole=True)
    (before,) = pending(parts)

    second.fail = lambda _: Unavailable("away")
    for hours in (2, 4):
        parts.calls = Calls()
        passed(parts, names(20), timedelta(hours=hours))

    assert off(first, second) == 0
    assert [each.digest for each in pending(parts)] == [before.digest]


def test_what_is_held_back_while_a_host_is_away_stays_so_when_it_is_back() -> None:
    parts, first, second = twice_served(20)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)))
    second.fail = lambda _: Unavailable("away")
    passed(parts, names(20), whole=True)

    second.fail = lambda _: None
    for hours in (2, 4):
        parts.calls = Calls()
        passed(parts, names(20), timedelta(hours=hours))

    assert off(first, second) == 0
    assert pending(parts)[0].subjects == 20


def test_an_approval_outlives_that_a_host_is_away() -> None:
    parts, first, second = twice_served(20)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)))
    passed(parts, names(20), whole=True)
    approve(parts, pending(parts)[0].digest)

    second.fail = lambda _: Unavailable("away")
    passed(parts, names(20), 2 * HOUR)
    second.fail = lambda _: None
    parts.calls = Calls()
    passed(parts, names(20), 4 * HOUR)

    assert off(first, second) >= 30


def lines_of(parts: Engine) -> list[str]:
    """What the history tells: verb and resource."""
    assert isinstance(parts.journal, Journal)
    return [
        f"{each.verb} {each.resource}" for each in History(parts.journal.engine).since(None, None)
    ]


def test_a_change_is_remembered_though_the_journal_fails_just_after_it() -> None:
    memory = Memory()
    parts = engine(snapshot(unit(), plan(), pool(), *customers(1), secrets=names(1)), memory)
    assert isinstance(parts.journal, Journal)
    passed(parts, [])
    fails = [True]

    def fail(_: object, __: object, statement: str, *___: object) -> None:
        if fails and statement.startswith("INSERT INTO history"):
            raise OperationalError(statement, None, Exception("stopped"))

    event.listen(parts.journal.engine, "before_cursor_execute", fail)
    for _ in range(2):
        with pytest.raises(Unavailable):
            passed(parts, names(1))
    fails.clear()
    passed(parts, names(1))
    passed(parts, names(1))

    assert memory.changed.count(("line", "c0")) == 1
    assert lines_of(parts).count("create Login/c0") == 1


def test_a_pass_does_not_wait_while_a_sweep_looks_at_a_new_host_that_hangs(tmp_path: Path) -> None:
    hangs = Gated(shut={"observe"})
    world = snapshot(unit(), plan(), pool(), *customers(2), secrets=names(2))
    parts = engine(world, Memory(), f"sqlite:///{tmp_path / 'journal.db'}")
    assert isinstance(parts.hosts, Hosts)
    parts.hosts = Hosts({**parts.hosts.backends, ("memory", SECOND): hangs})
    parts.timeout = 0.3

    async def story() -> float:
        clock = asyncio.get_running_loop()
        await reconcile(parts, [""], NOW)
        parts.calls.circuits.answered(("memory", SECOND))
        swept = asyncio.create_task(sweep(parts, NOW))
        await asyncio.sleep(0.2)
        assert parts.standing.door.locked()
        began = clock.time()
        await reconcile(parts, ["c1"], NOW)
        seconds = clock.time() - began
        hangs.open()
        await swept
        return seconds

    assert anyio.run(story) < 1


def test_a_hold_time_begins_when_a_person_confirms_though_a_pass_is_at_work(tmp_path: Path) -> None:
    memory = Memory()
    world = snapshot(unit(), plan(), pool(), *customers(1), secrets=names(1))
    parts = engine(world, memory, f"sqlite:///{tmp_path / 'journal.db'}")
    assert isinstance(parts.journal, Journal)
    papers = Papers(parts.journal.engine)
    passed(parts, names(1))
    papers.unconfirm("it was rebuilt")
    world.remove(Ident("Login", "c0", "c0"))
    passed(parts, names(1))
    later = timedelta(days=2)
    confirms = [lambda: papers.confirm("maria", NOW + later)]

    def confirm(_: object, __: object, statement: str, *___: object) -> None:
        if confirms and "FROM meta" in statement:
            confirms.pop()()

    event.listen(parts.journal.engine, "before_cursor_execute", confirm)
    passed(parts, names(1), later)

    assert not confirms
    assert memory.items["line", "c0"].state is State.ACTIVE


def test_a_suspension_reaches_what_was_just_deleted() -> None:
    memory = Memory()
    world = snapshot(unit(), plan(), pool(), *customers(1), secrets=names(1))
    parts = engine(world, memory)
    passed(parts, names(1))
    world.remove(Ident("Login", "c0", "c0"))
    passed(parts, names(1))

    put(parts, [subscription("c0", suspensions=UNPAID)])
    passed(parts, names(1), MINUTE)

    assert memory.items["line", "c0"].state is State.SUSPENDED


def test_a_revision_is_judged_beside_all_else() -> None:
    world = snapshot(unit(), plan(), pool(), *customers(2), secrets=names(2))
    parts = engine(world, Memory())
    assert isinstance(parts.journal, Journal)
    passed(parts, names(2))
    threads: set[int] = set()

    def note(*_: object) -> None:
        threads.add(threading.get_ident())

    event.listen(parts.journal.engine, "before_cursor_execute", note)
    anyio.run(foresee, parts, names(2), NOW)

    assert threading.get_ident() not in threads


def test_a_new_host_that_is_away_costs_a_pass_no_look_at_the_whole_journal() -> None:
    away, world = Memory(), snapshot(unit(), plan(), pool(), *customers(2), secrets=names(2))
    parts = engine(world, Memory())
    assert isinstance(parts.journal, Journal)
    assert isinstance(parts.hosts, Hosts)
    parts.hosts = Hosts({**parts.hosts.backends, ("memory", SECOND): away})
    away.fail = lambda _: Unavailable("away")
    passed(parts, names(2))
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    event.listen(parts.journal.engine, "before_cursor_execute", note)
    passed(parts, [])
    looks = [each for each in asked if "FROM tombstone" in each]
    away.fail = lambda _: None
    passed(parts, [])

    assert len(looks) == 1
    assert ("memory", SECOND) in parts.standing.met
