"""Circuits: a host that does not answer in time is left alone for a while, so that others go on."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ispalier.core.items import Place
from ispalier.world.errors import IspalierError, Unanswered, Unasked

SLOW = 1.0
"""Seconds: what fails sooner holds nobody up, and may be asked again at once."""
FIRST, LONGEST = 2.0, 10.0
"""Seconds for which a host is left alone, doubled each time it fails again."""


@dataclass(slots=True)
class _Open:
    """Why a host is left alone, since when, until when, and for how long the next time."""

    why: IspalierError
    since: float
    """When it was found not to answer, or when somebody last began to try it again."""
    until: float
    pause: float
    whom: frozenset[str]
    """The customers for whom it was asked in vain."""


@dataclass(slots=True)
class Circuits:
    """Which hosts are asked, and which are not; pure, given the time in seconds."""

    _open: dict[Place, _Open] = field(default_factory=dict)

    def refusal(self, place: Place, now: float) -> IspalierError | None:
        """Why a host is not asked now. Who comes when its time is over asks it for all others."""
        found = self._open.get(place)
        if found is None:
            return None
        if now >= found.until:
            found.since, found.until = now, now + found.pause
            return None
        return Unasked(f"{found.why}; it is left alone for a while and then asked again")

    def failed(
        self, place: Place, why: IspalierError, whom: frozenset[str], *, began: float, now: float
    ) -> None:
        """Take in that an answer was not there in time, or that the host could not give one.

        Slow failures open the circuit. Calls that began before it was opened say nothing new, and
        those for the same customers no more of the host than before: it may be they.
        """
        known = self._open.get(place)
        if known is None:
            if isinstance(why, Unanswered) or now - began >= SLOW:
                self._open[place] = _Open(why, now, now + FIRST, FIRST, whom)
        elif began >= known.since:
            pause = known.pause if whom <= known.whom else min(known.pause * 2, LONGEST)
            self._open[place] = _Open(known.why, now, now + pause, pause, known.whom | whom)

    def answered(self, place: Place) -> bool:
        """Take in an answer, which closes the circuit; tells whether it was open."""
        return self._open.pop(place, None) is not None

    def open(self) -> Iterator[Place]:
        """The hosts that are left alone."""
        yield from sorted(self._open)

    def due(self, now: float) -> Iterator[Place]:
        """The hosts that somebody should ask again."""
        return (place for place in self.open() if now >= self._open[place].until)
