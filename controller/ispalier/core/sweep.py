"""The sweep: every back end in full against all that is declared, compared in memory."""

import asyncio
import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from ispalier.core.conclude import conclude
from ispalier.core.engine import Aim, Engine
from ispalier.core.gather import unmet, wishes
from ispalier.core.introduce import introduce
from ispalier.core.items import PROVIDER
from ispalier.core.look import EVERYBODY, PATIENCE, Look, look
from ispalier.core.memory import Memory
from ispalier.core.reconcile import compare, gathered
from ispalier.core.remember import judge
from ispalier.core.room import Scope
from ispalier.core.wanted import wanted
from ispalier.world.view import View


async def sweep(engine: Engine, now: datetime) -> list[str]:
    """The customers (and the provider, "") for whom a pass has something to do.

    Reads each host once; the units found are then made right by ordinary passes.
    """
    with _without_collector():
        return await _sweep(engine, now)


async def _sweep(engine: Engine, now: datetime) -> list[str]:
    await introduce(engine, now, engine.timeout * PATIENCE)
    memories = await asyncio.to_thread(engine.journal.memories)
    if engine.provider is None:  # else its own passes keep it, and this may be older
        engine.provider = memories.get(PROVIDER, Memory()).choices
    await judge(engine, now)
    customers = sorted({PROVIDER, *engine.world.numbers(), *memories})
    looked = await _look(engine, memories)
    dirty: list[str] = []
    is_noted = True
    for position, customer in enumerate(customers):
        if position % 50 == 0:
            await asyncio.sleep(0)  # let edits pass between
        memory = memories.get(customer, Memory())
        views = await gathered(engine, {customer: memory}, now)
        found = _found(engine, views[customer], memory, looked)
        dirty += [customer] if found.differs else []
        is_noted = is_noted and found.is_noted
    if engine.standing.unconfirmed and is_noted:
        await asyncio.to_thread(engine.journal.compared, now)
    return dirty


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


async def _look(engine: Engine, memories: Mapping[str, Memory]) -> Look:
    owners = frozenset(
        owner for memory in memories.values() for owner in (*memory.owners(), *memory.absences)
    )
    claims = frozenset(
        (each.kind, each.value) for memory in memories.values() for each in memory.bindings
    )
    scope = Scope(claims=claims, owners=owners, everything=True)
    return await look(engine, [EVERYBODY], lambda *_: scope, {})


class _Found(NamedTuple):
    differs: bool
    is_noted: bool = True
    """Whether all that is missing is remembered as that."""


def _found(engine: Engine, view: View, memory: Memory, looked: Look) -> _Found:
    if unmet(view, wishes(view, engine.rooms)):
        return _Found(differs=True)
    aim = Aim(view, memory, wanted(view, engine.rooms, {}))
    plan = compare(engine, aim, looked.seen(aim))
    outcome = conclude(engine, plan)
    gone = plan.fates
    differs = bool(
        any(outcome.changes.values())
        or outcome.statuses
        or outcome.secrets
        or gone.absent
        or gone.returned
        or gone.expired
        or engine.facts(view, memory, plan.problems)
    )
    return _Found(differs, all(each.owner in memory.absences for each in gone.absent))
