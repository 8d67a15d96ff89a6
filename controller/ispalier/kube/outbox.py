"""The outbox: which statuses are still to be written, and when; pure, given the time."""

import heapq
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from ispalier.core.conditions import StatusBody
from ispalier.world.snapshot import Ident

PATIENCE = 0.5
"""Seconds that a status waits if it tells of something still to come: it may come meanwhile."""
PAUSE = 1.0
"""Seconds between two statuses about the same generation of an object."""
MANY = 1000


@dataclass(slots=True)
class Told:
    """What was last written of an object: when, and of which generation."""

    at: float
    generation: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A status to be written, not before its time."""

    unit: str
    body: StatusBody
    due: float
    failures: int = 0


@dataclass(slots=True)
class Outbox:
    """Letters by object, the newest in the place of older ones."""

    _letters: dict[Ident, Letter] = field(default_factory=dict)
    _by_unit: dict[str, set[Ident]] = field(default_factory=dict)
    _order: list[tuple[float, Ident]] = field(default_factory=list)
    _told: dict[Ident, Told] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many wait."""
        return len(self._letters)

    def settle(self, unit: str, bodies: Mapping[Ident, StatusBody], now: float) -> None:
        """Put a unit's statuses in the place of all that still waits for it."""
        for which in self._by_unit.get(unit, set()) - bodies.keys():
            self._remove(which)
        for which, body in bodies.items():
            due, known = self._due(which, body, now), self._letters.get(which)
            self.put(which, Letter(unit, body, min(due, known.due) if known else due))

    def put(self, which: Ident, letter: Letter) -> None:
        """Keep a letter in the place of an older one about the same object."""
        self._remove(which)
        self._letters[which] = letter
        self._by_unit.setdefault(letter.unit, set()).add(which)
        self.again(which)

    def again(self, which: Ident) -> None:
        """Give a letter that `take` passed over its turn."""
        letter = self._letters.get(which)
        if letter is not None:
            heapq.heappush(self._order, (letter.due, which))

    def take(self, now: float, busy: Container[Ident]) -> tuple[Ident, Letter] | None:
        """The first letter that is due; those about busy objects are passed over until `again`."""
        while self._order and self._order[0][0] <= now:
            due, which = heapq.heappop(self._order)
            letter = self._letters.get(which)
            if letter is not None and letter.due == due and which not in busy:
                self._remove(which)
                return which, letter
        return None

    def next(self) -> float | None:
        """When to look again."""
        return self._order[0][0] if self._order else None

    def has(self, which: Ident) -> bool:
        """Whether a letter about an object waits."""
        return which in self._letters

    def told(self, which: Ident, body: StatusBody, now: float) -> None:
        """A status was written."""
        self._told[which] = Told(now, body["observedGeneration"])
        if len(self._told) > MANY:
            self._told = {each: told for each, told in self._told.items() if told.at + PAUSE > now}

    def _due(self, which: Ident, body: StatusBody, now: float) -> float:
        told = self._told.get(which)
        if any(each["type"] == "Reconciling" for each in body["conditions"]):
            return now + PATIENCE
        if told is not None and told.generation == body["observedGeneration"]:
            return max(now, told.at + PAUSE)
        return now

    def _remove(self, which: Ident) -> None:
        letter = self._letters.pop(which, None)
        if letter is not None:
            same = self._by_unit[letter.unit]
            same.discard(which)
            if not same:
                del self._by_unit[letter.unit]
