"""Foresee: all that passes over some units would do is judged as one, before the first is made."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from ispalier.core.braking import braked, is_weighed
from ispalier.core.engine import Aim, Engine, Plan
from ispalier.core.reconcile import EVERY_HOST, compare, gathered, observe
from ispalier.core.remember import remembered
from ispalier.core.wanted import wanted

BATCH = 50
"""Units that are looked at together."""


async def foresee(engine: Engine, customers: Sequence[str], now: datetime) -> None:
    """Hold back what is too much of a whole revision; passes then find it held.

    Nothing is chosen or changed. Who is not known yet is only made, which no brake holds back, and
    is not looked at.
    """
    weighed: list[Plan] = []
    for some in _parts(customers):
        memories = await remembered(engine, some, now)
        known = {each: memory for each, memory in memories.items() if memory.tombstones}
        if known:
            views = await gathered(engine, known, now)
            aims = [
                Aim(view, known[each], wanted(view, engine.rooms, {}))
                for each, view in views.items()
            ]
            seen = await observe(engine, aims, EVERY_HOST)
            plans = (compare(engine, *each) for each in zip(aims, seen, strict=True))
            weighed += [plan for plan in plans if is_weighed(plan)]
    if weighed:
        await braked(engine, weighed, now, dry_run=True)


def _parts(customers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(customers), BATCH):
        yield customers[start : start + BATCH]
