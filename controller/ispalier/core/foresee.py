"""Foresee: all that passes over some units would do is judged as one, before the first is made."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ispalier.core.braking import braked, held_back, is_weighed
from ispalier.core.choosing import Aim
from ispalier.core.conclude import conclude
from ispalier.core.engine import Engine, Outcome, Plan
from ispalier.core.gather import unmet, wishes
from ispalier.core.reconcile import EVERY_HOST, compare, gathered, observe
from ispalier.core.remember import has_news, remembered
from ispalier.core.wanted import wanted

BATCH = 50
"""Units that are looked at together."""


async def foresee(engine: Engine, customers: Sequence[str], now: datetime) -> Mapping[str, Outcome]:
    """Hold back what is too much of a whole revision; passes then find it held.

    Nothing is chosen or changed. Who is not known yet is only made, which no brake holds back, and
    is not looked at. Returns the outcomes of those who need no pass: all is as declared.
    """
    there = set(await asyncio.to_thread(engine.journal.customers))
    known = [each for each in customers if each in there]
    waiting = {owner.customer for owner in await held_back(engine)}
    idle: dict[str, Outcome] = {}
    weighed: list[Plan] = []
    for some in _parts(known):
        memories = await remembered(engine, some, now)
        views = await gathered(engine, memories, now)
        aims = [
            Aim(view, memories[each], wanted(view, engine.rooms, {}))
            for each, view in views.items()
        ]
        seen = await observe(engine, aims, EVERY_HOST)
        for plan in (compare(engine, *each) for each in zip(aims, seen, strict=True)):
            if is_weighed(plan):
                weighed.append(plan)
            elif plan.view.customer not in waiting and _is_idle(engine, plan):
                idle[plan.view.customer] = conclude(engine, plan)
    if weighed:
        await braked(engine, weighed, now, dry_run=True)
    return {each: outcome for each, outcome in idle.items() if not outcome.secrets}


def _is_idle(engine: Engine, plan: Plan) -> bool:
    """Whether a pass would find nothing to do, whatever others do before it."""
    view = plan.view
    return not (
        any(plan.changes.values())
        or plan.problems
        or not plan.seen.is_whole
        or has_news(engine, plan)
        or unmet(view, wishes(view, engine.rooms))
    )


def _parts(customers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(customers), BATCH):
        yield customers[start : start + BATCH]
