"""A small fleet of customers that a brake watches, its passes, and what waits for a person."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import anyio

from ispalier.api.base import Resource
from ispalier.core.engine import Engine, Outcome
from ispalier.core.foresee import foresee
from ispalier.core.limits import Limits
from ispalier.core.reconcile import reconcile
from ispalier.journal.journal import Journal
from ispalier.journal.pending import Pending, PendingSet
from ispalier.world.state import State
from tests.builders import NOW, login, plan, pool, snapshot, subscription, tenant, unit
from tests.inmemory import Line, Memory, engine

MINUTE = timedelta(minutes=1)
SMALL = Limits(always=2, interrupted_always=5)
"""So that a fleet of twenty is enough."""
UNPAID = [{"reason": "Unpaid", "since": "2026-11-20"}]


def on_plan(name: str, plan_: str) -> Resource:
    """The contract of a customer, for another plan."""
    return subscription(name, terms=[{"from": "2026-11-01", "planRef": {"name": plan_}}])


def names(count: int) -> list[str]:
    return [f"c{number}" for number in range(count)]


def customers(count: int) -> list[Resource]:
    """So many customers with a contract and a login each; their numbers are their names."""
    return [
        each
        for name in names(count)
        for each in (
            tenant(name, name),
            subscription(name),
            login(name, name),
        )
    ]


def served(count: int, url: str = "sqlite://", limits: Limits = SMALL) -> tuple[Engine, Memory]:
    """An engine that serves so many customers."""
    memory = Memory()
    world = snapshot(
        unit(), plan(), plan("fibra-100", "100m"), pool(), *customers(count), secrets=names(count)
    )
    parts = engine(world, memory, url)
    parts.limits = limits
    passed(parts, names(count))
    return parts, memory


def passed(
    parts: Engine, who: Sequence[str], later: timedelta = timedelta(), *, whole: bool = False
) -> dict[str, Outcome]:
    """A pass over the provider, then over some customers, five at a time; or judged as a whole."""

    async def passes() -> dict[str, Outcome]:
        now = NOW + later
        if whole:
            await foresee(parts, ["", *who], now)
        found = list(await reconcile(parts, [""], now))
        for start in range(0, len(who), 5):
            found += await reconcile(parts, who[start : start + 5], now)
        return {each.customer: each for each in found}

    return anyio.run(passes)


def put(parts: Engine, resources: Iterable[Resource]) -> None:
    for each in resources:
        parts.world.put(each)


def pending(parts: Engine) -> Sequence[PendingSet]:
    return _store(parts).sets(parts.limits, NOW)


def approve(parts: Engine, digest: str) -> PendingSet:
    return _store(parts).approve(digest, "maria: meant", parts.limits, NOW)


def _store(parts: Engine) -> Pending:
    assert isinstance(parts.journal, Journal)
    return Pending(parts.journal.engine)


def suspended(memory: Memory) -> int:
    return sum(1 for each in memory.items.values() if each.state is State.SUSPENDED)


def on(memory: Memory, name: str) -> int:
    """How many lines have a plan."""
    lines = (each for each in memory.items.values() if isinstance(each, Line))
    return sum(1 for each in lines if each.plan == f"plan:{name}")
