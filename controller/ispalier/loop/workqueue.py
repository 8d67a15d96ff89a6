"""The queue of units: each at most once in line and never twice at work.

A unit that is named while it is at work goes in line again when it is done, so that whatever
arrives during a pass makes one more pass. Fresh edits go before what they reach, but every lane has
its turns, so that each moves too.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple


class Lane(IntEnum):
    """The lower, the sooner."""

    URGENT = 0
    """Somebody's service is to end."""
    FRESH = 1
    LATER = 2
    RETRY = 3
    """Where a host failed; only that one is asked again."""


TURNS = (Lane.URGENT, Lane.FRESH, Lane.URGENT, Lane.LATER) * 2 + (Lane.RETRY,)
"""Whose turn it is to go first; if nobody waits in that lane the others follow in their order."""

BREATH = 0.05
"""Seconds that a unit waits while others are at work: what is told of it meanwhile needs no pass."""


class Turn(NamedTuple):
    """A unit that goes to work, since when it waited, and in which lane."""

    unit: str
    since: datetime
    lane: Lane


@dataclass(slots=True)
class Line:
    """Who is waiting, who is at work: pure, given the time."""

    _waiting: dict[str, tuple[Lane, datetime]] = field(default_factory=dict)
    _lanes: tuple[deque[str], ...] = field(default_factory=lambda: tuple(deque() for _ in Lane))
    _working: set[str] = field(default_factory=set)
    _again: dict[str, tuple[Lane, datetime]] = field(default_factory=dict)
    _turn: int = 0

    def __len__(self) -> int:
        """How many units wait for their turn."""
        return len(self._waiting)

    @property
    def working(self) -> frozenset[str]:
        """Units at work."""
        return frozenset(self._working)

    def oldest(self) -> datetime | None:
        """Since when the one waits who waits the longest."""
        return min((since for _, since in self._waiting.values()), default=None)

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and nothing is at work."""
        return not (self._waiting or self._working)

    def add(self, unit: str, lane: Lane, now: datetime) -> bool:
        """Put a unit in line, or nearer to the front; tells whether the line is longer now."""
        book = self._again if unit in self._working else self._waiting
        known = book.get(unit)
        if known is not None and known[0] <= lane:
            return False
        book[unit] = (lane, known[1] if known else now)
        if book is self._waiting:
            self._lanes[lane].append(unit)
        return known is None and book is self._waiting

    def take(self, most: int = 1) -> list[Turn]:
        """The next units of one lane, now at work."""
        first = TURNS[self._turn]
        self._turn = (self._turn + 1) % len(TURNS)
        taken: list[Turn] = []
        for lane in (first, *Lane):
            while self._lanes[lane] and len(taken) < most:
                unit = self._lanes[lane].popleft()
                place = self._waiting.get(unit)
                if place is not None and place[0] is lane:
                    del self._waiting[unit]
                    self._working.add(unit)
                    taken.append(Turn(unit, place[1], lane))
            if taken:
                break
        return taken

    def done(self, unit: str) -> bool:
        """A unit is no longer at work; tells whether it is in line again: named meanwhile."""
        self._working.discard(unit)
        again = self._again.pop(unit, None)
        if again is not None:
            self._waiting[unit] = again
            self._lanes[again[0]].append(unit)
        return again is not None


@dataclass(slots=True)
class WorkQueue:
    """The line, for workers that wait for their next unit."""

    line: Line = field(default_factory=Line)
    _turns: asyncio.Queue[None] = field(default_factory=asyncio.Queue)
    _door: asyncio.Lock = field(default_factory=asyncio.Lock)
    _is_closed: bool = False

    def add(self, units: Iterable[str], lane: Lane, now: datetime) -> int:
        """Put units in line; returns how many were not in it."""
        longer = sum(self.line.add(unit, lane, now) for unit in units)
        for _ in range(longer):
            self._turns.put_nowait(None)
        return longer

    async def take(self, most: int = 1) -> list[Turn]:
        """The next units; none at the end.

        At once if nobody is at work or so many wait. Else after a breath, so that a burst gathers.
        """
        async with self._door:
            await self._turns.get()
            try:
                if self.line.working and len(self.line) < most and not self._is_closed:
                    await asyncio.sleep(BREATH)
            except asyncio.CancelledError:
                self._turns.put_nowait(None)
                raise
            if self._is_closed:
                self._turns.put_nowait(None)
                return []
            taken = self.line.take(most)
            for _ in taken[1:]:
                self._turns.get_nowait()
            return taken

    def done(self, unit: str) -> bool:
        """A unit is no longer at work; tells whether it is in line again."""
        again = self.line.done(unit)
        if again:
            self._turns.put_nowait(None)
        return again

    def close(self) -> None:
        """Give out nothing more."""
        self._is_closed = True
        self._turns.put_nowait(None)
