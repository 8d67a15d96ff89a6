"""What `ispalier why` and `audit` tell."""

import difflib
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.table import Table

from ispalier.api.base import Condition
from ispalier.cli.books import opened
from ispalier.cli.decide.absent import Dated, dated, when_purged
from ispalier.cli.look.stands import stands
from ispalier.cli.output import Format, counted, err, fail, out, print_json, print_whole
from ispalier.cli.place import settings_for
from ispalier.cli.source import Source
from ispalier.journal.history import History, Row, Standing
from ispalier.journal.names import Names
from ispalier.settings import Settings
from ispalier.world.errors import IspalierError
from ispalier.world.findings import tame_json

CHANGED, ACTED = "dev.ispalier.change.applied", "dev.ispalier.act"
"""Types of CloudEvents: what was changed on a host, and what a person said to the journal."""
EVERY = 1.0
"""Seconds between two looks for what is new."""

_STATES = {
    "Declared": "is declared, and served so as far as is known",
    "Pending": "is declared; it, or something of its contract, is not served so yet",
    "WaitedFor": "is no longer declared and is waited for",
    "Held": "is no longer declared; what would follow is held back: see `ispalier pending`",
    "Off": "is no longer declared and off; its data is kept until {until}",
    "Purging": "is no longer declared and off; its data is to be purged: {until}",
    "Gone": "is gone",
}


def told_why(
    path: Path, source: Source, resource: tuple[str, str, str], limit: int, format_: Format
) -> None:
    """Show how a resource (customer or "", kind, name) stands and why, and its last changes."""
    settings = settings_for([path])
    customer, kind, name = resource
    with opened(History, settings) as history:
        whose = history.customers_of(kind, name)
        if customer:
            whose = [each for each in whose if each == customer]
        if not whose:
            of = f" of customer {customer}" if customer else ""
            near = _near(settings, f"{kind}/{name}", customer)
            fail(f"{kind}/{name}{of} was never declared, as far as this journal knows{near}")
        if len(whose) > 1:
            fail(f"{kind}/{name} is of several customers: add --customer {' or '.join(whose)}")
        standing = history.standing(whose[0], kind, name)
        rows = history.of(whose[0], kind, name, limit)
    row = _gone(settings, whose[0], f"{kind}/{name}")
    state = row["state"] if row else _state(standing)
    conditions = _conditions(source, settings, whose[0], (kind, name)) if not row else ()
    if format_ is Format.JSON:
        until = row["purgedAfter"] if row else None
        told = _as_json(f"{kind}/{name}", state, standing, rows)
        answers = [
            {"type": e.type, "status": e.status, "reason": e.reason, "message": e.message}
            for e in conditions
        ]
        print_json({**told, "conditions": answers, "purgedAfter": until})
        return
    of = f" of customer {whose[0]}" if whose[0] else " of the provider"
    holds = ", ".join(f"{each} {value}" for each, value in standing.claims)
    stands = _STATES[state].format(until=when_purged(row) if row else "")
    out().print(f"{kind}/{name}{of} {stands}{f'; holds {holds}' if holds else ''}")
    for each in conditions:
        message = f": {each.message}" if each.message else ""
        out().print(f"  {each.type} {each.status}, {each.reason}{message}")
    _print(rows)
    err().print(f"{counted(len(rows), 'change')}{'; times are UTC' * bool(rows)}")


def _near(settings: Settings, resource: str, customer: str) -> str:
    """The name that was meant, as far as it can be guessed."""
    with opened(Names, settings) as names:
        known = {str(each) for each in names.known() if customer in ("", each.customer)}
    alike = [each for each in known if each.lower() == resource.lower()]
    found = alike or difflib.get_close_matches(resource, known, n=1)
    return f": did you mean {found[0]}?" if found else ""


def audited(path: Path, since: datetime | None, customer: str, *, follow: bool) -> None:
    """Print the history as JSON lines, and what comes if it is to go on."""
    with opened(History, settings_for([path])) as history:
        source = f"{history.installation()}/history"
        last, told = history.last(), set[int]()
        for row in history.since(since, customer or None):
            typer.echo(_event(source, row))
            told.add(row.number)
        try:
            while follow:
                time.sleep(EVERY)
                for row in history.after(last):
                    is_meant = row.number not in told and customer in ("", row.customer)
                    if is_meant and (since is None or row.at >= since):
                        typer.echo(_event(source, row))
                    told.add(row.number)
                    last = max(last, row.number)
        except KeyboardInterrupt:
            return


def _conditions(
    source: Source, settings: Settings, customer: str, resource: tuple[str, str]
) -> Sequence[Condition]:
    """How it stands; what the journal knows is told also where nobody can say that."""
    try:
        return stands(source, settings, customer, resource)
    except IspalierError as error:
        err().print(f"how it stands now is not known: {error}")
        return ()


def _gone(settings: Settings, customer: str, resource: str) -> Dated | None:
    """What becomes of a resource that is no longer declared."""
    found = (e for e in dated(settings) if (e["customer"], e["resource"]) == (customer, resource))
    return next(found, None)


def _state(standing: Standing) -> str:
    if not standing.is_declared:
        return "Gone"
    return "Declared" if standing.is_in_force else "Pending"


def _print(rows: Sequence[Row]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("When", "What", "Host", "Item", "Cause"):
        table.add_column(title, overflow="fold")
    for row in rows:
        what = f"{row.verb} ({', '.join(row.fields)})" if row.fields else row.verb
        cause = f"{row.cause}: {row.detail}" if row.detail else row.cause
        table.add_row(f"{row.at:%Y-%m-%d %H:%M:%S}", what, row.host, row.item, cause)
    if rows:
        print_whole(table)


def _as_json(
    resource: str, state: str, standing: Standing, rows: Sequence[Row]
) -> Mapping[str, object]:
    return {
        "resource": resource,
        "customer": standing.customer,
        "state": state,
        "declared": _rfc3339(standing.declared) if standing.declared else None,
        "claims": [{"kind": kind, "value": value} for kind, value in standing.claims],
        "changes": [{"at": _rfc3339(row.at), **_data(row)} for row in rows],
    }


def _event(source: str, row: Row) -> str:
    """One CloudEvent 1.0; its id is the same however often it is printed."""
    event = {
        "specversion": "1.0",
        "id": str(row.number),
        "source": source,
        "type": CHANGED if row.host else f"{ACTED}.{row.verb}",
        "time": _rfc3339(row.at),
        "subject": f"{row.customer or 'provider'}/{row.resource}",
        "datacontenttype": "application/json",
        "data": {"customer": row.customer, "resource": row.resource, **_data(row)},
    }
    return tame_json(json.dumps(event, ensure_ascii=False))


def _data(row: Row) -> Mapping[str, object]:
    return {
        "verb": row.verb,
        "room": row.room,
        "host": row.host,
        "item": row.item,
        "fields": list(row.fields),
        "digest": row.digest,
        "cause": row.cause,
        "detail": row.detail,
    }


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
