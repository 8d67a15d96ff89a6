"""Braking: what is too much for one window is taken out of the plans before anything is made."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from ispalier.core.brakes import judged
from ispalier.core.calls import Request
from ispalier.core.changes import Change, ChangeSet
from ispalier.core.engine import Engine, Plan
from ispalier.core.impact import Impact
from ispalier.core.items import PROVIDER, Item, Key, Owner, Place
from ispalier.core.look import PATIENCE
from ispalier.core.memory import Judged
from ispalier.core.room import Scope
from ispalier.core.weighing import Namers, dangerous, namers, weights
from ispalier.core.weight import Scales, Weight
from ispalier.world.errors import IspalierError, Unsafe


class _Case(NamedTuple):
    """What is judged as one; of whom nothing is dangerous any more; who was seen `in_part`.

    Of the latter the digest is not that of the whole change, which is kept: a host is away.
    """

    found: Sequence[Weight]
    over: Collection[Owner]
    in_part: Collection[Owner]


async def braked(
    engine: Engine, plans: Sequence[Plan], now: datetime, *, dry_run: bool = False
) -> Sequence[Plan]:
    """The plans without what is too much; all that is dangerous in them is judged as one.

    The journal is asked only where something is dangerous, or was and is no longer. What is let
    go is counted there before it is made, so that neither a crash nor another pass forgets it; in
    a dry run only what is held back is written down.
    """
    brakes, held = engine.brakes, await held_back(engine)
    if not held and not any(map(is_weighed, plans)):
        return plans
    weighed = [await _weighed(engine, plan) for plan in plans]
    found = list(chain(*(some for _, some in weighed)))
    over = _over(held, weighed)
    if not found and not over:
        return [plan for plan, _ in weighed]
    in_part = {each.owner for plan, some in weighed if not plan.seen.is_whole for each in some}
    async with brakes.turn:
        verdict = await _judge(engine, _Case(found, over, in_part), now, dry_run=dry_run)
    reasons = {cause: Unsafe(engine.limits.told(cause)) for cause in set(verdict.values())}
    return [
        _held_back(plan, {each.owner: reasons[verdict[each]] for each in some if each in verdict})
        for plan, some in weighed
    ]


async def held_back(engine: Engine) -> Mapping[Owner, str]:
    """Whose changes are held back, by cause; the journal is read once."""
    if engine.brakes.held is None:
        engine.brakes.held = dict(await asyncio.to_thread(engine.journal.held))
    return engine.brakes.held


def is_weighed(plan: Plan) -> bool:
    """Whether there is anything to judge."""
    return bool(plan.shifts) or any(True for _ in dangerous(plan))


async def _weighed(engine: Engine, plan: Plan) -> tuple[Plan, Sequence[Weight]]:
    """What is dangerous in a plan; without it where nobody can say how many it concerns."""
    changes = list(dangerous(plan))
    try:
        leaning = await _leaning(engine, plan, changes)
    except IspalierError as error:
        return _not_weighed(plan, changes, error), []
    return plan, weights(plan, changes, leaning)


async def _leaning(engine: Engine, plan: Plan, changes: Sequence[tuple[Place, Change]]) -> Namers:
    """How many need what is changed; for the provider's own everybody on the host is asked."""
    keys: dict[Place, set[Key]] = {}
    for place, each in changes:
        if each.impact >= Impact.INTERRUPT:
            keys.setdefault(place, set()).add(each.key)
    found: dict[tuple[Place, Key], int] = {}
    for place, some in keys.items():
        is_all = plan.view.customer == PROVIDER
        items = await _everything(engine, place) if is_all else plan.seen.items[place]
        found |= namers(place, items, frozenset(some))
    return found


async def _everything(engine: Engine, place: Place) -> Sequence[Item]:
    request: Request[Sequence[Item]] = Request(
        place=place,
        verb="sweep",
        make=lambda: engine.hosts.backend(place).observe(Scope(everything=True)),
        seconds=engine.timeout * PATIENCE,
        customers=frozenset({PROVIDER}),
        size=0,
        waits=True,
    )
    answer = await engine.calls.answer(request)
    if isinstance(answer, IspalierError):
        raise answer
    return answer


def _over(
    held: Mapping[Owner, str], weighed: Sequence[tuple[Plan, Sequence[Weight]]]
) -> Collection[Owner]:
    """Who is held back and has nothing dangerous any more, as far as it can be seen."""
    if not held:
        return ()
    plans = {plan.view.customer: plan for plan, _ in weighed if plan.seen.is_whole}
    still = {each.owner for _, some in weighed for each in some}
    return {
        owner
        for owner in held
        if owner.customer in plans
        and owner not in still
        and owner not in plans[owner.customer].problems
    }


async def _judge(
    engine: Engine, case: _Case, now: datetime, *, dry_run: bool
) -> Mapping[Weight, str]:
    """Which weights are held back, with the cause; the journal knows it from now on."""
    found, over, in_part = case
    since = now - engine.limits.window
    owners = {*(each.owner for each in found), *over}
    money = any(each.currency for each in found)
    scales = await asyncio.to_thread(engine.journal.scales, owners, since, money=money)
    stay = _still_held(found, scales)
    verdict = stay | judged([each for each in found if each not in stay], scales, engine.limits)
    there = {each.named for each in found}
    known = (*scales.held, *scales.approved)
    new = {each for each in verdict if each.named not in scales.held}
    result = Judged(
        held={e: verdict[e] for e in new if not (e in stay and e.owner in in_part)},
        made=[] if dry_run else [each for each in found if each not in verdict],
        over=[each for each in known if each not in there and each[0] not in in_part],
    )
    if result:
        await asyncio.to_thread(engine.journal.weigh, result, now, since)
    kept = {
        owner: cause for owner, cause in (engine.brakes.held or {}).items() if owner not in owners
    }
    engine.brakes.held = kept | {each.owner: cause for each, cause in verdict.items()}
    return verdict


def _still_held(found: Sequence[Weight], scales: Scales) -> dict[Weight, str]:
    """What was held back and is another change now, be it that a host is away or back again."""
    causes = {owner: cause for (owner, _), cause in scales.held.items()}
    return {
        each: causes[each.owner]
        for each in found
        if each.owner in causes
        and each.named not in scales.held
        and each.named not in scales.approved
        and not each.currency
    }


def _held_back(plan: Plan, why: Mapping[Owner, IspalierError]) -> Plan:
    """The plan without the dangerous changes of some; the rest of theirs goes on."""
    if not why:
        return plan
    return _without(plan, why.keys())._replace(
        problems={**plan.problems, **why},
        others={**plan.others, **why},
        held=plan.held | why.keys(),
    )


def _not_weighed(plan: Plan, changes: Sequence[tuple[Place, Change]], error: IspalierError) -> Plan:
    """The plan without what is dangerous, for a host did not tell whom it concerns."""
    failed = {place: dict(each) for place, each in plan.failed.items()}
    for place, change in changes:
        if change.owner:
            failed.setdefault(place, {})[change.owner] = error
    owners = {change.owner for _, change in changes if change.owner}
    problems = {**plan.problems, **dict.fromkeys(owners, error)}
    return _without(plan, owners)._replace(problems=problems, failed=failed)


def _without(plan: Plan, owners: Collection[Owner]) -> Plan:
    stopped = {id(each) for _, each in dangerous(plan) if each.owner in owners}
    changes = {
        place: ChangeSet(tuple(each for each in some if id(each) not in stopped))
        for place, some in plan.changes.items()
    }
    return plan._replace(changes=changes)
