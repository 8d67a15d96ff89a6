"""Slots: what a charge is for, and what its days cost (R3, R4, R5)."""

from datetime import date
from typing import NamedTuple

from ispalier.billing.grid import Cycle, DayCount, counted, length
from ispalier.billing.history import History, digest
from ispalier.billing.money import Ratio, exponent, formatted, rounded
from ispalier.billing.spans import Days, Span, minus, union

RECURRING = "recurring"
_TIMES = "\u00d7"


class Pricing(NamedTuple):
    """R4: everything that fixes the price of a full period; the price is unit price x quantity.

    `valid_from` names the version of the plan's price; an agreed price has none.
    """

    plan: str
    cycle: Cycle
    day_count: DayCount
    price: Ratio
    quantity: int
    valid_from: date | None

    @property
    def ref(self) -> str:
        """The price ref: it changes only when the terms of the price do.

        A price version is known by its day, so a slip in its amount is put right on the same slot;
        an agreed price is known by its amount.
        """
        version = self.valid_from or f"agreed {self.price.text(0)}"
        return f"{self.cycle}|{version}|{self.quantity}|{self.day_count}|{self.plan}"


class Slot(NamedTuple):
    """R4: one price of one component in one nominal period, owed by one payer in one currency."""

    key: bytes
    lineage: bytes
    subscription: str
    component: str
    period: Span
    payer: str
    unit: str
    currency: str
    pricing: Pricing

    @property
    def length(self) -> int:
        """R3: the days by which the price is divided."""
        return length(self.period, self.pricing.cycle, self.pricing.day_count)

    def counted(self, days: Days) -> int:
        """R3, R4: how many of the period's days these are."""
        return counted(days, self.period, self.pricing.cycle, self.pricing.day_count)

    def amount(self, count: int) -> int:
        """R4, R5: what the first so many billed days cost in minor units, rounded once."""
        price = self.pricing.price
        exact = price.numerator * self.pricing.quantity * 10 ** exponent(self.currency) * count
        return rounded(exact, price.denominator * self.length)


def slot_key(
    history: History, lineage: bytes, component: str, period: Span, pricing: Pricing
) -> bytes:
    """R4: the identity of a slot in the ledger.

    No part but the payer's number could hold a bar, so different slots never spell the same.
    """
    return digest(
        f"v1|{history.unit}|{lineage.hex()}|{history.payer}|{component}"
        f"|{period.start}|{period.end}|{pricing.ref}|{history.currency}"
    )


class Segment(NamedTuple):
    """Days gained or lost by an entry: `days` of the period counted, what they add, both signed.

    One without days (start = end) puts right an amount that the days do not explain.
    """

    start: date
    end: date
    days: int
    amount: int
    lost: bool = False


def segments(slot: Slot, before: Days, after: Days) -> tuple[Segment, ...]:
    """R4, R6: the steps from the days billed before to those billed now, in the order of time.

    Each step is worth the difference of two rounded cumulative amounts, so that whatever the split
    the sum is that of all days, and exactly the price for a whole period.
    """
    changes = sorted(
        [(span, True) for span in minus(before, after)]
        + [(span, False) for span in minus(after, before)]
    )
    steps: list[Segment] = []
    days, count, amount = before, slot.counted(before), slot.amount(slot.counted(before))
    for span, lost in changes:
        days = minus(days, (span,)) if lost else union((*days, span))
        counts, amounts = slot.counted(days), slot.amount(slot.counted(days))
        steps.append(Segment(span.start, span.end, counts - count, amounts - amount, lost))
        count, amount = counts, amounts
    return tuple(steps)


def arithmetic(slot: Slot, steps: tuple[Segment, ...], total: int) -> str:
    """How an amount comes about, for people: `10 of 31 days x 99.90` (with a real times sign).

    Where cents of earlier days are made up for, it says so: `(total 6.67, before 3.33)`.
    """
    pricing, amount = slot.pricing, sum(step.amount for step in steps)
    numbers = [str(step.days) for step in steps if step.start < step.end]
    before = formatted(total - amount, slot.currency)
    explained = f"total {formatted(total, slot.currency)}, before {before}"
    if not numbers:
        return f"correction: {explained}"
    days = numbers[0] if len(numbers) == 1 else f"({' + '.join(numbers).replace('+ -', '- ')})"
    price = pricing.price.text(exponent(slot.currency))
    quantity = f" {_TIMES} {pricing.quantity}" if pricing.quantity != 1 else ""
    text = f"{days} of {slot.length} days{quantity} {_TIMES} {price}"
    naive = slot.amount(sum(step.days for step in steps))
    return text if naive == amount else f"{text} ({explained})"
