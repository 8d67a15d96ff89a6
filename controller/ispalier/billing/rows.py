"""How entries stand in the journal: one row each, segments as JSON, amounts in minor units."""

import json
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Row

from ispalier.billing.entries import Entry
from ispalier.billing.grid import Cycle, DayCount
from ispalier.billing.money import ratio
from ispalier.billing.slots import Pricing, Segment, Slot
from ispalier.billing.spans import Span

Values: TypeAlias = dict[str, Any]


class _Columns(NamedTuple):
    """The columns from which an entry is made again, in this order."""

    slot: bytes
    seq: int
    lineage: bytes
    payer: str
    subscription: str
    unit: str
    component: str
    currency: str
    period_start: date
    period_end: date
    posted_start: date
    posted_end: date
    plan: str
    cycle: Cycle
    day_count: DayCount
    price: str
    quantity: int
    valid_from: date | None
    amount: int
    total_after: int
    due: date
    segments: str


COLUMNS = _Columns._fields


def row_of(entry: Entry, batch: int) -> Values:
    """The row of an entry."""
    slot, pricing = entry.slot, entry.slot.pricing
    steps = [
        [str(each.start), str(each.end), each.days, each.amount, int(each.lost)]
        for each in entry.segments
    ]
    columns = _Columns(
        slot=slot.key,
        seq=entry.seq,
        lineage=slot.lineage,
        payer=slot.payer,
        subscription=slot.subscription,
        unit=slot.unit,
        component=slot.component,
        currency=slot.currency,
        period_start=slot.period.start,
        period_end=slot.period.end,
        posted_start=entry.period.start,
        posted_end=entry.period.end,
        plan=pricing.plan,
        cycle=pricing.cycle,
        day_count=pricing.day_count,
        price=pricing.price.text(0),
        quantity=pricing.quantity,
        valid_from=pricing.valid_from,
        amount=entry.amount,
        total_after=entry.total_after,
        due=entry.due,
        segments=json.dumps(steps, separators=(",", ":")),
    )
    return {**columns._asdict(), "batch": batch}


def entry_of(row: Row[Any]) -> Entry:
    """The entry of a row that begins with COLUMNS."""
    each = _Columns._make(row[: len(COLUMNS)])
    return Entry(
        slot=Slot(
            key=each.slot,
            lineage=each.lineage,
            subscription=each.subscription,
            component=each.component,
            period=Span(each.period_start, each.period_end),
            payer=each.payer,
            unit=each.unit,
            currency=each.currency,
            pricing=Pricing(
                plan=each.plan,
                cycle=each.cycle,
                day_count=each.day_count,
                price=ratio(each.price),
                quantity=each.quantity,
                valid_from=each.valid_from,
            ),
        ),
        seq=each.seq,
        amount=each.amount,
        total_after=each.total_after,
        segments=tuple(
            Segment(date.fromisoformat(start), date.fromisoformat(end), days, amount, bool(lost))
            for start, end, days, amount, lost in json.loads(each.segments)
        ),
        due=each.due,
        period=Span(each.posted_start, each.posted_end),
    )
