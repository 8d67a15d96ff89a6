"""Remember: what a pass reads of the journal before, and writes down after."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ispalier.api.machines import ServiceHost
from ispalier.core.brakes import too_many
from ispalier.core.engine import Engine, Plan
from ispalier.core.gather import owner_of
from ispalier.core.history import written
from ispalier.core.items import PROVIDER
from ispalier.core.memory import Memory, Tombstone, Update
from ispalier.core.tombstones import is_in_force, not_in_force, tombstone
from ispalier.world.snapshot import Broken, Ident, ident
from ispalier.world.view import View


async def remembered(
    engine: Engine, customers: Sequence[str], now: datetime
) -> Mapping[str, Memory]:
    """What the journal holds of each unit; the provider's choices are read once for all.

    Where somebody is waited for, all who are missing are judged as one.
    """
    unread = () if engine.provider is not None else (PROVIDER,)
    found = await asyncio.to_thread(engine.journal.memories, (*customers, *unread))
    if unread:
        engine.provider = found.get(PROVIDER, Memory()).choices
    waiting = (each for memory in found.values() for each in memory.absences.values())
    if any(each.retired is None for each in waiting):
        await judge(engine, now)
    return {each: found.get(each, Memory()) for each in customers}


async def judge(engine: Engine, now: datetime) -> None:
    """Find out of which kinds too many are missing, over all customers."""
    fleet = await asyncio.to_thread(engine.journal.fleet, now - engine.limits.window)
    engine.standing.take(await asyncio.to_thread(engine.journal.acquaintance), now)
    engine.held = {**too_many(fleet, engine.limits), **engine.standing.held()}


async def remember(engine: Engine, plans: Sequence[Plan], now: datetime) -> None:
    """Write down who is absent, who came back, what is over, and what was observed."""
    found = {plan.view.customer: _update(engine, plan) for plan in plans}
    updates = {customer: each for customer, each in found.items() if each}
    if updates:
        await asyncio.to_thread(engine.journal.note, updates, now)
    written(engine, plans)
    if any(each.absent or each.returned for each in updates.values()):
        await judge(engine, now)


def has_news(engine: Engine, plan: Plan) -> bool:
    """Whether there is anything to write down of a pass."""
    return bool(_update(engine, plan))


def _update(engine: Engine, plan: Plan) -> Update:
    view, memory, absent = plan.view, plan.memory, plan.fates
    is_blind = not plan.seen.is_whole or engine.lost_hosts or _has_broken_hosts(view)
    over = sorted(each for each in absent.expired if not is_blind and each not in plan.problems)
    return Update(
        absent=absent.absent,
        returned=(*absent.returned, *over),
        released=[each for each in memory.bindings if each.owner in over],
        facts=engine.facts(view, memory, plan.problems),
        declared=list(_declared(plan)),
        purged=over,
        records=[each for some in plan.applied for each in some.records],
    )


def _has_broken_hosts(view: View) -> bool:
    return any(isinstance(each, Broken) for each in view.world.things(ServiceHost.__name__, ""))


def _declared(plan: Plan) -> Iterator[Tombstone]:
    """What is declared otherwise than is remembered, or is served so for the first time."""
    view, memory, troubled = plan.view, plan.memory, None
    for resource in view.resources:
        each = tombstone(owner_of(view, resource), resource, view.world, memory)
        if is_in_force(each, memory):
            continue
        troubled = _troubled(plan) if troubled is None else troubled
        each = not_in_force(each) if ident(resource) in troubled else each
        if not is_in_force(each, memory):
            yield each


def _troubled(plan: Plan) -> set[Ident]:
    """Whoever is not served as declared, with the contract and its other parts, and the Tenant."""
    view, owners = plan.view, plan.problems.keys()
    own = {ident(each) for each in view.resources if owner_of(view, each) in owners}
    contracts = {ident(view.contracts[each]) for each in own if each in view.contracts}
    parts = {each for each, contract in view.contracts.items() if ident(contract) in contracts}
    return own | parts | ({ident(view.tenant)} if own and view.tenant else set())
