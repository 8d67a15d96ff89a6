"""A source: where resources are declared, and where it is told what became of them."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from ispalier.core.engine import Outcome, SecretOut


class Source(Protocol):
    """Feeds the controller (`Controller.changed`), and takes what comes of the passes."""

    @property
    def complete_once(self) -> asyncio.Event:
        """Set when every kind was seen completely for the first time."""

    def start(self) -> list[asyncio.Task[None]]:
        """Begin to feed; the tasks go on until they are cancelled, and end only by an error."""

    def unready(self) -> Iterable[str]:
        """Why not everything was seen yet, line by line."""

    def unhealthy(self) -> Iterable[str]:
        """What gave no sign for too long, line by line."""

    async def opened(self) -> None:
        """Everything was seen; read what else the passes need."""

    async def refresh(self) -> None:
        """Read again what changes without being heard of; a sweep follows."""

    def tell(self, outcome: Outcome) -> None:
        """Take what a pass has to tell of resources."""

    def warn(self, cause: str, reason: str) -> None:
        """Take that something waits for a person."""

    async def hand_out(self, secrets: Sequence[SecretOut]) -> bool:
        """Put generated passwords where they are wished; tells whether all of them are there."""

    def tell_orphans(self, namespace: str, now: datetime) -> None:
        """Tell of resources of a namespace (or of none) of which no pass tells."""

    def orphanages(self) -> Iterable[str]:
        """Namespaces with such resources."""

    async def finish(self, seconds: float) -> None:
        """Tell what is still untold, for so long at most."""
