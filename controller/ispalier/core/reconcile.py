"""One pass over some units: from what is declared to what every back end holds."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from types import MappingProxyType

from ispalier.api.base import Resource
from ispalier.api.machines import ServiceHost
from ispalier.core.absence import TENANT, Look, fates
from ispalier.core.apply import apply
from ispalier.core.braking import braked
from ispalier.core.ceded import with_ceded
from ispalier.core.changes import ChangeSet, difference
from ispalier.core.choosing import ROUNDS, Aim, aims, lacking
from ispalier.core.conclude import conclude
from ispalier.core.confidential import settle
from ispalier.core.engine import Engine, Outcome, Plan, Seen
from ispalier.core.gather import (
    gather,
    gone,
    in_use,
    owner_of,
    present,
    with_choices,
    with_waited_for,
)
from ispalier.core.history import made
from ispalier.core.introduce import introduce
from ispalier.core.items import PROVIDER, Owner, Place
from ispalier.core.look import Only, look
from ispalier.core.memory import Memory
from ispalier.core.proofs import with_proven
from ispalier.core.recall import recall
from ispalier.core.remember import remember, remembered
from ispalier.core.room import Scope
from ispalier.core.spans import within
from ispalier.core.tombstones import resource_of
from ispalier.world.errors import Conflict, IspalierError
from ispalier.world.state import State
from ispalier.world.view import View

EVERY_HOST: Only = {}


async def reconcile(
    engine: Engine,
    customers: Sequence[str],
    now: datetime,
    *,
    dry_run: bool = False,
    only: Only = EVERY_HOST,
) -> Sequence[Outcome]:
    """Make everything of some units as it is declared; again is harmless, and then does nothing.

    Units in `only` ask these hosts alone: what the others hold was right, and is so still.
    Each unit is judged by itself. What they share is a transaction of the journal, and a look and
    a batch at every host. The provider's is made alone, for the others lean on it.
    """
    step = partial(engine.span, units=len(customers))
    with step("pass"):
        await within(step("introduce"), introduce(engine, now))
        memories = await remembered(engine, customers, now)
        views = await within(step("gather"), gathered(engine, memories, now))
        withheld = await within(step("recall"), recall(engine, views, now))
        aims = await within(step("choose"), choose(engine, views, memories, withheld))
        settle(aims)
        seen = await within(step("observe"), observe(engine, aims, only))
        with step("compare"):
            found = [compare(engine, *each) for each in zip(aims, seen, strict=True)]
        plans = await within(step("brake"), braked(engine, found, now, dry_run=dry_run))
        if not dry_run:
            answers = await within(step("apply"), apply(engine, plans))
            plans = await made(engine, plans, answers, now)
            await within(step("remember"), remember(engine, plans, now))
        return [conclude(engine, plan) for plan in plans]


async def gathered(
    engine: Engine, memories: Mapping[str, Memory], now: datetime
) -> Mapping[str, View]:
    """Everything of each unit, with what was chosen for it, and what of it is only waited for."""
    views = {
        each: with_proven(
            with_choices(
                gather(engine.world, each, memory, engine.identity, now),
                memory,
                engine.provider or {},
            ),
            engine.rooms,
            engine.verdicts,
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
        each: with_waited_for(view, _read_again(missing[each], bodies))
        for each, view in views.items()
    }


async def choose(
    engine: Engine,
    views: Mapping[str, View],
    memories: Mapping[str, Memory],
    withheld: Mapping[Owner, IspalierError] = MappingProxyType({}),
) -> Sequence[Aim]:
    """Claim, allocate, generate: what is wished for and not remembered yet goes to the journal.

    Those of whom it is `withheld` get nothing yet.
    """
    refused, asking = dict(withheld), views
    for _ in range(ROUNDS):
        units, wishes, there, waiting = lacking(engine.rooms, asking, memories)
        if not units:
            break
        wanting = [each for each in wishes if each.owner not in withheld]
        now = views[units[0]].now
        denied = await asyncio.to_thread(engine.journal.grant, wanting, there, now)
        refused |= {owner: Conflict(why) for owner, why in denied.items()}
        memories = {**memories, **await remembered(engine, units, now)}
        if PROVIDER in units:
            engine.provider = memories[PROVIDER].choices
        provider = engine.provider or {}
        asking = {each: with_choices(views[each], memories[each], provider) for each in waiting}
    return aims(engine.rooms, views, memories, engine.provider or {}, refused)


async def observe(engine: Engine, aims: Sequence[Aim], only: Only) -> Sequence[Seen]:
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

    found = await look(engine, list(of), scope, only)
    return await with_ceded(engine, aims, [found.seen(aim) for aim in aims])


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
    known |= _unknown_tenant(view, known, declared)
    known = {each for each in known if each.kind in engine.world.complete}
    if view.customer == PROVIDER and known - declared:
        declared |= in_use(view)
    there = (item for items in seen.items.values() for item in items)
    serving = {each.owner for each in there if each.owner and each.state is not State.RETIRED}
    absent = fates(known, declared, memory, engine.terms(view), Look(view.now, serving))
    decided = {**dict.fromkeys(goal.served), **absent.fates}
    problems: dict[Owner, IspalierError] = dict(goal.problems)
    changes: dict[Place, ChangeSet] = {}
    for place, items in seen.items.items():
        ceded = seen.ceded.get(place, ())
        found = difference(goal.items.get(place, ()), goal.kept, items, decided, ceded)
        changes[place] = found.changes
        problems |= found.refused
    hosts = {each.name: owner_of(view, each) for each in view.of(ServiceHost)}
    failed = {
        place: {
            **{each.owner: error for each in goal.items.get(place, ()) if each.owner},
            **({hosts[place[1]]: error} if place[1] in hosts else {}),
        }
        for place, error in seen.down.items()
    }
    every = dict(chain(problems.items(), *(each.items() for each in failed.values())))
    shifts = engine.shifts(view, memory)
    return Plan(view, memory, goal, seen, absent, changes, every, failed, problems, shifts)


def _unknown_tenant(view: View, known: set[Owner], declared: set[Owner]) -> set[Owner]:
    """The Tenant of things that are known, where neither it nor what it was called is.

    A journal that was set back may have forgotten it. Its return counts like that of any other.
    """
    is_gone = view.customer != PROVIDER and view.tenant is None
    if not is_gone or not known or any(each.kind == TENANT for each in (*known, *declared)):
        return set()
    return {Owner(view.installation, view.customer, TENANT, view.customer)}


def _read_again(owners: Iterable[Owner], bodies: Mapping[Owner, str]) -> Sequence[Resource]:
    found = (resource_of(each.kind, bodies[each]) for each in sorted(owners) if each in bodies)
    return tuple(each for each in found if each is not None)
