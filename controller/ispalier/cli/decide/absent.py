"""What `ispalier retired`, `restore` and `purge` do and tell."""

import json
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypedDict

import typer
import yaml
from rich.table import Table

from ispalier.cli.books import opened
from ispalier.cli.output import Exit, Format, counted, err, fail, print_json, print_whole, rfc3339
from ispalier.cli.place import settings_for
from ispalier.cli.who import who
from ispalier.core.absence import TENANT
from ispalier.core.brakes import too_many
from ispalier.core.standing import EVERYTHING
from ispalier.journal.identity import Papers
from ispalier.journal.missing import Graveyard, Missing
from ispalier.settings import Settings
from ispalier.world.scalars import plain

_KEYS = ("apiVersion", "kind", "metadata", "spec")


class Dumper(yaml.SafeDumper):
    """Quotes what our reader and the API server would not read as text."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = None if plain(value) == value else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


Dumper.add_representer(str, _text)


class Dated(TypedDict):
    """What is no longer declared, and when what happens to it; null is never."""

    customer: str
    resource: str
    missingSince: str | None
    state: str
    offAt: str | None
    offSince: str | None
    purgedAfter: str | None
    purge: str


class Which(NamedTuple):
    """Which of them: `Kind/name`, empty for all, and of which customer, empty for any."""

    resource: str
    customer: str

    def among(self, found: Sequence[Missing]) -> list[Missing]:
        """Those that are meant."""
        return [
            each
            for each in found
            if self.resource in ("", str(each)) and self.customer in ("", each.customer)
        ]

    def __str__(self) -> str:
        """In messages."""
        of = f" of customer {self.customer}" if self.customer else ""
        return f"{self.resource or 'nothing'}{of}"


def told_of_absent(path: Path, customer: str, format_: Format) -> None:
    """List what is no longer declared, what became of it, and what will."""
    settings = settings_for([path])
    rows = [each for each in dated(settings) if customer in ("", each["customer"])]
    if format_ is Format.JSON:
        print_json({"missing": rows})
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Customer", "Resource", "Missing since", "Off", "Purged"):
        table.add_column(title, overflow="fold")
    for row in rows:
        off = f"{'since' if row['offSince'] else 'at'} {_short(row['offAt'])}"
        off, purged = (off, when_purged(row)) if row["state"] != "Held" else ("held back", "")
        since = _short(row["missingSince"])
        table.add_row(row["customer"], row["resource"], since, off, purged)
    if rows:
        print_whole(table)
    with opened(Graveyard, settings) as graveyard:
        unconfirmed = _unconfirmed(graveyard)
    if unconfirmed:
        err().print(f"all that is missing waits: {unconfirmed}")
    err().print(
        f"{counted(len(rows), 'resource')} no longer declared{'; times are UTC' * bool(rows)}"
    )


def restored(path: Path, which: Which) -> None:
    """Print resources as they were last declared."""
    with opened(Graveyard, settings_for([path])) as graveyard:
        found = which.among(graveyard.missing())
    bodies = [json.loads(each.body) for each in found if each.body is not None]
    if not bodies:
        is_none = "is not" if which.resource else "is"
        fail(f"{which} {is_none} among what is no longer declared: see `ispalier retired`")
    documents = [{key: body[key] for key in _KEYS} for body in bodies]
    text = yaml.dump_all(documents, Dumper=Dumper, sort_keys=False, allow_unicode=True)
    typer.echo(text, nl=False)
    err().print(
        f"{counted(len(documents), 'resource')} as last declared: commit this, or pipe it into"
        " `kubectl apply -f -`; what is off serves again then"
    )


def purged(path: Path, which: Which, why: str, *, sure: bool) -> Exit:
    """Let the retention of what is off end now."""
    settings, said = settings_for([path]), f"{who()}{': ' * bool(why)}{why}"
    with opened(Graveyard, settings) as graveyard:
        found = which.among(graveyard.missing())
        off = [each for each in found if each.retired is not None]
        for each in found:
            if each.retired is None:
                err().print(f"{each} of customer {each.customer} is not off yet: it is left alone")
        if not off:
            fail(f"{which} is not off: see `ispalier retired`")
        now = datetime.now(UTC)
        names = ", ".join(
            f"{each} of customer {each.customer}"
            f" {each._replace(purge=said).when(settings.retention, now)}"
            for each in off
        )
        if not (sure or typer.confirm(f"Delete for ever what is held of {names}?", err=True)):
            fail("nothing was purged")
        count = graveyard.purge(off, said, now)
    err().print(f"{counted(count, 'resource')} to be purged: {names}")
    return Exit.OK if len(off) == len(found) else Exit.PROBLEMS


def dated(settings: Settings) -> list[Dated]:
    """What is no longer declared, and when what happens to it, as JSON; null is never."""
    with opened(Graveyard, settings) as graveyard:
        found = graveyard.missing()
        held = _held(graveyard, settings) if found else {}
    return [_dated(each, found, settings, held) for each in found]


def when_purged(row: Dated) -> str:
    """When what is no longer declared is deleted, for people."""
    at = row["purgedAfter"]
    if row["state"] != "Purging":
        return _short(at) or "never"
    is_due = at is None or at <= f"{rfc3339(datetime.now(UTC))}"
    return "by the next pass" if is_due else f"{_short(at)} (legal minimum)"


def states(graveyard: Graveyard, settings: Settings) -> Counter[str]:
    """How many resources are gone how far."""
    held = _held(graveyard, settings)
    return Counter(_state(each, is_held=_is_held(each, held)) for each in graveyard.missing())


def _held(graveyard: Graveyard, settings: Settings) -> Mapping[str, str]:
    """The kinds, or EVERYTHING, of which nothing is switched off, with the reason."""
    held = too_many(graveyard.fleet(datetime.now(UTC) - settings.limits.window), settings.limits)
    unconfirmed = _unconfirmed(graveyard)
    return {**held, EVERYTHING: unconfirmed} if unconfirmed else held


def _unconfirmed(graveyard: Graveyard) -> str:
    return Papers(graveyard.engine).meta().get("unconfirmed", "")


def _dated(
    each: Missing, all_: Sequence[Missing], settings: Settings, held: Container[str]
) -> Dated:
    retention = settings.retention
    tenant_is_gone = any(other.customer == each.customer and other.kind == TENANT for other in all_)
    due = each.since + retention.hold(tenant_is_gone=tenant_is_gone)
    kept = (each.retired or due) + each.kept(retention)
    is_held = _is_held(each, held)
    return {
        "customer": each.customer,
        "resource": str(each),
        "missingSince": rfc3339(each.since),
        "state": _state(each, is_held=is_held),
        "offAt": None if is_held else rfc3339(each.retired or due),
        "offSince": rfc3339(each.retired),
        "purgedAfter": None if is_held or each.kind == TENANT else rfc3339(kept),
        "purge": each.purge,
    }


def _is_held(each: Missing, held: Container[str]) -> bool:
    is_meant = EVERYTHING in held or each.kind in held
    return is_meant and not (each.retired or each.approved)


def _state(each: Missing, *, is_held: bool) -> str:
    if each.retired is None:
        return "Held" if is_held else "WaitedFor"
    return "Purging" if each.purge else "Off"


def _short(at: str | None) -> str:
    return (at or "")[:16].replace("T", " ")
