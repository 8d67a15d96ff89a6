"""The lease: how long we may still write, as we see it ourselves. Pure, given a clock.

It is renewed after a fifth of it, and a call that changes something may take a sixth of it, as a
renewal may. So when a call begins, 19/30 of it are left in healthy operation (1 - 1/5 - 1/6), more
than three times what the call may take: two renewals in a row may fail before a call has to wait.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from ispalier.world.errors import Lost, Unavailable

RENEW, CALL = 1 / 5, 1 / 6
"""Shares of a lease: when it is renewed, and what a call that changes something may take."""


@dataclass(slots=True)
class Lease:
    """The right to write for an installation; `clock` tells seconds, those of a suspension too."""

    installation: str
    seconds: float
    clock: Callable[[], float]
    epoch: int = 0
    """Grows with every holder; 0 before we were one."""
    _until: float = -math.inf
    _rest: float = -math.inf
    _why: str = field(default="it was never taken")

    @property
    def renewal(self) -> float:
        """Seconds between two renewals."""
        return self.seconds * RENEW

    @property
    def call(self) -> float:
        """Seconds that a call that changes something may take."""
        return self.seconds * CALL

    @property
    def stop(self) -> float:
        """Seconds after which a database ends a transaction whose process does not go on."""
        return 2 * self.call

    @property
    def left(self) -> float:
        """Seconds for which it is still ours; 0 or less when it is not."""
        return self._until - self.clock()

    @property
    def rest(self) -> float:
        """Seconds until calls of the holder before us have ended, where no epoch refuses them."""
        return max(0.0, self._rest - self.clock())

    def took(self, epoch: int, asked: float, *, expires: bool, released: bool) -> None:
        """It is ours since we asked for it; `released` if the holder before us had ended."""
        self.epoch = epoch
        self._until = asked + self.seconds if expires else math.inf
        self._rest = -math.inf if released else self.clock() + self.call
        self._why = f"it was not renewed for {self.seconds:g} s"

    def renewed(self, asked: float) -> None:
        """It counts anew from when we asked; raises Lost if it was over before the answer came."""
        self.check()
        self._until = max(self._until, asked + self.seconds)

    def lose(self, why: str) -> Lost:
        """It is not ours any more; the error that says so."""
        if self._until > -math.inf:
            self._until, self._why = -math.inf, why
        return self._lost()

    def check(self, seconds: float = 0.0) -> None:
        """Raise Lost if it is over, Unavailable if less is left than so many seconds."""
        left = self.left
        if left <= 0:
            raise self._lost()
        if left <= seconds:
            raise Unavailable(
                f"our lease ends in {left:.1f} s and the journal does not renew it:"
                " nothing is begun until it does"
            )

    def _lost(self) -> Lost:
        return Lost(f"we may not write any more, somebody else may: {self._why}")
