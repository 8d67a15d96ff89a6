"""Patience: how long a pass waits for a host, by how long its answers take of late."""

from dataclasses import dataclass, field
from math import exp

from ispalier.core.items import Place

FLOOR, EACH = 0.8, 0.005
"""Seconds that any host has to answer, and for each key that it is asked for."""
TIMES = 3
"""How much longer than of late an answer may take."""
MEMORY = 10.0
"""Seconds after which an answer that took long counts for a third."""


@dataclass(slots=True)
class Patience:
    """How long the answers of hosts take, by host and verb; pure, given the time in seconds.

    A slow answer counts at once and is forgotten little by little (a peak EWMA), and only as
    newer ones come: who is rarely asked is not taken for quick meanwhile.
    """

    _of_late: dict[tuple[Place, str], tuple[float, float]] = field(default_factory=dict)

    def seconds(self, place: Place, verb: str, size: int, most: float) -> float:
        """How long a call for so many keys is waited for; whole if the host never answered yet."""
        known = self._of_late.get((place, verb))
        if known is None:
            return most
        return min(most, max(FLOOR + EACH * size, TIMES * known[0]))

    def note(self, place: Place, verb: str, seconds: float, now: float) -> None:
        """Take in how long an answer took."""
        before, at = self._of_late.get((place, verb), (seconds, now))
        faded = seconds + (before - seconds) * exp((at - now) / MEMORY)
        self._of_late[place, verb] = (max(seconds, faded), now)
