"""A book: what of a journal can be read and written without its key."""

from dataclasses import dataclass
from typing import Self

from sqlalchemy import Engine

from ispalier.journal.database import connect


@dataclass(frozen=True, slots=True)
class Book:
    """One topic of a journal."""

    engine: Engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Open a journal, whose tables are made or migrated; raises Invalid or Unavailable."""
        return cls(connect(url))

    def close(self) -> None:
        """Let go of connections."""
        self.engine.dispose()
