"""One pass over some units: from what is declared to what every back end holds."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain

from ispalier.core.absence import fates
from ispalier.core.brakes import brake
from ispalier.core.changes import Change, ChangeSet, difference
from ispalier.core.conclude import conclude
from ispalier.core.engine import Aim, Engine, Outcome, Place, Plan, Seen
from ispalier.core.gather import gather, in_use, present, unmet, wishes, with_choices
from ispalier.core.items import PROVIDER, Owner
from ispalier.core.look import look
from ispalier.core.memory import Memory, Update
from ispalier.core.room import Scope
from ispalier.core.wanted import wanted
from ispalier.world.errors import IspalierError, Unavailable, Unsafe
from ispalier.world.view import View


async def reconcile(
    engine: Engine, customers: Sequence[str], now: datetime, *, dry_run: bool = False
) -> Sequence[Outcome]:
    """Make everything of some units as it is declared; again is harmless, and then does nothing.

    Each unit is judged by itself. What they share is a transaction of the journal, and a look and
    a batch at every host. The provider's is made alone, for the others lean on it.
    """
    aims = await choose(engine, await remembered(engine, customers), now)
    seen = await observe(engine, aims)
    plans = [compare(engine, *each) for each in zip(aims, seen, strict=True)]
    if not dry_run:
        failures = await apply(engine, plans)
        plans = [_after(plan, failures) for plan in plans]
        await remember(engine, plans, now)
    return [conclude(engine, plan) for plan in plans]


async def remembered(engine: Engine, customers: Sequence[str]) -> Mapping[str, Memory]:
    """What the journal holds of each unit; the provider's choices are read once for all."""
    unread = () if engine.provider is not None else (PROVIDER,)
    found = await asyncio.to_thread(engine.journal.memories, (*customers, *unread))
    if unread:
        engine.provider = found.get(PROVIDER, Memory()).choices
    return {each: found.get(each, Memory()) for each in customers}


async def choose(engine: Engine, memories: Mapping[str, Memory], now: datetime) -> Sequence[Aim]:
    """Gather, then claim, allocate, generate: what is wished for and not remembered yet is noted."""
    views = {each: gathered(engine, each, memory, now) for each, memory in memories.items()}
    asked = {each: wishes(view, engine.rooms) for each, view in views.items()}
    lacking = [each for each, view in views.items() if unmet(view, asked[each])]
    refused: Mapping[Owner, str] = {}
    if lacking:
        there = frozenset(chain(*(present(views[each], memories[each]) for each in lacking)))
        wanting = list(chain(*(asked[each] for each in lacking)))
        refused = await asyncio.to_thread(engine.journal.grant, wanting, there, now)
        memories = {**memories, **await remembered(engine, lacking)}
        if PROVIDER in lacking:
            engine.provider = memories[PROVIDER].choices
    return [
        Aim(view, memories[each], wanted(view, engine.rooms, refused))
        for each, known in views.items()
        for view in [with_choices(known, memories[each], engine.provider or {})]
    ]


def gathered(engine: Engine, customer: str, memory: Memory, now: datetime) -> View:
    """Everything of one unit, with what was chosen for it before."""
    view = gather(engine.world, customer, memory, engine.identity, now)
    return with_choices(view, memory, engine.provider or {})


async def observe(engine: Engine, aims: Sequence[Aim]) -> Sequence[Seen]:
    """Look at every host once, and part what it holds among the units."""
    customers = frozenset(aim.view.customer for aim in aims)
    claims = frozenset((each.kind, each.value) for aim in aims for each in aim.memory.bindings)
    owners = frozenset(
        owner
        for _, memory, goal in aims
        for owner in chain(memory.owners(), memory.absences, goal.served)
    )

    def scope(place: Place) -> Scope:
        items = chain(*(aim.wanted.items.get(place, ()) for aim in aims))
        keys = frozenset(key for each in items for key in (each.key, *each.needs))
        return Scope(customers, keys, claims, owners)

    found = await look(engine.hosts, engine.identity.installation, scope, engine.timeout)
    return [found.seen(aim) for aim in aims]


def compare(engine: Engine, aim: Aim, seen: Seen) -> Plan:
    """What to change on every host that answered, and what cannot be served, with the reason."""
    view, memory, goal = aim
    declared = present(view, memory)
    ours = (view.installation, view.customer)
    known = memory.owners() | {
        item.owner
        for items in seen.items.values()
        for item in items
        if item.owner is not None and item.owner[:2] == ours
    }
    known = {each for each in known if each.kind in engine.world.complete}
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


async def apply(engine: Engine, plans: Sequence[Plan]) -> Mapping[Owner, IspalierError]:
    """Make the changes on every host, side by side; returns whose were not made, and why."""
    together: dict[Place, list[Change]] = {}
    for plan in plans:
        for place, each in plan.changes.items():
            together.setdefault(place, []).extend(each)

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

    failures = await asyncio.gather(
        *(change(place, ChangeSet.of(each)) for place, each in together.items() if each)
    )
    return dict(chain.from_iterable(each.items() for each in failures))


async def remember(engine: Engine, plans: Sequence[Plan], now: datetime) -> None:
    """Write down who is absent, who came back, what is over, and what was observed."""
    found = {plan.view.customer: _update(engine, plan) for plan in plans}
    updates = {customer: each for customer, each in found.items() if each}
    if updates:
        await asyncio.to_thread(engine.journal.note, updates, now)


def _update(engine: Engine, plan: Plan) -> Update:
    view, memory, gone = plan.view, plan.memory, plan.fates
    over = set() if plan.seen.down else {each for each in gone.expired if each not in plan.problems}
    return Update(
        absent=gone.absent,
        returned=(*gone.returned, *sorted(over)),
        released=[each for each in memory.bindings if each.owner in over],
        facts=engine.facts(view, memory, plan.problems),
    )


def _after(plan: Plan, failures: Mapping[Owner, IspalierError]) -> Plan:
    """The plan, with what came of its changes."""
    own = {owner: each for owner, each in failures.items() if owner.customer == plan.view.customer}
    return plan._replace(problems={**plan.problems, **own}) if own else plan
