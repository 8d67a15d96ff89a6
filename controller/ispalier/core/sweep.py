"""The sweep: every back end in full against all that is declared, compared in memory."""

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from ispalier.core.braking import braked, is_weighed
from ispalier.core.ceded import with_ceded
from ispalier.core.choosing import Aim
from ispalier.core.conclude import conclude
from ispalier.core.engine import Engine, Plan
from ispalier.core.gather import unmet, wishes
from ispalier.core.introduce import introduce
from ispalier.core.items import PROVIDER, Place
from ispalier.core.look import EVERYBODY, PATIENCE, Look, look
from ispalier.core.memory import Memory
from ispalier.core.reconcile import compare, gathered
from ispalier.core.remember import judge
from ispalier.core.room import Scope
from ispalier.core.wanted import wanted


class Everything(NamedTuple):
    """What is remembered of all customers, and what every host holds."""

    memories: Mapping[str, Memory]
    look: Look


class Tally(NamedTuple):
    """Of one host: how many items it holds, ours or not, and how many of them differ."""

    items: int
    differing: int


class Swept(NamedTuple):
    """The customers (and the provider, "") for whom a pass has something to do; and every host."""

    units: list[str]
    hosts: Mapping[Place, Tally]


async def sweep(engine: Engine, now: datetime) -> Swept:
    """Find out for whom a pass has something to do.

    Reads each host once; the units found are then made right by ordinary passes.
    """
    with _without_collector(), engine.span("sweep"):
        seen = await everything(engine, now)
        customers = sorted({PROVIDER, *engine.world.numbers(), *seen.memories})
        units: list[str] = []
        differing: Counter[Place] = Counter()
        weighed: list[Plan] = []
        is_noted = True
        async for plan in compared(engine, seen, customers, now):
            is_noted = is_noted and not _is_missing_anew(plan)
            differing.update({place: len(each) for place, each in plan.changes.items()})
            if is_weighed(plan) and not unmet(plan.view, wishes(plan.view, engine.rooms)):
                weighed.append(plan)
            elif _is_to_do(engine, plan):
                units.append(plan.view.customer)
        # What is dangerous is judged as a whole; who has only what is held back has nothing to do.
        plans = await braked(engine, weighed, now, dry_run=True)
        units += [plan.view.customer for plan in plans if _is_to_do(engine, plan)]
    if engine.standing.unconfirmed and is_noted:
        await asyncio.to_thread(engine.journal.compared, now)
    await asyncio.to_thread(engine.journal.thin, now - engine.retention.history)
    return Swept(units, tallies(seen.look, differing))


async def everything(engine: Engine, now: datetime) -> Everything:
    """Read the journal, and every host once."""
    await introduce(engine, now, engine.timeout * PATIENCE)
    memories = await asyncio.to_thread(engine.journal.memories)
    if engine.provider is None:  # else its own passes keep it, and this may be older
        engine.provider = memories.get(PROVIDER, Memory()).choices
    await judge(engine, now)
    owners = frozenset(
        owner for memory in memories.values() for owner in (*memory.owners(), *memory.absences)
    )
    claims = frozenset(
        (each.kind, each.value) for memory in memories.values() for each in memory.bindings
    )
    scope = Scope(claims=claims, owners=owners, everything=True)
    found = await look(engine, [EVERYBODY], lambda *_: scope, {})
    return Everything(memories, found)


async def compared(
    engine: Engine, seen: Everything, customers: Iterable[str], now: datetime
) -> AsyncIterator[Plan]:
    """What a pass over each of these would find and do; nothing is chosen or written."""
    for position, customer in enumerate(customers):
        if position % 50 == 0:
            await asyncio.sleep(0)  # let edits pass between
        memory = seen.memories.get(customer, Memory())
        view = (await gathered(engine, {customer: memory}, now))[customer]
        aim = Aim(view, memory, wanted(view, engine.rooms, {}))
        for each in await with_ceded(engine, [aim], [seen.look.seen(aim)]):
            yield compare(engine, aim, each)


def tallies(found: Look, differing: Mapping[Place, int]) -> Mapping[Place, Tally]:
    """What the hosts that answered hold, and how much of it differs."""
    down = found.down.get(EVERYBODY, {})
    return {
        place: Tally(len(held.by_key), differing.get(place, 0))
        for place, held in found.held.items()
        if place not in down
    }


def _is_missing_anew(plan: Plan) -> bool:
    """Whether somebody is missing of whom that is not remembered yet."""
    return any(each.owner not in plan.memory.absences for each in plan.fates.absent)


def _is_to_do(engine: Engine, plan: Plan) -> bool:
    view, gone = plan.view, plan.fates
    outcome = conclude(engine, plan)
    return bool(
        any(outcome.changes.values())
        or outcome.statuses
        or outcome.secrets
        or gone.absent
        or gone.returned
        or gone.expired
        or unmet(view, wishes(view, engine.rooms))
        or engine.facts(view, plan.memory, plan.problems)
    )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Measured: a quarter of a sweep went into searching what it had just made for garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
