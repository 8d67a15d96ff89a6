"""Alarms: when to look at a unit again, and at which hosts."""

import heapq
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from ispalier.core.items import ANYWHERE, Place
from ispalier.world.errors import IspalierError, Refused, Unanswered

FIRST_RETRY = timedelta(seconds=1)
LAST_RETRY = timedelta(minutes=5)
SUSPECT, SUSPECT_RETRY = 2, timedelta(seconds=30)
"""Who got no answer so often may be the reason: not the one to find out whether the host is back,
and tried at such pauses at most, in case it is not."""

Ring: TypeAlias = tuple[str, Place | None]
"""A unit, and at which host it is tried again; None: one of its dates comes."""


class _Failing(NamedTuple):
    """How often a unit was tried at a host in vain, how often of that it got no answer."""

    times: int = 0
    unanswered: int = 0
    is_refused: bool = False


@dataclass(slots=True)
class Alarms:
    """All rings in one heap; the last word on each counts. Pure, given the time."""

    _at: dict[Ring, datetime] = field(default_factory=dict)
    _heap: list[tuple[datetime, str, Place | None]] = field(default_factory=list)
    _failing: dict[str, dict[Place, _Failing]] = field(default_factory=dict)

    def set(self, unit: str, at: datetime | None, place: Place | None = None) -> None:
        """Ring for a unit at that time, or not at all."""
        ring = (unit, place)
        if at is None:
            self._at.pop(ring, None)
        elif self._at.get(ring) != at:
            self._at[ring] = at
            heapq.heappush(self._heap, (at, *ring))

    def tried(
        self, unit: str, failing: Mapping[Place, IspalierError], now: datetime, jitter: float
    ) -> None:
        """Ring again where a unit failed, later each time; `jitter` is from 0 to 1."""
        before = self._failing.pop(unit, {})
        for place in before.keys() - failing.keys():
            self.set(unit, None, place)
        for place, why in failing.items():
            times, unanswered, _ = before.get(place, _Failing())
            unanswered += isinstance(why, Unanswered)
            longest = LAST_RETRY if unanswered < SUSPECT else SUSPECT_RETRY
            pause = min(FIRST_RETRY * (1 << min(times, 16)), longest)
            self.set(unit, now + pause * (0.5 + jitter / 2), place)
            known = _Failing(times + 1, unanswered, isinstance(why, Refused))
            self._failing.setdefault(unit, {})[place] = known

    def hosts(self, unit: str) -> Collection[Place] | None:
        """Where a unit failed; None if nothing is known of that, or it is to be tried as a whole."""
        there = self._failing.get(unit, {ANYWHERE: _Failing()})
        return None if ANYWHERE in there else frozenset(there)

    def is_failing(self, unit: str) -> bool:
        """Whether a unit is to be tried again."""
        return unit in self._failing

    def is_suspect(self, unit: str) -> bool:
        """Whether it may be this unit alone that a host does not answer."""
        return any(each.unanswered for each in self._failing.get(unit, {}).values())

    def failing(self, place: Place) -> list[str]:
        """Units that are tried at once when a host is back; first whom it did not fail to answer."""
        there = {
            unit: each.unanswered
            for unit, each in self._failing_at(place)
            if each.unanswered < SUSPECT and not each.is_refused
        }
        return sorted(there, key=lambda each: there[each])

    def trial(self, place: Place, busy: Collection[str]) -> str | None:
        """One of those that failed at a host, to find out whether it is back."""
        there = {
            unit: each.unanswered
            for unit, each in self._failing_at(place)
            if each.unanswered < SUSPECT and unit not in busy
        }
        return min(there, key=lambda each: there[each], default=None)

    def due(self, now: datetime) -> Iterator[Ring]:
        """What rings by now; each once."""
        while self._heap and self._heap[0][0] <= now:
            at, unit, place = heapq.heappop(self._heap)
            if self._at.get((unit, place)) == at:
                del self._at[unit, place]
                yield unit, place

    def next(self) -> datetime | None:
        """When it rings next."""
        while self._heap and self._at.get(self._heap[0][1:]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def _failing_at(self, place: Place) -> Iterator[tuple[str, _Failing]]:
        return ((unit, known[place]) for unit, known in self._failing.items() if place in known)
