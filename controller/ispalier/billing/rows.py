"""How entries stand in the journal: one row each, segments as JSON, amounts in minor units."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeAlias

from ispalier.billing.entries import Entry
from ispalier.billing.money import ratio
from ispalier.billing.slots import Pricing, Segment, Slot
from ispalier.billing.spans import Span

Values: TypeAlias = dict[str, Any]

COLUMNS = (
    "slot",
    "seq",
    "lineage",
    "payer",
    "subscription",
    "unit",
    "component",
    "currency",
    "period_start",
    "period_end",
    "posted_start",
    "posted_end",
    "plan",
    "cycle",
    "day_count",
    "price",
    "quantity",
    "valid_from",
    "amount",
    "total_after",
    "due",
    "segments",
)
"""The columns from which an entry is made again, in this order."""


def row_of(entry: Entry, batch: int) -> Values:
    """The row of an entry."""
    slot, pricing = entry.slot, entry.slot.pricing
    return {
        "slot": slot.key,
        "seq": entry.seq,
        "lineage": slot.lineage,
        "batch": batch,
        "payer": slot.payer,
        "subscription": slot.subscription,
        "unit": slot.unit,
        "component": slot.component,
        "currency": slot.currency,
        "period_start": slot.period.start,
        "period_end": slot.period.end,
        "posted_start": entry.period.start,
        "posted_end": entry.period.end,
        "plan": pricing.plan,
        "cycle": pricing.cycle,
        "day_count": pricing.day_count,
        "price": pricing.price.text(0),
        "quantity": pricing.quantity,
        "valid_from": pricing.valid_from,
        "amount": entry.amount,
        "total_after": entry.total_after,
        "due": entry.due,
        "segments": _written(entry.segments),
    }


def entry_of(row: Sequence[Any]) -> Entry:
    """The entry of a row that begins with COLUMNS."""
    slot, seq, lineage, payer, subscription, unit, component, currency, *rest = row
    start, end, posted_start, posted_end, plan, cycle, day_count, price, *rest = rest
    quantity, valid_from, amount, total_after, due, segments, *_ = rest
    pricing = Pricing(plan, cycle, day_count, ratio(price), quantity, valid_from)
    span = Span(start, end)
    return Entry(
        slot=Slot(slot, lineage, subscription, component, span, payer, unit, currency, pricing),
        seq=seq,
        amount=amount,
        total_after=total_after,
        segments=_read(segments),
        due=due,
        period=Span(posted_start, posted_end),
    )


def _written(segments: tuple[Segment, ...]) -> str:
    steps = [
        [str(each.start), str(each.end), each.days, each.amount, int(each.lost)]
        for each in segments
    ]
    return json.dumps(steps, separators=(",", ":"))


def _read(text: str) -> tuple[Segment, ...]:
    day = date.fromisoformat
    return tuple(
        Segment(day(start), day(end), days, amount, bool(lost))
        for start, end, days, amount, lost in json.loads(text)
    )
