"""Lines of the ledger for people and for programs."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import typer
from rich.table import Table

from ispalier.billing.entries import Entry
from ispalier.billing.money import Money, exponent, formatted
from ispalier.billing.spans import Span
from ispalier.cli.output import counted, print_whole
from ispalier.world.findings import tame_json

POSTED, PREVIEW = "dev.ispalier.entry.posted", "dev.ispalier.entry.preview"
"""Types of CloudEvents; what is not posted must never be taken for a charge."""


def print_table(entries: Iterable[tuple[Entry, datetime | None]]) -> None:
    """One line per entry, with the instant of its posting where there is one.

    Where no terminal sets a width, no line is broken.
    """
    rows = list(entries)
    if not rows:
        return
    is_posted = rows[0][1] is not None
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    posted = ("Posted (UTC)",) if is_posted else ()
    for title in ("Customer", "Subscription", "Plan", "Period", *posted, "Due", "Arithmetic"):
        table.add_column(title, overflow="fold")
    table.add_column("Amount", justify="right", no_wrap=True)
    for entry, at in rows:
        when = (f"{at.astimezone(UTC):%Y-%m-%d %H:%M}",) if at else ()
        table.add_row(
            entry.slot.payer,
            entry.slot.subscription,
            entry.slot.pricing.plan,
            shown(entry.ref_period),
            *when,
            str(entry.due),
            entry.arithmetic,
            str(entry.money),
        )
    print_whole(table)


def print_event(entry: Entry, posted: datetime | None) -> None:
    """One CloudEvent 1.0 (JSON), known by its id to everybody however often it is printed."""
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": entry.key.hex(),
        "source": f"{entry.slot.unit}/ledger",
        "type": POSTED if posted else PREVIEW,
        "subject": f"{entry.slot.payer}/{entry.slot.subscription}",
        "datacontenttype": "application/json",
        "data": as_json(entry),
    }
    if posted:
        event["time"] = rfc3339(posted)
    typer.echo(tame_json(json.dumps(event, ensure_ascii=False)))


def as_json(entry: Entry) -> dict[str, object]:
    """An entry for programs: amounts as text and in minor units, spans without their last day."""
    slot, pricing = entry.slot, entry.slot.pricing
    return {
        "key": entry.key.hex(),
        "slot": slot.key.hex(),
        "seq": entry.seq,
        "lineage": slot.lineage.hex(),
        "customer": slot.payer,
        "subscription": slot.subscription,
        "unit": slot.unit,
        "component": slot.component,
        "plan": pricing.plan,
        "cycle": pricing.cycle,
        "dayCount": pricing.day_count,
        "price": pricing.price.text(exponent(slot.currency)),
        "priceValidFrom": str(pricing.valid_from) if pricing.valid_from else None,
        "quantity": pricing.quantity,
        "period": _span(entry.period),
        "refPeriod": _span(entry.ref_period),
        "due": str(entry.due),
        "currency": slot.currency,
        "amount": formatted(entry.amount, slot.currency),
        "amountMinor": entry.amount,
        "totalAfter": formatted(entry.total_after, slot.currency),
        "totalAfterMinor": entry.total_after,
        "segments": [
            {
                "from": str(each.start),
                "to": str(each.end),
                "days": each.days,
                "amount": formatted(each.amount, slot.currency),
            }
            for each in entry.segments
        ],
        "arithmetic": entry.arithmetic,
    }


def totals(entries: Iterable[Entry]) -> Mapping[str, Money]:
    """R19: a sum for each currency; they are never added."""
    sums: dict[str, Money] = {}
    for entry in entries:
        currency = entry.slot.currency
        sums[currency] = sums.get(currency, Money(0, currency)) + entry.money
    return dict(sorted(sums.items()))


def summary(entries: list[Entry]) -> str:
    """`3 entries, 184.26 BRL`."""
    sums = " and ".join(str(each) for each in totals(entries).values())
    return f"{counted(len(entries), 'entry')}{f', {sums}' if sums else ''}"


def shown(span: Span) -> str:
    """Days for people; the second is the first that is not meant."""
    return f"{span.start} to {span.end}"


def rfc3339(instant: datetime) -> str:
    """An instant in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _span(span: Span) -> dict[str, str]:
    return {"start": str(span.start), "end": str(span.end)}
