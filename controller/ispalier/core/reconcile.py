"""One pass over one unit: from what is declared to what every back end holds."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain

from ispalier.core.absence import fates
from ispalier.core.brakes import brake
from ispalier.core.changes import ChangeSet, difference
from ispalier.core.conclude import conclude
from ispalier.core.engine import Engine, Outcome, Place, Plan, Seen
from ispalier.core.gather import gather, in_use, present, unmet, wishes, with_choices
from ispalier.core.items import PROVIDER, Item, Owner
from ispalier.core.memory import Memory, Update
from ispalier.core.room import Scope
from ispalier.core.wanted import Wanted, wanted
from ispalier.world.errors import IspalierError, Unavailable, Unsafe
from ispalier.world.view import Chosen, View


async def reconcile(
    engine: Engine, customer: str, now: datetime, *, dry_run: bool = False
) -> Outcome:
    """Make everything of one unit as it is declared; again is harmless, and then does nothing."""
    memory = await asyncio.to_thread(engine.journal.memory, customer)
    view = gather(engine.world, customer, memory, engine.identity, now)
    view = with_choices(view, memory, await provider_choices(engine))
    view, memory, refused = await choose(engine, view, memory)
    goal = wanted(view, engine.rooms, refused)
    seen = await observe(engine, view, goal, memory)
    plan = compare(engine, view, memory, goal, seen)
    if not dry_run:
        problems = await apply(engine, plan)
        plan = plan._replace(problems={**plan.problems, **problems})
        await remember(engine, plan)
    return conclude(engine, plan)


async def provider_choices(engine: Engine) -> Mapping[Chosen, str]:
    """What was chosen for the provider's resources; read once, and after each pass of its own."""
    if engine.provider is None:
        memory = await asyncio.to_thread(engine.journal.memory, PROVIDER)
        engine.provider = memory.choices
    return engine.provider


async def choose(
    engine: Engine, view: View, memory: Memory
) -> tuple[View, Memory, Mapping[Owner, str]]:
    """Claim, allocate, generate: what is wished for and not remembered yet goes to the journal."""
    asked = wishes(view, engine.rooms)
    if not unmet(view, asked):
        return view, memory, {}
    there = frozenset(present(view, memory))
    refused = await asyncio.to_thread(engine.journal.grant, asked, there, view.now)
    memory = await asyncio.to_thread(engine.journal.memory, view.customer)
    if view.customer == PROVIDER:
        engine.provider = memory.choices
    return with_choices(view, memory, engine.provider or {}), memory, refused


async def observe(engine: Engine, view: View, goal: Wanted, memory: Memory) -> Seen:
    """Look at every host, side by side; one that does not answer is noted, the rest goes on."""
    owners = memory.owners() | goal.served | memory.absences.keys()
    claims = frozenset((each.kind, each.value) for each in memory.bindings)

    async def look(place: Place) -> tuple[Place, Sequence[Item] | IspalierError]:
        items = goal.items.get(place, ())
        keys = frozenset(chain((each.key for each in items), *(each.needs for each in items)))
        scope = Scope(frozenset({view.customer}), keys, claims, frozenset(owners))
        try:
            async with asyncio.timeout(engine.timeout):
                return place, await engine.hosts.backend(place).observe(scope)
        except TimeoutError:
            return place, Unavailable(f"host '{place[1]}' did not answer in {engine.timeout:g} s")
        except IspalierError as error:
            return place, error

    looked = await asyncio.gather(*(look(place) for place in engine.hosts.places()))
    return Seen(
        items={place: each for place, each in looked if not isinstance(each, IspalierError)},
        down={place: each for place, each in looked if isinstance(each, IspalierError)},
    )


def compare(engine: Engine, view: View, memory: Memory, goal: Wanted, seen: Seen) -> Plan:
    """What to change on every host that answered, and what cannot be served, with the reason."""
    declared = present(view, memory)
    ours = (view.installation, view.customer)
    known = memory.owners() | {
        item.owner
        for items in seen.items.values()
        for item in items
        if item.owner is not None and item.owner[:2] == ours
    }
    known = {each for each in known if each.kind in engine.world.complete and each.kind != "Tenant"}
    if view.customer == PROVIDER and known - declared:
        declared |= in_use(view)
    gone = fates(
        known,
        declared,
        memory,
        view.now,
        engine.retention.terms(
            engine.world.again, tenant_is_gone=bool(view.customer) and view.tenant is None
        ),
    )
    decided = {**dict.fromkeys(goal.served), **gone.fates}
    problems: dict[Owner, IspalierError] = dict(goal.problems)
    changes: dict[Place, ChangeSet] = {}
    for place, items in seen.items.items():
        found = difference(goal.items.get(place, ()), goal.kept, items, decided)
        verdict = brake(found.changes, items, engine.limits)
        changes[place] = verdict.allowed
        problems |= found.refused
        problems |= {
            each.owner: Unsafe(verdict.reasons[each.owner.kind])
            for each in verdict.held
            if each.owner
        }
    for place, error in seen.down.items():
        problems |= {each.owner: error for each in goal.items.get(place, ()) if each.owner}
    return Plan(view, memory, goal, seen, gone, changes, problems)


async def apply(engine: Engine, plan: Plan) -> Mapping[Owner, IspalierError]:
    """Make the changes on every host, side by side; returns whose were not made, and why."""

    async def change(place: Place, wanted: ChangeSet) -> Mapping[Owner, IspalierError]:
        try:
            async with asyncio.timeout(engine.timeout):
                results = await engine.hosts.backend(place).apply(wanted)
        except TimeoutError:
            late = Unavailable(f"host '{place[1]}' did not answer in {engine.timeout:g} s")
            return {each.owner: late for each in wanted if each.owner}
        except IspalierError as error:
            return {each.owner: error for each in wanted if each.owner}
        return {
            each.owner: problem
            for each in wanted
            if each.owner and (problem := results.get(each.key)) is not None
        }

    failures = await asyncio.gather(*(change(*each) for each in plan.changes.items() if each[1]))
    return dict(chain.from_iterable(each.items() for each in failures))


async def remember(engine: Engine, plan: Plan) -> None:
    """Write down who is absent, who came back, what is over, and what was observed."""
    view, memory, gone = plan.view, plan.memory, plan.fates
    over = set() if plan.seen.down else {each for each in gone.expired if each not in plan.problems}
    update = Update(
        absent=gone.absent,
        returned=(*gone.returned, *sorted(over)),
        released=[each for each in memory.bindings if each.owner in over],
        facts=engine.facts(view, memory, plan.problems),
    )
    if update:
        await asyncio.to_thread(engine.journal.note, view.customer, update, view.now)
