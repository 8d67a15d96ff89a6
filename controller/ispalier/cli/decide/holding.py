"""What `ispalier hold`, `release` and `holds` do and tell."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

import typer
from rich.table import Table

from ispalier.api.access import Login
from ispalier.api.base import Resource
from ispalier.api.catalogue import Plan
from ispalier.api.contracts import Subscription
from ispalier.cli.books import opened
from ispalier.cli.output import Format, counted, err, fail, print_json, print_whole, rfc3339
from ispalier.cli.place import settings_for
from ispalier.cli.who import who
from ispalier.core.items import PROVIDER
from ispalier.core.tombstones import resource_of
from ispalier.journal.holds import Held, Holds
from ispalier.world.days import first_instant, term_on
from ispalier.world.effect import Effect
from ispalier.world.holds import Hold, contract_of, lacking

R = TypeVar("R", bound=Resource)


class Asked(NamedTuple):
    """What is to be held, by whom and how; the customer is empty if the name says enough."""

    kind: str
    name: str
    customer: str
    effect: Effect
    reason: str
    until: str
    stops_billing: bool
    source: str

    def __str__(self) -> str:
        """Kind/name, as in messages."""
        return f"{self.kind}/{self.name}"


def held(folder: Path, asked: Asked) -> None:
    """Hold something back from now on."""
    now = datetime.now(UTC)
    with opened(Holds, settings_for([folder])) as holds:
        customer = _customer(holds, asked)
        until = _instant(asked.until, holds, customer) if asked.until else None
        if until is not None and until <= now:
            message = f"{asked.until} is over: name a later one"
            raise typer.BadParameter(message, param_hint="--until")
        wish = Hold(
            id=0,
            kind=asked.kind,
            name=asked.name,
            source=asked.source,
            by=who(),
            reason=asked.reason,
            effect=asked.effect,
            stops_billing=asked.stops_billing,
            since=now,
            until=until,
        )
        made = holds.place(Held(customer, wish), now).hold
        remarks = sorted(set(_remarks(holds, customer, wish)))
    what = "was there already" if made.since != now else f"on {asked} of customer {customer}"
    ends = f" until {rfc3339(made.until)}" if made.until else ""
    err().print(
        f"hold {made.id} {what}: {made.effect}{ends}; an operator that runs acts within a second,"
        " else the next apply"
    )
    for each in remarks:
        err().print(f"but {each}")


def released(folder: Path, what: str, source: str, customer: str) -> None:
    """End what a source holds of a subject, or one hold of it."""
    with opened(Holds, settings_for([folder])) as holds:
        found = [
            each
            for each in _current(holds)
            if what in (str(each.hold.id), _subject(each.hold)) and customer in ("", each.customer)
        ]
        mine = [each for each in found if each.hold.source == source]
        others = sorted({each.hold.source for each in found} - {source})
        if not found and what.isdecimal():
            fail(f"no hold has the number {what}, or not any more: see `ispalier holds`")
        if not mine:
            by = f"it is held by {', '.join(others)}, who ends it with --source" if others else ""
            fail(f"{what} is not held by source {source}: {by or 'see `ispalier holds`'}")
        if len({each.customer for each in mine}) > 1:
            numbers = ", ".join(sorted({each.customer for each in mine}))
            fail(f"{what} is held of customers {numbers}: say which by --customer NUMBER")
        count = holds.release(mine, who(), datetime.now(UTC))
    still = f"; it is still held by {', '.join(others)}" if others else ""
    on = _subject(mine[0].hold)
    err().print(f"{counted(count, 'hold')} of source {source} released on {on}{still}")


def told_of_holds(folder: Path, customer: str, format_: Format) -> None:
    """List what is held."""
    with opened(Holds, settings_for([folder])) as holds:
        mine = (each for each in _current(holds) if customer in ("", each.customer))
        rows = [_as_json(each) for each in mine]
    if format_ is Format.JSON:
        print_json({"holds": rows})
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Id", "Customer", "Subject", "Effect", "Billing", "Source", "Until", "Reason"):
        table.add_column(title, overflow="fold")
    shown = ("id", "customer", "subject", "effect", "billing", "source", "until", "reason")
    for row in rows:
        table.add_row(*(str(row[each] or "") for each in shown))
    if rows:
        print_whole(table)
    err().print(f"{counted(len(rows), 'hold')}{'; times are UTC' * bool(rows)}")


def _current(holds: Holds) -> list[Held]:
    now = datetime.now(UTC)
    return [each for each in holds.all() if each.hold.until is None or each.hold.until > now]


def _subject(hold: Hold) -> str:
    return f"{hold.kind}/{hold.name}"


def _as_json(each: Held) -> dict[str, object]:
    hold = each.hold
    return {
        "id": hold.id,
        "customer": each.customer,
        "subject": _subject(hold),
        "effect": hold.effect.value,
        "billing": "Stop" if hold.stops_billing else "Continue",
        "source": hold.source,
        "reason": hold.reason,
        "by": hold.by,
        "since": rfc3339(hold.since),
        "until": rfc3339(hold.until),
    }


def _customer(holds: Holds, asked: Asked) -> str:
    """Whose it is; a name that is not known, or of several, ends the command."""
    known = holds.customers_of(asked.kind, asked.name)
    mine = [each for each in known if asked.customer in ("", each)]
    if not mine:
        of = f" of customer {asked.customer}" if asked.customer else ""
        remedy = "correct the name (`ispalier find` tells it), or declare and apply it first"
        fail(f"{asked}{of} is not known here: {remedy}")
    if len(mine) > 1:
        fail(f"{asked} is there of customers {', '.join(mine)}: say which by --customer NUMBER")
    return mine[0]


def _remarks(holds: Holds, customer: str, hold: Hold) -> Iterator[str]:
    """What the plans of the lines concerned do not offer of it, as all were last declared."""

    def known(whose: str, kind: type[R]) -> Mapping[str, R]:
        bodies = holds.bodies(whose, kind.__name__).items()
        read = ((name, resource_of(kind.__name__, body)) for name, body in bodies)
        return {name: each for name, each in read if isinstance(each, kind)}

    contracts, plans = known(customer, Subscription), known(PROVIDER, Plan)
    for login in known(customer, Login).values():
        contract = contracts.get(contract_of(login))
        if contract is None or not hold.covers(login.kind, login.name, contract.name):
            continue
        term = term_on(contract, hold.since.date()) or contract.spec.terms[0]
        plan = plans.get(term.plan_ref.name)
        yield from map(": ".join, lacking(plan, [hold.effect]) if plan else ())


def _instant(text: str, holds: Holds, customer: str) -> datetime:
    """An instant, or the first one of a local day of the customer's business unit."""
    try:
        return _read(text, holds, customer)
    except (ValueError, OverflowError) as error:
        message = f"'{text}' is no day: write 2026-12-01, or 2026-12-01T18:00+01:00 with its zone"
        raise typer.BadParameter(message, param_hint="--until") from error


def _read(text: str, holds: Holds, customer: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    return first_instant(date.fromisoformat(text), _time_zone(holds, customer))


def _time_zone(holds: Holds, customer: str) -> str:
    """That of the customer's business unit, as last declared."""
    units = holds.bodies(PROVIDER, "BusinessUnit")
    tenants = list(holds.bodies(customer, "Tenant").values())
    refs = [json.loads(each)["spec"]["businessUnitRef"]["name"] for each in tenants]
    unit = next((units[each] for each in reversed(refs) if each in units), None)
    if unit is None:
        fail(f"the time zone of customer {customer} is not known: write --until with time and zone")
    return str(json.loads(unit)["spec"]["timeZone"])
