"""The sweep: every back end in full against all that is declared, compared in memory."""

import asyncio
import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from ispalier.core.conclude import conclude
from ispalier.core.engine import Engine, Place, Seen
from ispalier.core.gather import gather, unmet, wishes, with_choices
from ispalier.core.items import PROVIDER, Item, Key
from ispalier.core.memory import Memory
from ispalier.core.reconcile import compare
from ispalier.core.room import Scope
from ispalier.core.wanted import Wanted, wanted
from ispalier.world.errors import IspalierError, Unavailable


@dataclass(slots=True)
class _Held:
    """What one host holds, by customer and by key."""

    by_customer: dict[str, list[Item]] = field(default_factory=dict)
    by_key: dict[Key, Item] = field(default_factory=dict)


async def sweep(engine: Engine, now: datetime) -> list[str]:
    """The customers (and the provider, "") for whom a pass has something to do.

    Reads each host once; the units found are then made right by ordinary passes.
    """
    with _without_collector():
        return await _sweep(engine, now)


async def _sweep(engine: Engine, now: datetime) -> list[str]:
    memories = await asyncio.to_thread(engine.journal.memories)
    engine.provider = memories.get(PROVIDER, Memory()).choices
    customers = sorted({PROVIDER, *engine.world.numbers(), *memories})
    held, down = await _look(engine, memories)
    dirty: list[str] = []
    for position, customer in enumerate(customers):
        if position % 50 == 0:
            await asyncio.sleep(0)  # let edits pass between
        if _differs(engine, customer, memories.get(customer, Memory()), (held, down), now):
            dirty.append(customer)
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


async def _look(
    engine: Engine, memories: Mapping[str, Memory]
) -> tuple[Mapping[Place, _Held], Mapping[Place, IspalierError]]:
    owners = frozenset(
        owner for memory in memories.values() for owner in (*memory.owners(), *memory.absences)
    )
    claims = frozenset(
        (each.kind, each.value) for memory in memories.values() for each in memory.bindings
    )
    scope = Scope(claims=claims, owners=owners, everything=True)

    async def look(place: Place) -> tuple[Place, _Held | IspalierError]:
        try:
            async with asyncio.timeout(engine.timeout * 10):
                items = await engine.hosts.backend(place).observe(scope)
        except TimeoutError:
            return place, Unavailable(f"host '{place[1]}' did not answer")
        except IspalierError as error:
            return place, error
        return place, _sorted(engine.identity.installation, items)

    looked = await asyncio.gather(*(look(place) for place in engine.hosts.places()))
    held = {place: each for place, each in looked if isinstance(each, _Held)}
    down = {place: each for place, each in looked if isinstance(each, IspalierError)}
    return held, down


def _sorted(installation: str, items: Sequence[Item]) -> _Held:
    held = _Held()
    for item in items:
        held.by_key[item.key] = item
        if item.owner is not None and item.owner.installation == installation:
            held.by_customer.setdefault(item.owner.customer, []).append(item)
    return held


def _differs(
    engine: Engine,
    customer: str,
    memory: Memory,
    look: tuple[Mapping[Place, _Held], Mapping[Place, IspalierError]],
    now: datetime,
) -> bool:
    view = gather(engine.world, customer, memory, engine.identity, now)
    view = with_choices(view, memory, engine.provider or {})
    if unmet(view, wishes(view, engine.rooms)):
        return True
    held, down = look
    goal = wanted(view, engine.rooms, {})
    seen = Seen({place: _part(each, customer, goal, place) for place, each in held.items()}, down)
    plan = compare(engine, view, memory, goal, seen)
    outcome = conclude(engine, plan)
    gone = plan.fates
    return bool(
        any(outcome.changes.values())
        or outcome.statuses
        or outcome.secrets
        or gone.absent
        or gone.returned
        or gone.expired
        or engine.facts(view, memory, plan.problems)
    )


def _part(held: _Held, customer: str, goal: Wanted, place: Place) -> list[Item]:
    """What a pass over this customer would see of a host."""
    mine = held.by_customer.get(customer, [])
    known = {item.key for item in mine}
    named = {
        key
        for item in goal.items.get(place, ())
        for key in (item.key, *item.needs)
        if key not in known and key in held.by_key
    }
    return [*mine, *(held.by_key[key] for key in named)]
