"""Together: one call of a host for many, and if that fails one for each of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeAlias, TypeVar

from ispalier.core.calls import Calls, Request
from ispalier.core.circuit import SLOW
from ispalier.world.errors import IspalierError, Unanswered

P = TypeVar("P")
T = TypeVar("T")

ENOUGH = 2
"""Failures in a row that say it is the host, and none of those it was called for."""

Answers: TypeAlias = Sequence[tuple[Sequence[P], T | IspalierError]]
"""What came of a call, and for whom it was made."""


async def together(
    calls: Calls, request: Callable[[Sequence[P]], Request[T]], who: Sequence[P]
) -> Answers[P, T]:
    """Make a call for all; so that one of them does not fail the others, else for each alone."""
    clock = asyncio.get_running_loop()
    began = clock.time()
    answer = await calls.answer(request(who))
    is_slow = isinstance(answer, Unanswered) or clock.time() - began > SLOW
    if not isinstance(answer, IspalierError) or len(who) == 1 or is_slow:
        return [(who, answer)]
    answers: list[tuple[Sequence[P], T | IspalierError]] = []
    failures = 0
    for position, each in enumerate(who):
        answer = await calls.answer(request([each]))
        answers.append(([each], answer))
        failures = failures + 1 if isinstance(answer, IspalierError) else 0
        if failures == ENOUGH:
            return [*answers, (who[position + 1 :], answer)]
    return answers


async def side_by_side(works: Iterable[Awaitable[T]]) -> list[T]:
    """All of them to their end; what one raises is raised when none is at work any more."""
    ended = await asyncio.gather(*works, return_exceptions=True)
    for each in ended:
        if isinstance(each, BaseException):
            raise each
    return [each for each in ended if not isinstance(each, BaseException)]
