"""Calls: what is on its way to hosts, over all passes; nobody waits longer than is usual."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ispalier.core.circuit import Circuits
from ispalier.core.items import Key, Place
from ispalier.core.patience import Patience
from ispalier.world.errors import IspalierError, Lost, Unanswered, Unavailable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

AT_ONCE = 8
"""Calls of one host at a time; more wait for their turn, so that it never ties up everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Generic[T_co]):
    """One call of a host, for whom it is, and how many seconds it may take.

    A pass waits for as long as is usual for so many keys (`size`), or if it `waits`, to the end.
    Then the call goes on without it; what it `writes` is not touched until it has ended.
    """

    place: Place
    verb: str
    make: Callable[[], Awaitable[T_co]]
    seconds: float
    customers: frozenset[str]
    size: int
    writes: frozenset[Key] = frozenset()
    waits: bool = False


@dataclass(slots=True)
class Calls:
    """Makes the calls of all passes, and remembers how hosts answer."""

    circuits: Circuits = field(default_factory=Circuits)
    heard: Callable[[Place, Collection[str]], None] = lambda *_: None
    """Told when a host answers that was left alone, and whom a late answer is for."""
    took: Callable[[Place, str, float, IspalierError | None], None] = lambda *_: None
    """Told how many seconds a call took, by host and verb, and why it did not end well."""
    at_work: Counter[Place] = field(default_factory=Counter)
    """Calls on their way, by host."""
    queued: Counter[Place] = field(default_factory=Counter)
    """How often a call had to wait for its turn, by host."""
    _patience: Patience = field(default_factory=Patience)
    _turns: dict[Place, asyncio.Semaphore] = field(default_factory=dict)
    _late: dict[asyncio.Task[object], Request[object]] = field(default_factory=dict)

    async def answer(self, request: Request[T]) -> T | IspalierError:
        """Make a call; what is returned is its answer, or why there is none (yet)."""
        place, clock = request.place, asyncio.get_running_loop()
        began = clock.time()
        refusal = self.circuits.refusal(place, began)
        if refusal is not None:
            return refusal
        task = asyncio.create_task(self._made(request))
        seconds = self._seconds(request)
        try:
            await asyncio.wait({task}, timeout=seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.done():
            return task.result()
        why = Unanswered(f"host '{place[1]}' has not answered yet, after {seconds:.1f} s")
        self.circuits.failed(place, why, request.customers, began=began, now=clock.time())
        self._late[task] = request
        task.add_done_callback(self._ended)
        return why

    def busy(self, place: Place) -> frozenset[str]:
        """Customers whose changes are still on their way to a host, without their pass."""
        return frozenset(
            customer for each in self._late_at(place) if each.writes for customer in each.customers
        )

    def written(self, place: Place) -> frozenset[Key]:
        """What those changes are about."""
        return frozenset(key for each in self._late_at(place) for key in each.writes)

    async def settled(self) -> None:
        """Wait for the calls that went on without their pass."""
        if self._late:
            await asyncio.wait(list(self._late))

    async def close(self) -> None:
        """Give up the calls that went on without their pass."""
        for task in self._late:
            task.cancel()
        await self.settled()

    async def _made(self, request: Request[T]) -> T | IspalierError:
        place, clock = request.place, asyncio.get_running_loop()
        turn = self._turns.setdefault(place, asyncio.Semaphore(AT_ONCE))
        self.queued[place] += turn.locked()
        asked = began = clock.time()
        answer: T | IspalierError
        try:
            async with asyncio.timeout(request.seconds), turn:
                began = clock.time()
                self.at_work[place] += 1
                try:
                    answer = await request.make()
                finally:
                    self.at_work[place] -= 1
        except TimeoutError:
            answer = Unanswered(f"host '{place[1]}' did not answer in {request.seconds:g} s")
        except Lost:
            raise
        except IspalierError as error:
            answer = error
        now = clock.time()
        why = answer if isinstance(answer, IspalierError) else None
        self.took(place, request.verb, now - began, why)
        if isinstance(answer, Unavailable):
            self.circuits.failed(place, answer, request.customers, began=asked, now=now)
        else:
            self._patience.note(place, request.verb, now - began, now)
            if self.circuits.answered(place):
                self.heard(place, ())
        return answer

    def _ended(self, task: asyncio.Task[object]) -> None:
        """A late answer is no news by now; whom it was for has one more pass, that sees for itself."""
        request = self._late.pop(task)
        if not task.cancelled() and not isinstance(task.exception() or task.result(), Unavailable):
            self.heard(request.place, request.customers)

    def _seconds(self, request: Request[T]) -> float:
        if request.waits:
            return request.seconds
        return self._patience.seconds(request.place, request.verb, request.size, request.seconds)

    def _late_at(self, place: Place) -> Iterator[Request[object]]:
        return (each for each in self._late.values() if each.place == place)
