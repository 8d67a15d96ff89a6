"""How everything stands: what `ispalier status` finds out, wherever it is told."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ispalier.api.kinds import KINDS
from ispalier.cli.books import opened
from ispalier.cli.decide.absent import states
from ispalier.cli.declaration import Declaration, declared
from ispalier.cli.look.compared import compared_all
from ispalier.cli.look.controller import Controller, controller
from ispalier.cli.look.drifting import host_as_json
from ispalier.cli.look.readiness import READY, Readiness, carried, compared
from ispalier.cli.output import rfc3339
from ispalier.cli.source import Source
from ispalier.journal.about import About, about, served_customers
from ispalier.journal.identity import Papers
from ispalier.journal.missing import Graveyard
from ispalier.journal.pending import Pending, PendingSet
from ispalier.settings import Settings
from ispalier.world.errors import IspalierError

_SHOWN = 10


@dataclass(slots=True)
class Standing:
    """Everything that is told; what could not be found out is in `problems`."""

    source: str
    journal: About
    absent: Mapping[str, int]
    pending: Sequence[PendingSet]
    controller: Controller | None
    customers: int | None = None
    """None if that is not known."""
    resources: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By kind how many are Ready: True, False, Unknown, Unreadable."""
    unready: Sequence[Readiness] = ()
    hosts: Sequence[Mapping[str, object]] = ()
    unconfirmed: str = ""
    """Why nothing that is missing is timed."""
    undeclared: Sequence[str] = ()
    """Customers who are served and have no Tenant here, nor are they waited for."""
    problems: list[str] = field(default_factory=list)


def standing_of(source: Source) -> Standing:
    """Find out how everything stands."""
    settings = source.settings()
    with opened(Graveyard, settings) as graveyard:
        standing = Standing(
            source=str(source),
            journal=about(graveyard.engine),
            absent=states(graveyard, settings),
            pending=Pending(graveyard.engine).sets(settings.limits, datetime.now(UTC)),
            controller=controller(settings.listen),
            unconfirmed=Papers(graveyard.engine).meta().get("unconfirmed", ""),
        )
        served = served_customers(graveyard.engine)
    try:
        found = declared(source, settings)
        standing.undeclared = sorted(served - set(found.world.numbers()))
        _look(standing, found, source, settings)
    except IspalierError as error:
        standing.problems.append(f"the {source} cannot be read: {error}")
    standing.problems += _troubles(standing)
    return standing


def _look(standing: Standing, found: Declaration, source: Source, settings: Settings) -> None:
    standing.customers = len(found.world.numbers())
    told = standing.controller.hosts if standing.controller else {}
    if source.path is None:
        each_one = list(carried(found.world))
        standing.hosts = [_told_host(place, each) for place, each in sorted(told.items())]
    else:
        comparison = compared_all(found, settings)
        each_one = list(compared(comparison, found.world))
        standing.hosts = [
            {**host_as_json(each), "circuitOpen": bool(told.get(each.place, {}).get("open"))}
            for each in comparison.hosts
        ]
    standing.unready = [each for each in each_one if each.state != READY]
    pairs = Counter((each.kind, each.state) for each in each_one)
    standing.resources = {
        kind: {ready: count for (which, ready), count in sorted(pairs.items()) if which == kind}
        for kind in [each.__name__ for each in KINDS]
        if any(which == kind for which, _ in pairs)
    }


def _told_host(place: tuple[str, str], told: Mapping[str, float]) -> Mapping[str, object]:
    """A host as the controller knows it."""
    is_open, is_up = bool(told.get("open")), bool(told.get("up", 1))
    problem = "" if is_up else "its last call failed: the controller's log says why"
    return {
        "room": place[0],
        "host": place[1],
        "reachable": is_up and not is_open,
        "problem": "it did not answer the controller in time" if is_open else problem,
        "items": _whole(told.get("items")),
        "differing": _whole(told.get("differing")),
        "circuitOpen": is_open,
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _troubles(standing: Standing) -> Iterator[str]:
    """What is not as it should be, a line each."""
    if standing.unconfirmed:
        yield f"all that is missing waits: {standing.unconfirmed}"
    some = standing.undeclared[:_SHOWN]
    yield from (
        f"customer {each} is served and has no Tenant in the {standing.source}" for each in some
    )
    if len(standing.undeclared) > len(some):
        yield f"{len(standing.undeclared) - len(some)} more customers are served without a Tenant"
    for host in standing.hosts:
        where = f"{host['host']} ({host['room']})"
        if host["problem"]:
            yield f"{where}: {host['problem']}"
        elif host["differing"]:
            yield f"{where}: {host['differing']} of its items differ: see `ispalier drift`"
    for kind, counts in standing.resources.items():
        if unready := sum(counts.values()) - counts.get(READY, 0):
            first = next(each for each in standing.unready if each.kind == kind)
            of = f"{kind}: {unready} of {sum(counts.values())} not Ready"
            yield f"{of}{': for one, ' if unready > 1 else ': '}{first.resource}: {first.why}"
    for each in standing.pending:
        yield f"{each.digest} waits for a person: {each.reason}"
    if standing.controller:
        yield from (f"the controller: {each}" for each in standing.controller.complaints)


def as_json(standing: Standing) -> dict[str, object]:
    """All of it for programs."""
    return {
        "source": standing.source,
        "customers": standing.customers,
        "undeclaredCustomers": list(standing.undeclared),
        "resources": [
            {
                "kind": kind,
                "ready": counts.get(READY, 0),
                "notReady": sum(counts.values()) - counts.get(READY, 0),
            }
            for kind, counts in standing.resources.items()
        ],
        "unready": [
            {"resource": each.resource, "ready": each.state, "why": each.why}
            for each in standing.unready
        ],
        "hosts": list(standing.hosts),
        "controller": _controller(standing.controller),
        "pending": [
            {"digest": each.digest, "cause": each.cause, "resources": len(each.resources)}
            for each in standing.pending
        ],
        "noLongerDeclared": {
            name: standing.absent.get(state, 0)
            for name, state in (
                ("waitedFor", "WaitedFor"),
                ("held", "Held"),
                ("off", "Off"),
                ("purging", "Purging"),
            )
        },
        "journal": {
            "where": standing.journal.where,
            "installation": standing.journal.installation,
            "schema": standing.journal.schema,
            "bytes": standing.journal.size,
            "lastChange": rfc3339(standing.journal.last_change),
            "unconfirmed": standing.unconfirmed,
        },
        "problems": standing.problems,
    }


def _controller(found: Controller | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "address": found.address,
        "ready": not found.complaints,
        "waiting": found.depth,
        "oldestSeconds": round(found.oldest, 3),
        "lastSweep": rfc3339(found.swept),
        "lastSweepSeconds": round(found.sweep_seconds, 3),
    }
