"""The ledger in the journal: the only I/O of billing. It only grows.

Entries are posted in batches, a transaction each, and every batch is chained to the one before: its
hash covers that of its predecessor and of its own entries. Who posts holds the ledger alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, insert, select, true
from sqlalchemy.exc import IntegrityError

from ispalier.billing.entries import Entry, ledger_digest
from ispalier.billing.rating import RATER
from ispalier.billing.rows import COLUMNS, entry_of, row_of
from ispalier.core.lease import Lease
from ispalier.core.memory import Billed, Fact
from ispalier.journal.billed import note_billed
from ispalier.journal.database import connect, told
from ispalier.journal.facts import facts
from ispalier.journal.lock import LEDGER, fence
from ispalier.journal.tables import BATCH, ENTRY, META
from ispalier.journal.weights import WEIGHT, is_held
from ispalier.journal.writer import Patience, Writer, clock
from ispalier.world.errors import Conflict

_ENTRIES = tuple(ENTRY.c[name] for name in COLUMNS)
_HELD = (is_held(), WEIGHT.c.approved == "", WEIGHT.c.currency != "")
_PATIENCE = Patience()
_AT_ONCE = 5000
"""Rows that are fetched at a time."""


class Batch(NamedTuple):
    """What entries are posted with: of which unit, as of which day, with which price lists."""

    unit: str
    as_of: date
    catalogue: str
    posted: datetime
    rater: int = RATER


class Recorded(NamedTuple):
    """An entry as it stands in the ledger."""

    entry: Entry
    number: int
    batch: Batch


@dataclass(frozen=True, slots=True)
class Page:
    """The ledger within one transaction."""

    connection: Connection

    def entries(self, first: bytes, last: bytes) -> Mapping[bytes, Sequence[Entry]]:
        """All entries of the contracts from a lineage on up to another one, by lineage."""
        found: dict[bytes, list[Entry]] = {}
        within = (ENTRY.c.lineage >= first) & (ENTRY.c.lineage < last)
        for row in self.connection.execute(select(*_ENTRIES).where(within)):
            entry = entry_of(row)
            found.setdefault(entry.slot.lineage, []).append(entry)
        return found

    def heads(self) -> Mapping[str, date]:
        """R6: the highest day as of which each unit was posted; nothing of an empty ledger."""
        query = select(BATCH.c.unit, func.max(BATCH.c.as_of).label("head")).group_by(BATCH.c.unit)
        return {row.unit: row.head for row in self.connection.execute(query)}

    def held_back(self) -> int:
        """How many contracts are to owe so much else, together, that a person must approve it."""
        return self.connection.scalar(select(func.count()).select_from(WEIGHT).where(*_HELD)) or 0

    def finish(self, runs: Mapping[str, Billed]) -> None:
        """Note that some units were billed to the end, also if there was nothing to post."""
        note_billed(self.connection, runs)

    def append(self, entries: Sequence[Entry], batch: Batch) -> None:
        """Post entries; raises Conflict, and nothing of them is kept, if one is there already."""
        last = self.connection.execute(
            select(BATCH.c.id, BATCH.c.hash).order_by(BATCH.c.id.desc()).limit(1)
        ).first()
        number, previous = (last.id + 1, last.hash) if last else (1, "")
        digest = ledger_digest(entries)
        ordered = sorted(entries, key=lambda entry: (entry.slot.key, entry.seq))
        link = _link(previous, number, batch, digest)
        values = {"id": number, "previous": previous, "hash": link, "entries": digest}
        try:
            self.connection.execute(insert(BATCH).values(**values, **batch._asdict()))
            self.connection.execute(insert(ENTRY), [row_of(each, number) for each in ordered])
        except IntegrityError as error:
            raise Conflict(
                f"unit '{batch.unit}': the ledger holds other entries for these slots already, so"
                " nothing of this batch was posted: run `ispalier bill` again, and if this comes"
                " back, restore the ledger from a backup"
            ) from error


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one journal."""

    engine: Engine
    lease: Lease | None = None
    """Ours to post; without one what is posted is not fenced."""

    @classmethod
    def open(cls, url: str) -> "Ledger":
        """Open the ledger of a journal, whose tables are made or migrated."""
        return cls(connect(url))

    def close(self) -> None:
        """Let go of connections."""
        self.engine.dispose()

    @property
    def installation(self) -> str:
        """Whose journal it is; empty as long as nothing was ever served with it."""
        with self._connected() as connection:
            query = select(META.c.value).where(META.c.name == "installation")
            return connection.scalar(query) or ""

    def facts(self) -> Mapping[str, Sequence[Fact]]:
        """What was observed of contracts, by customer."""
        with self._connected() as connection:
            return facts(connection)

    @contextmanager
    def alone(self, patience: Patience = _PATIENCE) -> Iterator["Ledger"]:
        """The ledger for one run alone, which may wait; raises Conflict if another one holds it.

        A run that was killed holds it until its lease is over.
        """
        lease = Lease(self.installation, patience.lease, clock)
        writer = Writer.of(self.engine, LEDGER, lease, "ispalier bill")
        with writer.alone(patience.wait, patience.advice):
            yield replace(self, lease=lease)

    @contextmanager
    def reading(self) -> Iterator[Page]:
        """Look, without writing."""
        with self._connected() as connection:
            yield Page(connection)

    @contextmanager
    def writing(self) -> Iterator[Page]:
        """One transaction: all of it is kept, or nothing. Raises Lost if another run posts now."""
        with told(), self.engine.begin() as connection:
            if self.lease is not None:
                fence(connection, LEDGER, self.lease)
            yield Page(connection)

    def recorded(self, which: ColumnElement[bool] | None = None) -> Iterator[Recorded]:
        """The entries of the ledger, in the order in which they were posted."""
        query = _recorded().where(true() if which is None else which)
        with self._connected() as connection:
            for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
                batch = Batch(row.posted_unit, row.as_of, row.catalogue, row.posted, row.rater)
                yield Recorded(entry_of(row), row.batch, batch)

    def faults(self) -> Iterator[str]:
        """What of the chain does not hold: entries or batches that were changed, added or removed."""
        with self._connected() as connection:
            links = connection.execute(select(BATCH).order_by(BATCH.c.id)).all()
        found = {
            number: ledger_digest(each.entry for each in group)
            for number, group in groupby(self.recorded(), key=lambda each: each.number)
        }
        previous = ""
        for number, link in enumerate(links, start=1):
            batch = Batch(link.unit, link.as_of, link.catalogue, link.posted, link.rater)
            entries = found.get(link.id, "")
            if link.hash != _link(previous, number, batch, entries):
                yield f"batch {link.id} of the ledger is not what was posted: restore it"
            previous = link.hash

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with told(), self.engine.connect() as connection:
            yield connection.execution_options(writes=False)


def _recorded() -> Select[tuple[object, ...]]:
    batch = (BATCH.c.unit.label("posted_unit"), BATCH.c.as_of, BATCH.c.catalogue, BATCH.c.posted)
    query = select(*_ENTRIES, ENTRY.c.batch, *batch, BATCH.c.rater)
    return query.join(BATCH).order_by(ENTRY.c.batch, ENTRY.c.slot, ENTRY.c.seq)


def _link(previous: str, number: int, batch: Batch, entries: str) -> str:
    """The hash of a batch."""
    posted = batch.posted.astimezone(UTC).isoformat()
    parts = (previous, number, batch.unit, batch.as_of, batch.rater, batch.catalogue, posted)
    return sha256("|".join(map(str, (*parts, entries))).encode()).hexdigest()
