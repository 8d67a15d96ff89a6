"""What `ispalier drift` tells."""

import time
from collections.abc import Iterator

from rich.text import Text

from ispalier.cli.declaration import declared
from ispalier.cli.look.compared import Comparison, Host, compared_all
from ispalier.cli.output import Exit, Format, counted, err, fail, out, print_json
from ispalier.cli.serve import changes
from ispalier.cli.serve.passes import beginnings, together, troubles
from ispalier.cli.source import Source
from ispalier.core.items import Item
from ispalier.core.shown import named
from ispalier.world.errors import IspalierError


def drifted(source: Source, format_: Format, *, foreign: bool) -> Exit:
    """Tell what differs; how it ended."""
    began = time.monotonic()
    settings = source.settings()
    try:
        there = declared(source, settings)
        found = compared_all(there, settings)
    except IspalierError as error:
        fail(error)
    if format_ is Format.JSON:
        print_json(there.world.hidden.value(_as_json(found, foreign=foreign)))
    else:
        for line in _lines(found, foreign=foreign):
            out().print(Text(there.world.hidden.text(line.plain), style=line.style))
        err().print(_summary(found, time.monotonic() - began))
    differs = any(each.differing or each.problem for each in found.hosts)
    return (
        Exit.PROBLEMS
        if differs or any(troubles(plan.problems) for plan in found.plans)
        else Exit.OK
    )


def _lines(found: Comparison, *, foreign: bool) -> Iterator[Text]:
    """By host what differs, then who is not served as declared."""
    for host in found.hosts:
        room, name = host.place
        if host.problem:
            yield Text(f"{name} ({room}) was not compared: {host.problem}", style="red")
        shown = host.foreign if foreign else ()
        if host.differing or shown:
            differ = f"{host.differing} of {counted(host.items or 0, 'item')} differ"
            yield Text(f"{name} ({room}): {differ}", style="bold")
        for plan in found.plans:
            for each in plan.changes.get(host.place, ()):
                whose = f" ({each.owner} of {plan.view.customer or 'the provider'})"
                line = changes.line(each)
                yield Text(f"  {line}{whose}", style=changes.STYLES[line[0]])
        yield from (Text(f"  ? {named(each)}: {_mark(each)}", style="magenta") for each in shown)
    for plan in found.plans:
        whose = f" of customer {plan.view.customer}" if plan.view.customer else ""
        for who, problem in together(troubles(plan.problems)):
            yield Text(f"! {', '.join(who)}{whose}: {problem}", style="red")
        yield from map(Text, beginnings(plan.problems))


def _mark(item: Item) -> str:
    if item.owner is None:
        return "has no mark, and nobody wants it"
    who = item.owner
    return f"is marked as {who} of customer {who.customer} of installation {who.installation}"


def _summary(found: Comparison, seconds: float) -> str:
    differing = sum(each.differing or 0 for each in found.hosts)
    items = sum(each.items or 0 for each in found.hosts)
    problems = sum(len(troubles(plan.problems)) for plan in found.plans)
    down = sum(bool(each.problem) for each in found.hosts)
    parts = [f"{counted(differing, 'item')} of {items} differ" if differing else "nothing differs"]
    if problems:
        parts.append(f"{counted(problems, 'resource')} not served as declared")
    if down:
        parts.append(f"{counted(down, 'host')} not compared")
    hosts = counted(len(found.hosts) - down, "host")
    return f"{'; '.join(parts)} ({hosts}, {counted(len(found.plans), 'unit')}, {seconds:.1f} s)"


def _as_json(found: Comparison, *, foreign: bool) -> dict[str, object]:
    return {
        "hosts": [
            {**host_as_json(each), **_foreign(each, foreign=foreign)} for each in found.hosts
        ],
        "changes": [
            {"customer": plan.view.customer, **changes.as_json(place[0], each)}
            for plan in found.plans
            for place, some in plan.changes.items()
            for each in some
        ],
        "problems": [
            {
                "customer": owner.customer,
                "resource": str(owner),
                "reason": problem.reason,
                "message": str(problem),
            }
            for plan in found.plans
            for owner, problem in sorted(troubles(plan.problems).items())
        ],
    }


def host_as_json(host: Host) -> dict[str, object]:
    """A host, and how much of it differs."""
    return {
        "room": host.place[0],
        "host": host.place[1],
        "reachable": not host.problem,
        "problem": host.problem,
        "items": host.items,
        "differing": host.differing,
    }


def _foreign(host: Host, *, foreign: bool) -> dict[str, object]:
    if not foreign:
        return {}
    return {"foreign": [{"item": named(each), "mark": _mark(each)} for each in host.foreign]}
