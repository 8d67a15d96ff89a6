"""Rounds: whom to ask about next at one host; pure, given the time in seconds."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf

from ispalier.core.probe import Subject

TURN = 20
"""Questions about one customer at a time; the others have their turn the next time."""


@dataclass(slots=True)
class Rounds:
    """Every customer has a turn, but not again before an interval is over.

    Who was changed last comes first, then who is in doubt; so that nobody waits for ever, every
    fourth turn is that of who waited longest.
    """

    interval: float
    _subjects: dict[str, list[Subject]] = field(default_factory=dict)
    """Of each customer, in the order in which they are asked about."""
    _last: dict[str, float] = field(default_factory=dict)
    """When each had a turn, the longest ago first."""
    _changed: dict[str, None] = field(default_factory=dict)
    _doubted: dict[str, None] = field(default_factory=dict)
    _turn: int = 0

    def expect(
        self, customer: str, subjects: Iterable[Subject], changed: Collection[Subject]
    ) -> None:
        """From now on these are asked about, the changed ones soon."""
        wanted = dict.fromkeys(subjects)
        if not wanted:
            for book in (self._subjects, self._last, self._changed, self._doubted):
                book.pop(customer, None)
            return
        known = [each for each in self._subjects.get(customer, ()) if each in wanted]
        first = [each for each in wanted if each in changed]
        self._subjects[customer] = list(dict.fromkeys((*first, *known, *wanted)))
        self._last.setdefault(customer, -inf)
        if first:
            self._changed.pop(customer, None)
            self._changed[customer] = None

    def doubt(self, customer: str) -> None:
        """Ask about a customer soon again: an answer was not as it should be."""
        if customer in self._subjects:
            self._doubted.setdefault(customer)

    def take(self, now: float) -> list[Subject]:
        """What to ask about the customer whose turn it is; nothing if nobody is due."""
        self._turn = (self._turn + 1) % 4
        for customer in self._in_line(now):
            self._last.pop(customer)
            self._last[customer] = now
            self._changed.pop(customer, None)
            self._doubted.pop(customer, None)
            subjects = self._subjects[customer]
            taken, rest = subjects[:TURN], subjects[TURN:]
            self._subjects[customer] = [*rest, *taken]
            return taken
        return []

    def _in_line(self, now: float) -> Iterator[str]:
        changed = (each for each in reversed(self._changed) if self._is_due(each, now))
        doubted = (each for each in self._doubted if self._is_due(each, now))
        longest = (each for each in [next(iter(self._last), "")] if self._is_due(each, now))
        match self._turn:
            case 0:
                lanes = (longest, changed, doubted)
            case 2:
                lanes = (doubted, changed, longest)
            case _:
                lanes = (changed, doubted, longest)
        for lane in lanes:
            yield from lane

    def _is_due(self, customer: str, now: float) -> bool:
        last = self._last.get(customer)
        return last is not None and last + self.interval <= now
