"""Entries: the difference between what should have been charged and what was posted (R6-R9, R18).

The ledger only grows: nothing is ever changed or taken back, a correction is one more entry. Made
from the state, not from messages: doing it again makes nothing, and two writers collide on
(slot, seq).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from ispalier.billing.grid import first_on_or_after
from ispalier.billing.history import digest
from ispalier.billing.money import Money
from ispalier.billing.rating import Charge, Rated, payable_from
from ispalier.billing.slots import Segment, Slot, arithmetic, segments
from ispalier.billing.spans import Days, Span, minus, union
from ispalier.world.errors import Stalled


@dataclass(frozen=True, slots=True)
class Entry:
    """A posted line: what one run added to a slot, and what the slot amounts to since.

    `period` is the billing period in which it is posted; R18: a closed period stays closed, what
    belongs to it is posted in the first open one.
    """

    slot: Slot
    seq: int
    amount: int
    total_after: int
    segments: tuple[Segment, ...]
    due: date
    period: Span

    @property
    def ref_period(self) -> Span:
        """R18: the billing period that the entry is about."""
        return self.slot.period

    @property
    def key(self) -> bytes:
        """The identity for everybody downstream, the same however often it is made."""
        return digest(f"{self.slot.key.hex()}|{self.seq}")

    @property
    def money(self) -> Money:
        """The amount with its currency."""
        return Money(self.amount, self.slot.currency)

    @property
    def arithmetic(self) -> str:
        """How the amount comes about, for people."""
        return arithmetic(self.slot, self.segments, self.total_after)


@dataclass(frozen=True, slots=True)
class Posted:
    """What the entries of one slot add up to."""

    slot: Slot
    seq: int
    total: int
    days: Days


def posted(entries: Iterable[Entry]) -> dict[bytes, Posted]:
    """Each slot's state, from all its entries: they must be complete and add up."""
    slots: dict[bytes, Posted] = {}
    for entry in sorted(entries, key=lambda entry: entry.seq):
        key = entry.slot.key
        before = slots.get(key, Posted(entry.slot, 0, 0, ()))
        if entry.seq != before.seq + 1 or entry.total_after != before.total + entry.amount:
            raise Stalled(
                f"ledger of subscription {entry.slot.subscription!r}: entry {entry.seq} of slot "
                f"{key.hex()} does not follow entry {before.seq}: restore the ledger from a backup"
            )
        gained = (Span(step.start, step.end) for step in entry.segments if not step.lost)
        lost = union(Span(step.start, step.end) for step in entry.segments if step.lost)
        days = union((*minus(before.days, lost), *gained))
        slots[key] = Posted(entry.slot, entry.seq, entry.total_after, days)
    return slots


def entries(rated: Rated, ledger: Iterable[Entry]) -> list[Entry]:
    """R6: one new entry for each slot of a contract whose total is not what it should be.

    R6: a slot that was posted and is not owed any more should amount to nothing. R9: what is
    taken back is what was posted, at its price, and R8: never more than that. R24: while days of
    a period cannot be rated nothing in it is credited.
    """
    charges = {charge.slot.key: charge for charge in rated.charges}
    slots = posted(ledger)
    if any(each.slot.lineage != rated.history.lineage.key for each in slots.values()):
        raise ValueError("entries of another contract: compare each contract with its own")
    found: list[Entry] = []
    for key in charges.keys() | slots.keys():
        charge = charges.get(key) or Charge(slots[key].slot, (), 0)
        before = slots.get(key) or Posted(charge.slot, 0, 0, ())
        amount = charge.total - before.total
        if amount > 0 or (amount < 0 and not _is_held(rated, charge.slot.period)):
            found.append(_entry(rated, charge, before))
    return sorted(found, key=lambda entry: (entry.slot.period, entry.slot.key))


def ledger_digest(ledger: Iterable[Entry]) -> str:
    """The same after any crash and for any number of processes: all entries by (slot, seq)."""
    total = sha256()
    for entry in sorted(ledger, key=lambda entry: (entry.slot.key, entry.seq)):
        steps = ",".join("/".join(map(str, step)) for step in entry.segments)
        total.update(
            f"{entry.slot.key.hex()}|{entry.seq}|{entry.amount}|{entry.total_after}|{entry.due}"
            f"|{entry.period.start}|{entry.period.end}|{steps}\n".encode()
        )
    return total.hexdigest()


def totals_digest(ledger: Iterable[Entry]) -> str:
    """R7: the same for any schedule of runs: what every slot amounts to, nothing left out but zero."""
    total = sha256()
    for key, slot in sorted(posted(ledger).items()):
        if slot.total:
            total.update(f"{key.hex()}|{slot.total}\n".encode())
    return total.hexdigest()


def in_reading_order(entry: Entry) -> tuple[str, str, Span, date, int, bytes]:
    """Sort key: by customer, contract, period and first day."""
    slot, first = entry.slot, entry.segments[0].start
    return slot.payer, slot.subscription, slot.period, first, entry.seq, slot.key


def _is_held(rated: Rated, period: Span) -> bool:
    return any(
        span.start < period.end and period.start < span.end
        for each in rated.held
        for span in each.days
    )


def _entry(rated: Rated, charge: Charge, before: Posted) -> Entry:
    history, slot = rated.history, charge.slot
    amount = charge.total - before.total
    steps = segments(slot, before.days, charge.days)
    if rest := amount - sum(step.amount for step in steps):
        steps = (*steps, Segment(slot.period.start, slot.period.start, 0, rest))
    payable = payable_from(history, slot.period, steps[0].start)
    if before.seq:
        payable = max(payable, rated.as_of)
    return Entry(
        slot=slot,
        seq=before.seq + 1,
        amount=amount,
        total_after=charge.total,
        segments=steps,
        due=first_on_or_after(history.due_day, payable),
        period=slot.period,
    )
