"""Missing: what is no longer declared, as the journal remembers it, for those who look."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Self

from sqlalchemy import Connection, Engine, and_, select, update

from ispalier.journal.database import connect, told
from ispalier.journal.tables import ABSENCE, TOMBSTONE, WHOSE

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Retired then, the retention of anything is over."""


class Missing(NamedTuple):
    """A resource that is no longer declared: since when, since when it is off, what it was."""

    customer: str
    kind: str
    name: str
    since: datetime
    retired: datetime | None
    body: str | None
    """Its tombstone, JSON."""

    def __str__(self) -> str:
        """Kind/name, as in messages."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Graveyard:
    """Absences and tombstones of a journal; no key is needed to read them."""

    engine: Engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Open a journal; raises Invalid or Unavailable."""
        return cls(connect(url))

    def close(self) -> None:
        """Let go of connections."""
        self.engine.dispose()

    def missing(self) -> Sequence[Missing]:
        """Everything that is no longer declared and not purged, by customer."""
        same = and_(*(ABSENCE.c[each] == TOMBSTONE.c[each] for each in WHOSE))
        joined = ABSENCE.outerjoin(TOMBSTONE, same)
        columns = (*(ABSENCE.c[each] for each in WHOSE), ABSENCE.c.since, ABSENCE.c.retired)
        query = select(*columns, TOMBSTONE.c.body).select_from(joined).order_by(*columns[:3])
        with self._transaction(writes=False) as connection:
            rows = connection.execute(query).all()
        return [
            Missing(row.customer, row.owner_kind, row.owner_name, row.since, row.retired, row.body)
            for row in rows
        ]

    def purge(self, which: Sequence[Missing]) -> int:
        """Let the retention of what is off end now; the next pass deletes it. Returns how many."""
        with self._transaction(writes=True) as connection:
            return sum(
                connection.execute(
                    update(ABSENCE)
                    .where(
                        *(
                            ABSENCE.c[name] == value
                            for name, value in zip(WHOSE, each, strict=False)
                        ),
                        ABSENCE.c.retired.is_not(None),
                    )
                    .values(retired=LONG_AGO)
                ).rowcount
                for each in which
            )

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        with (
            told(),
            self.engine.connect() as connection,
            connection.execution_options(writes=writes).begin(),
        ):
            yield connection
