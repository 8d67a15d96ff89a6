"""Apply: the changes of a pass on every host, side by side, and what came of them."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from ispalier.core.calls import Request
from ispalier.core.changes import Change, ChangeSet
from ispalier.core.engine import Engine, Plan
from ispalier.core.introduce import strangers
from ispalier.core.items import Key, Place
from ispalier.core.room import Results
from ispalier.core.spans import within
from ispalier.core.together import side_by_side, together
from ispalier.world.errors import IspalierError, Unasked

PER_CHANGE = 0.05
"""Seconds that each change may take longer: a slow host gets on, too."""


class Answer(NamedTuple):
    """What a host answered: what was not made and why, and after how many seconds."""

    failures: Mapping[Key, IspalierError]
    seconds: float


async def apply(engine: Engine, plans: Sequence[Plan]) -> Mapping[Place, Answer]:
    """Make the changes of all plans, as one batch for each host.

    Whose services end comes first, also where a batch is made unit by unit.
    """
    batches: dict[Place, list[ChangeSet]] = {}
    for plan in plans:
        for place, each in plan.changes.items():
            if each:
                batches.setdefault(place, []).append(each)
    unknown = strangers(engine) if batches else {}
    works = (_apply_at(engine, *each) for each in batches.items() if each[0] not in unknown)
    known = [each for each in batches if each not in unknown]
    answers = dict(zip(known, await side_by_side(works), strict=True))
    return {**answers, **{each: _unmet(each, batches[each]) for each in unknown if each in batches}}


def _unmet(place: Place, sets: Sequence[ChangeSet]) -> Answer:
    """Nothing is written to a host that appeared after the pass had looked whose hosts there are."""
    why = Unasked(f"host '{place[1]}' was not there when this pass began")
    return Answer({each.key: why for each in chain(*sets)}, 0)


async def _apply_at(engine: Engine, place: Place, sets: Sequence[ChangeSet]) -> Answer:
    """What an earlier pass could not wait for is still being written: it is left alone until then."""
    clock = asyncio.get_running_loop()
    began, written = clock.time(), engine.calls.written(place)
    free: list[ChangeSet] = []
    answers: list[tuple[Sequence[ChangeSet], Results | IspalierError]] = []
    for each in sorted(sets, key=lambda each: each.urgency):
        if written.isdisjoint(change.key for change in each):
            free.append(each)
        else:
            answers.append(([each], Unasked(f"host '{place[1]}' is still at the changes before")))
    if free:
        answers += await together(engine.calls, partial(_request, engine, place), free)
    failures = {
        each.key: problem
        for some, answer in answers
        for each, problem in _problems(some, answer)
        if problem is not None
    }
    return Answer(failures, clock.time() - began)


def _problems(
    some: Sequence[ChangeSet], answer: Results | IspalierError
) -> Iterator[tuple[Change, IspalierError | None]]:
    for each in chain(*some):
        yield each, answer if isinstance(answer, IspalierError) else answer.get(each.key)


def _request(engine: Engine, place: Place, some: Sequence[ChangeSet]) -> Request[Results]:
    batch, (room, host) = ChangeSet.of(chain(*some)), place
    span = engine.span("apply to host", room=room, host=host, units=len(some))
    return Request(
        place=place,
        verb="apply",
        make=lambda: within(span, engine.hosts.backend(place).apply(batch)),
        seconds=engine.timeout + PER_CHANGE * len(batch),
        customers=frozenset(each.owner.customer for each in batch if each.owner),
        size=len(batch),
        writes=frozenset(each.key for each in batch),
    )
