"""Sight: of which kinds everything is seen, and since when again."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ispalier.world.snapshot import Snapshot

A_BREAK = timedelta(minutes=1)
"""What is shorter is a broken watch that a list heals; what is longer, a kind that was away."""


@dataclass(slots=True)
class Sight:
    """Keeps a snapshot's word on what is complete."""

    world: Snapshot
    _lost: dict[str, datetime] = field(default_factory=dict)
    """Kinds that were seen in full, and since when they cannot be any more."""

    def complete(self, kind: str) -> None:
        """Take in that all of a kind is seen."""
        lost, now = self._lost.pop(kind, None), datetime.now(UTC)
        if lost is not None and now - lost > A_BREAK:
            self.world.again[kind] = now
        self.world.complete.add(kind)

    def incomplete(self, kind: str) -> None:
        """Take in that a kind cannot be seen in full: nothing follows from what is missing."""
        if kind in self.world.complete:
            self._lost[kind] = datetime.now(UTC)
        self.world.complete.discard(kind)
