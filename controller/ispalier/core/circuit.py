"""Circuits: a host that does not answer in time is left alone for a while, so that others go on."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ispalier.core.items import Place
from ispalier.world.errors import IspalierError, Unavailable

SLOW = 1.0
"""Seconds: what fails sooner holds nobody up, and may be asked again at once."""
TRIAL = 0.2
"""Share of the usual time that the first who asks again waits; more each time it was in vain."""
FIRST, LONGEST = 2.0, 60.0
"""Seconds for which a host is left alone, doubled each time it fails again."""


@dataclass(slots=True)
class _Open:
    """Why a host is left alone, since when, until when, and for how long the next time."""

    why: IspalierError
    since: float
    """When it was found not to answer, or when somebody last began to try it again."""
    until: float
    pause: float


@dataclass(slots=True)
class Circuits:
    """Which hosts are asked, and which are not; pure, given the time in seconds."""

    closed: int = 0
    """How often a host answered again."""
    _open: dict[Place, _Open] = field(default_factory=dict)

    def refusal(self, place: Place, now: float) -> IspalierError | None:
        """Why a host is not asked now. Who comes when its time is over asks it for all others."""
        found = self._open.get(place)
        if found is None:
            return None
        if now >= found.until:
            found.since, found.until = now, now + found.pause
            return None
        seconds = max(1, round(found.until - now))
        return Unavailable(f"{found.why}; it is asked again in {seconds} s")

    def patience(self, place: Place, seconds: float) -> float:
        """How long an answer is waited for: not for long where there was none before."""
        found = self._open.get(place)
        return seconds * min(1, TRIAL * found.pause / FIRST) if found else seconds

    def ended(
        self, place: Place, failure: IspalierError | None, *, began: float, now: float
    ) -> None:
        """Take in how a call ended: slow failures open the circuit, an answer closes it.

        Calls that began before it was opened say nothing new.
        """
        known = self._open.get(place)
        if not isinstance(failure, Unavailable):
            if known is not None:
                del self._open[place]
                self.closed += 1
        elif known is None:
            if now - began >= SLOW:
                self._open[place] = _Open(failure, now, now + FIRST, FIRST)
        elif began >= known.since:
            pause = min(known.pause * 2, LONGEST)
            self._open[place] = _Open(known.why, now, now + pause, pause)

    def open(self) -> Iterator[Place]:
        """The hosts that are left alone."""
        yield from sorted(self._open)
