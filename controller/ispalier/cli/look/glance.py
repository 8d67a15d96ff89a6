"""What `ispalier status` shows."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from ispalier.cli.look.readiness import READY
from ispalier.cli.look.standing import Standing, as_json, standing_of
from ispalier.cli.output import Exit, Format, counted, err, out, print_json, print_whole
from ispalier.cli.source import Source

_MEGABYTE = 1_000_000


def told_of_status(source: Source, format_: Format) -> Exit:
    """Show how everything stands; whether it is as it should be."""
    standing = standing_of(source)
    if format_ is Format.JSON:
        print_json(as_json(standing))
    else:
        _print(standing)
    return Exit.PROBLEMS if standing.problems else Exit.OK


def _print(standing: Standing) -> None:
    for line in _facts(standing):
        out().print(line)
    if standing.resources:
        print_whole(_resources(standing))
    if standing.hosts:
        print_whole(_hosts(standing))
    for each in standing.problems:
        out().print(Text(f"! {each}", style="red"))
    if standing.problems:
        err().print(f"{counted(len(standing.problems), 'thing')} to see to")
    else:
        err().print("everything is as it should be")


def _facts(standing: Standing) -> Iterator[Text]:
    """One line each about the customers, the controller, what is gone, the journal."""
    yield _fact("Customers", f"{_number(standing.customers)} in the {standing.source}")
    found = standing.controller
    if found is None:
        yield _fact("Controller", "none answers")
    else:
        swept = f"{found.swept:%Y-%m-%d %H:%M:%S} UTC" if found.swept else "none yet"
        first = f", the first for {found.oldest:.1f} s" if found.depth else ""
        line = f"{counted(found.depth, 'unit')} in line{first}"
        yield _fact("Controller", f"{found.address}, {line}, last sweep {swept}")
    absent = standing.absent
    yield _fact(
        "Not declared",
        f"{absent.get('WaitedFor', 0)} waited for, {absent.get('Held', 0)} held back,"
        f" {absent.get('Off', 0) + absent.get('Purging', 0)} off",
    )
    about = standing.journal
    last = f"{about.last_change:%Y-%m-%d %H:%M:%S} UTC" if about.last_change else "none yet"
    size = f"{about.size / _MEGABYTE:.1f} MB"
    yield _fact("Journal", f"{about.where}, {size}, schema {about.schema}, last change {last}")
    yield _fact("Installation", about.installation)


def _fact(name: str, text: str) -> Text:
    return Text.assemble((f"{name:<14}", "bold"), text)


def _resources(standing: Standing) -> Table:
    table = _table("Kind")
    for title in ("Ready", "Not ready"):
        table.add_column(title, justify="right")
    for kind, counts in standing.resources.items():
        unready = sum(counts.values()) - counts.get(READY, 0)
        table.add_row(kind, str(counts.get(READY, 0)), _red(unready))
    return table


def _hosts(standing: Standing) -> Table:
    table = _table("Host", "Room", "State")
    for title in ("Items", "Differing"):
        table.add_column(title, justify="right")
    for each in standing.hosts:
        state = Text("answers") if each["reachable"] else Text("not compared", style="red")
        if each["circuitOpen"]:
            state = Text("left alone", style="red")
        items, differing = each["items"], each["differing"]
        table.add_row(
            str(each["host"]),
            str(each["room"]),
            state,
            _number(items),
            "?" if differing is None else _red(differing),
        )
    return table


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _number(count: object) -> str:
    return "?" if count is None else str(count)


def _red(count: object) -> Text:
    return Text(str(count), style="red" if count else "")
