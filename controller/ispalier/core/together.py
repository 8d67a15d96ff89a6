"""Together: one call of a host for many, and if that fails one for each of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from ispalier.core.circuit import SLOW, Circuits
from ispalier.core.items import Place
from ispalier.world.errors import IspalierError, Unavailable

P = TypeVar("P")
T = TypeVar("T")

ENOUGH = 2
"""Failures in a row that say it is the host, and none of those it was called for."""

Answers: TypeAlias = Sequence[tuple[Sequence[P], T | IspalierError]]
"""What came of a call, and for whom it was made."""


@dataclass(frozen=True, slots=True)
class Call(Generic[P, T]):
    """A call of a host for some, and how many seconds that may take."""

    place: Place
    make: Callable[[Sequence[P]], Awaitable[T]]
    seconds: Callable[[Sequence[P]], float]

    async def together(self, circuits: Circuits, who: Sequence[P]) -> Answers[P, T]:
        """Make it for all; so that one of them does not fail the others, else for each alone."""
        clock = asyncio.get_running_loop()
        began = clock.time()
        answer = await self._once(circuits, who)
        if not isinstance(answer, IspalierError) or len(who) == 1 or clock.time() - began > SLOW:
            return [(who, answer)]
        answers: list[tuple[Sequence[P], T | IspalierError]] = []
        failures = 0
        for position, each in enumerate(who):
            answer = await self._once(circuits, [each])
            answers.append(([each], answer))
            failures = failures + 1 if isinstance(answer, IspalierError) else 0
            if failures == ENOUGH:
                return [*answers, (who[position + 1 :], answer)]
        return answers

    async def _once(self, circuits: Circuits, who: Sequence[P]) -> T | IspalierError:
        clock = asyncio.get_running_loop()
        began = clock.time()
        refusal = circuits.refusal(self.place, began)
        if refusal is not None:
            return refusal
        answer = await self._answer(who, circuits.patience(self.place, self.seconds(who)))
        failure = answer if isinstance(answer, IspalierError) else None
        circuits.ended(self.place, failure, began=began, now=clock.time())
        return answer

    async def _answer(self, who: Sequence[P], seconds: float) -> T | IspalierError:
        try:
            async with asyncio.timeout(seconds):
                return await self.make(who)
        except TimeoutError:
            return Unavailable(f"host '{self.place[1]}' did not answer in {seconds:g} s")
        except IspalierError as error:
            return error


async def side_by_side(works: Iterable[Awaitable[T]]) -> list[T]:
    """All of them to their end; what one raises is raised when none is at work any more."""
    ended = await asyncio.gather(*works, return_exceptions=True)
    for each in ended:
        if isinstance(each, BaseException):
            raise each
    return [each for each in ended if not isinstance(each, BaseException)]
