"""A revision: one state of the files, and where it is read from."""

from pathlib import Path
from typing import NamedTuple, Protocol


class Revision(NamedTuple):
    """A state of the files: what it is called, and what people call it."""

    id: str
    """Differs whenever the files do; of git the commit."""
    told: str
    """One line for logs: the commit with author and subject."""
    folder: Path


class Origin(Protocol):
    """Where revisions come from."""

    async def latest(self) -> Revision:
        """The newest revision, with its files in place.

        They stay as they are until this is called again. Raises Unavailable.
        """

    async def last(self) -> Revision | None:
        """What was read last, by whatever process, while the newest cannot be."""
