"""History: what a pass changed on which host, each with its cause."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from ispalier.api.base import Resource
from ispalier.core.applied import Applied, HistoryLine
from ispalier.core.apply import Answer
from ispalier.core.causes import HOST, LATELY, Causes
from ispalier.core.changes import Change, ChangeSet
from ispalier.core.engine import Edited, Engine, Plan, Unsure
from ispalier.core.gather import owner_of
from ispalier.core.items import PROVIDER, Owner, Place
from ispalier.core.shown import differences, named
from ispalier.core.tombstones import is_in_force, tombstone
from ispalier.world.edits import edit_of
from ispalier.world.errors import IspalierError, Unasked, Unavailable
from ispalier.world.snapshot import Ident, Snapshot, ident


async def made(
    engine: Engine, plans: Sequence[Plan], answers: Mapping[Place, Answer], now: datetime
) -> list[Plan]:
    """The plans, with who was not served after all, and with records of what was made."""
    is_quiet = not any(any(plan.changes.values()) or _is_provider(plan) for plan in plans)
    if is_quiet and engine.unsure.keys().isdisjoint(plan.view.customer for plan in plans):
        return list(plans)
    edited = [_edited(plan) for plan in plans]
    which = {ident(each) for some in edited for each in some.values()}
    by_whom = await _by_whom(engine.world, which)
    engine.edited = {
        **{each: one for each, one in engine.edited.items() if now - one.at < LATELY},
        **{
            ident(each): Edited(now, by_whom.get(ident(each), ""))
            for plan, some in zip(plans, edited, strict=True)
            for owner, each in some.items()
            if _is_provider(plan) and (owner in plan.memory.tombstones or each.kind == HOST)
        },
    }
    return [
        _made(engine, plan, answers, Causes(engine, plan, some, by_whom))
        for plan, some in zip(plans, edited, strict=True)
    ]


def written(engine: Engine, plans: Sequence[Plan]) -> None:
    """Take in that the records of some plans are in the journal."""
    for plan in plans:
        waiting = engine.unsure.pop(plan.view.customer, {})
        records = {each for some in plan.applied for each in some.records}
        still = {each: one for each, one in waiting.items() if one.line not in records}
        if still:
            engine.unsure[plan.view.customer] = still


def _is_provider(plan: Plan) -> bool:
    return plan.view.customer == PROVIDER


def _edited(plan: Plan) -> Mapping[Owner, Resource]:
    """The resources of a unit whose last edit is not known to be in force."""
    if not (any(plan.changes.values()) or _is_provider(plan)):
        return {}
    owned = {owner_of(plan.view, each): each for each in plan.view.resources}
    return {
        owner: each
        for owner, each in owned.items()
        if not is_in_force(tombstone(owner, each, plan.view.world, plan.memory), plan.memory)
    }


async def _by_whom(world: Snapshot, which: set[Ident]) -> Mapping[Ident, str]:
    if world.edits is not None:
        return await asyncio.to_thread(world.edits, which) if which else {}
    found = {each: world.find(each) for each in which}
    return {each: edit_of(one) for each, one in found.items() if isinstance(one, Resource)}


def _made(engine: Engine, plan: Plan, answers: Mapping[Place, Answer], causes: Causes) -> Plan:
    problems, failed = dict(plan.problems), dict(plan.failed)
    late = _made_after_all(engine, plan)
    applied: list[Applied] = []
    for place, changes in plan.changes.items():
        failures, seconds = answers[place] if changes else Answer({}, 0.0)
        done = [each for each in changes if failures.get(each.key) is None]
        digest = ChangeSet(tuple(done)).digest
        ours = [each for each in done if each.owner is not None]
        lines = [_line(place, each, digest, causes) for each in ours]
        if changes or place in late:
            missing = len(changes) - len(done)
            every = (*late.get(place, ()), *lines)
            applied.append(Applied(place, digest, every, missing, seconds))
        missed = [each for each in changes if each.owner is not None and each.key in failures]
        own = {each.owner: failures[each.key] for each in missed if each.owner is not None}
        if changes:
            problems |= own
            failed[place] = own
        unsure = {
            each.key: Unsure(each.after, _line(place, each, changes.digest, causes))
            for each in missed
            if _may_be_made(failures[each.key])
        }
        unsure |= {
            each.key: Unsure(each.after, line) for each, line in zip(ours, lines, strict=True)
        }
        for key, one in unsure.items():
            engine.unsure.setdefault(plan.view.customer, {})[place, key] = one
    return plan._replace(problems=problems, failed=failed, applied=tuple(applied))


def _line(place: Place, change: Change, digest: str, causes: Causes) -> HistoryLine:
    assert change.owner is not None  # noqa: S101 - what we change is ours
    cause, detail = causes.cause(change)
    return HistoryLine(
        owner=change.owner,
        verb=change.verb.value,
        cause=cause,
        detail=detail,
        room=place[0],
        host=place[1],
        item=named(change.item),
        fields=_fields(change),
        digest=digest,
    )


def _may_be_made(problem: IspalierError) -> bool:
    """Whether a change that has no answer was sent."""
    return isinstance(problem, Unavailable) and not isinstance(problem, Unasked)


def _made_after_all(engine: Engine, plan: Plan) -> Mapping[Place, Sequence[HistoryLine]]:
    """What was sent before and is there now, and is not written down: an answer was lost, or late."""
    found: dict[Place, list[HistoryLine]] = {}
    waiting = engine.unsure.get(plan.view.customer, {})
    for place in {place for place, _ in waiting} & plan.seen.items.keys():
        there = {item.key: item for item in plan.seen.items[place]}
        for key in [key for at, key in waiting if at == place]:
            after, line = waiting[place, key]
            if there.get(key) == after:
                found.setdefault(place, []).append(line)
            else:
                del waiting[place, key]
    return found


def _fields(change: Change) -> tuple[str, ...]:
    """The names of what differed; of what is new or goes there is nothing to compare."""
    both = change.before is not None and change.after is not None
    return tuple(each.name for each in differences(change)) if both else ()
