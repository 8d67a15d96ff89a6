"""What a contract should have been charged by a day: a pure function of its history (R1-R18).

No clock, no I/O, no float, no order but the one that the rules give. Trials, discounts, usage and
one-off charges will be further components; each gives charges on slots of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from ispalier.billing.grid import Grid
from ispalier.billing.history import History
from ispalier.billing.slots import RECURRING, Pricing, Slot, slot_key
from ispalier.billing.spans import FOREVER, Days, Span, minus, union, within
from ispalier.billing.stretches import Stretch, billable_start, stretches, unbilled_days

_DAY = timedelta(days=1)
RATER = 1
"""Version of these rules; a closed period keeps the one it was rated with (R6)."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a slot should amount to: the days billed in it, and their price."""

    slot: Slot
    days: Days
    total: int


@dataclass(frozen=True, slots=True)
class Held:
    """R24: days that cannot be rated: reported, never rated as zero, never credited."""

    component: str
    period: Span
    days: Days
    reason: str


@dataclass(frozen=True, slots=True)
class Rated:
    """The desired state of one contract's slots as of a day."""

    history: History
    as_of: date
    charges: tuple[Charge, ...]
    held: tuple[Held, ...]


def rate(history: History, as_of: date) -> Rated:
    """R6: what every slot of a contract should amount to, counting all that is known as of a day.

    In advance a period is owed from its first billable day on, in arrears when it or the contract
    is over. What is known already counts even if it takes effect later.
    """
    groups: dict[tuple[Span, Pricing], list[Span]] = {}
    held: list[Held] = []
    for stretch, period, days in _billed(history, as_of):
        if stretch.pricing is None:
            held.append(Held(RECURRING, period, tuple(days), stretch.problem))
        else:
            groups.setdefault((period, stretch.pricing), []).extend(days)
    lineage = history.lineage.key
    charges = tuple(
        _charge(_slot(history, lineage, period, pricing), union(days))
        for (period, pricing), days in groups.items()
    )
    return Rated(history, as_of, charges, tuple(held))


def payable_from(history: History, period: Span, first_day: date) -> date:
    """R6: the day from which days of a period are payable: in advance their first, else the end.

    In arrears that is the end of the period, or of the contract if it ends before.
    """
    if history.timing == "Advance":
        return max(period.start, first_day)
    return min(period.end, history.end or FOREVER)


def next_charge(history: History, as_of: date) -> date | None:
    """The first day after another one from which more is payable; None if that is not known."""
    start, end = billable_start(history), history.end or FOREVER
    if start is None or end <= as_of:
        return None
    day = max(as_of + _DAY, start)
    boundaries = (
        each.grid.next_boundary(max(day, each.days.start))
        for each in stretches(history)
        if day < each.days.end
    )
    return min((*boundaries, end))


def _billed(history: History, as_of: date) -> Iterator[tuple[Stretch, Span, list[Span]]]:
    """The billed days of each stretch in each nominal period that is owed."""
    start, end = billable_start(history), history.end or FOREVER
    if start is None or start >= end:
        return
    billed = minus((Span(start, end),), unbilled_days(history))
    for stretch in stretches(history):
        first, last = max(stretch.days.start, start), min(stretch.days.end, end)
        if first >= last:
            continue
        for period in _periods(stretch.grid, Span(first, last)):
            if payable_from(history, period, start) > as_of:
                break
            days = within(billed, max(period.start, first), min(period.end, last))
            if days:
                yield stretch, period, days


def _periods(grid: Grid, days: Span) -> Iterator[Span]:
    """The nominal periods in which some of the days lie."""
    for index in count(grid.index(days.start)):
        period = grid.period(index)
        if period.start >= days.end:
            return
        yield period


def _slot(history: History, lineage: bytes, period: Span, pricing: Pricing) -> Slot:
    return Slot(
        key=slot_key(history, lineage, RECURRING, period, pricing),
        lineage=lineage,
        subscription=history.lineage.subscription,
        component=RECURRING,
        period=period,
        payer=history.payer,
        unit=history.unit,
        currency=history.currency,
        pricing=pricing,
    )


def _charge(slot: Slot, days: Days) -> Charge:
    return Charge(slot, days, slot.amount(slot.counted(days)))
