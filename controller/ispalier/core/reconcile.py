"""One pass over some units: from what is declared to what every back end holds."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from ispalier.api.base import Resource
from ispalier.core.absence import fates
from ispalier.core.brakes import brake
from ispalier.core.changes import ChangeSet, difference
from ispalier.core.conclude import conclude
from ispalier.core.engine import Aim, Engine, Outcome, Plan, Seen
from ispalier.core.gather import (
    gather,
    gone,
    in_use,
    present,
    unmet,
    wishes,
    with_choices,
)
from ispalier.core.items import PROVIDER, Owner, Place
from ispalier.core.look import look
from ispalier.core.memory import Memory
from ispalier.core.remember import remember, remembered
from ispalier.core.room import Results, Scope
from ispalier.core.together import Call, side_by_side
from ispalier.core.tombstones import resource_of
from ispalier.core.wanted import wanted
from ispalier.world.errors import IspalierError, Unsafe
from ispalier.world.view import View

PER_CHANGE = 0.05
"""Seconds that each change is waited for longer: a slow host gets on, too."""


async def reconcile(
    engine: Engine, customers: Sequence[str], now: datetime, *, dry_run: bool = False
) -> Sequence[Outcome]:
    """Make everything of some units as it is declared; again is harmless, and then does nothing.

    Each unit is judged by itself. What they share is a transaction of the journal, and a look and
    a batch at every host. The provider's is made alone, for the others lean on it.
    """
    memories = await remembered(engine, customers, now)
    views = await gathered(engine, memories, now)
    aims = await choose(engine, views, memories)
    seen = await observe(engine, aims)
    plans = [compare(engine, *each) for each in zip(aims, seen, strict=True)]
    if not dry_run:
        failures = await apply(engine, plans)
        plans = [_after(plan, failures) for plan in plans]
        await remember(engine, plans, now)
    return [conclude(engine, plan) for plan in plans]


async def gathered(
    engine: Engine, memories: Mapping[str, Memory], now: datetime
) -> Mapping[str, View]:
    """Everything of each unit, with what was chosen for it, and what of it is only waited for."""
    views = {
        each: with_choices(
            gather(engine.world, each, memory, engine.identity, now), memory, engine.provider or {}
        )
        for each, memory in memories.items()
    }
    if PROVIDER in views:
        declared = present(views[PROVIDER], memories[PROVIDER])
        gone_ = memories[PROVIDER].tombstones.keys() - declared
        engine.lost_hosts = any(each.kind == "ServiceHost" for each in gone_)
    missing = {each: gone(view, memories[each], engine.terms(view)) for each, view in views.items()}
    if not any(missing.values()):
        return views
    owners = frozenset(chain(*missing.values()))
    bodies = await asyncio.to_thread(engine.journal.last_declared, owners)
    return {
        each: replace(view, waited_for=_read_again(missing[each], bodies))
        for each, view in views.items()
    }


async def choose(
    engine: Engine, views: Mapping[str, View], memories: Mapping[str, Memory]
) -> Sequence[Aim]:
    """Claim, allocate, generate: what is wished for and not remembered yet goes to the journal."""
    asked = {each: wishes(view, engine.rooms) for each, view in views.items()}
    lacking = [each for each, view in views.items() if unmet(view, asked[each])]
    refused: Mapping[Owner, str] = {}
    if lacking:
        there = frozenset(chain(*(present(views[each], memories[each]) for each in lacking)))
        wanting = list(chain(*(asked[each] for each in lacking)))
        now = views[lacking[0]].now
        refused = await asyncio.to_thread(engine.journal.grant, wanting, there, now)
        memories = {**memories, **await remembered(engine, lacking, now)}
        if PROVIDER in lacking:
            engine.provider = memories[PROVIDER].choices
    return [
        Aim(view, memories[each], wanted(view, engine.rooms, refused))
        for each, known in views.items()
        for view in [with_choices(known, memories[each], engine.provider or {})]
    ]


async def observe(engine: Engine, aims: Sequence[Aim]) -> Sequence[Seen]:
    """Look at every host once, and part what it holds among the units."""
    of = {aim.view.customer: aim for aim in aims}

    def scope(place: Place, customers: Sequence[str]) -> Scope:
        some = [of[each] for each in customers]
        items = chain(*(aim.wanted.items.get(place, ()) for aim in some))
        return Scope(
            customers=frozenset(customers),
            keys=frozenset(key for each in items for key in (each.key, *each.needs)),
            claims=frozenset(each[:2] for aim in some for each in aim.memory.bindings),
            owners=frozenset(
                owner
                for _, memory, goal in some
                for owner in chain(memory.owners(), memory.absences, goal.served)
            ),
        )

    found = await look(engine, list(of), scope, engine.timeout)
    return [found.seen(aim) for aim in aims]


def compare(engine: Engine, aim: Aim, seen: Seen) -> Plan:
    """What to change on every host that answered, and what cannot be served, with the reason."""
    view, memory, goal = aim
    declared = present(view, memory)
    ours = (view.installation, view.customer)
    known = memory.absences.keys() | (
        memory.owners()
        | memory.tombstones.keys()
        | {
            item.owner
            for items in seen.items.values()
            for item in items
            if item.owner is not None and item.owner[:2] == ours
        }
    )
    known = {each for each in known if each.kind in engine.world.complete}
    if view.customer == PROVIDER and known - declared:
        declared |= in_use(view)
    absent = fates(known, declared, memory, view.now, engine.terms(view))
    decided = {**dict.fromkeys(goal.served), **absent.fates}
    problems: dict[Owner, IspalierError] = dict(goal.problems)
    changes: dict[Place, ChangeSet] = {}
    for place, items in seen.items.items():
        found = difference(goal.items.get(place, ()), goal.kept, items, decided)
        verdict = brake(found.changes, items, absent.fates, engine.limits)
        changes[place] = verdict.allowed
        problems |= found.refused
        problems |= {
            each.owner: Unsafe(verdict.reasons[each.owner.kind])
            for each in verdict.held
            if each.owner
        }
    for place, error in seen.down.items():
        problems |= {each.owner: error for each in goal.items.get(place, ()) if each.owner}
    return Plan(view, memory, goal, seen, absent, changes, problems)


async def apply(engine: Engine, plans: Sequence[Plan]) -> Mapping[Owner, IspalierError]:
    """Make the changes on every host, side by side; returns whose were not made, and why."""
    batches: dict[Place, list[ChangeSet]] = {}
    for plan in plans:
        for place, each in plan.changes.items():
            if each:
                batches.setdefault(place, []).append(each)

    async def change(place: Place, sets: Sequence[ChangeSet]) -> Mapping[Owner, IspalierError]:
        async def applied(some: Sequence[ChangeSet]) -> Results:
            return await engine.hosts.backend(place).apply(ChangeSet.of(chain(*some)))

        def seconds(some: Sequence[ChangeSet]) -> float:
            return engine.timeout + PER_CHANGE * sum(map(len, some))

        failures: dict[Owner, IspalierError] = {}
        call = Call(place, applied, seconds)
        for some, answer in await call.together(engine.circuits, sets):
            for each in chain(*some):
                problem = answer if isinstance(answer, IspalierError) else answer.get(each.key)
                if each.owner and problem is not None:
                    failures[each.owner] = problem
        return failures

    failed = await side_by_side(change(*each) for each in batches.items())
    return dict(chain.from_iterable(each.items() for each in failed))


def _after(plan: Plan, failures: Mapping[Owner, IspalierError]) -> Plan:
    """The plan, with what came of its changes."""
    own = {owner: each for owner, each in failures.items() if owner.customer == plan.view.customer}
    return plan._replace(problems={**plan.problems, **own}) if own else plan


def _read_again(owners: Iterable[Owner], bodies: Mapping[Owner, str]) -> Sequence[Resource]:
    found = (resource_of(each.kind, bodies[each]) for each in sorted(owners) if each in bodies)
    return tuple(each for each in found if each is not None)
