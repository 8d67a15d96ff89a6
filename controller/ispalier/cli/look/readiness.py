"""Readiness: of each resource if it serves as declared, and if not, why."""

from collections.abc import Iterator
from typing import NamedTuple

from ispalier.cli.look.compared import Comparison
from ispalier.cli.serve.passes import troubles
from ispalier.core.conditions import kind_and_ready, why_unready
from ispalier.core.gather import owner_of
from ispalier.world.snapshot import Broken, Ident, Snapshot, ident

READY, NOT_READY, UNREADABLE = "True", "False", "Unreadable"


class Readiness(NamedTuple):
    """What is said of one resource: `Login/joao of customer 10042`, its state, and why.

    The state is True, False, Unknown (in a cluster, where no status says it yet) or Unreadable.
    """

    kind: str
    resource: str
    state: str
    why: str = ""


def compared(comparison: Comparison, world: Snapshot) -> Iterator[Readiness]:
    """Whether hosts hold what each resource declares; without confidential names."""
    for plan in comparison.plans:
        of = f" of customer {plan.view.customer}" if plan.view.customer else ""
        differing = {each.owner for some in plan.changes.values() for each in some}
        problems = troubles(plan.problems)
        for resource in plan.view.resources:
            owner, who = owner_of(plan.view, resource), f"{resource.kind}/{resource.name}{of}"
            if owner in problems:
                why = world.hidden.text(f"{problems[owner].reason}: {problems[owner]}")
                yield Readiness(resource.kind, world.hidden.text(who), NOT_READY, why)
            elif owner in differing:
                why = "a host holds it otherwise: see `ispalier drift`"
                yield Readiness(resource.kind, world.hidden.text(who), NOT_READY, why)
            else:
                yield Readiness(resource.kind, who, READY)
        yield from (_broken(each, world) for each in plan.view.broken)


def carried(world: Snapshot) -> Iterator[Readiness]:
    """What the statuses of a cluster's objects say; without confidential names."""
    for each in world.everything():
        if isinstance(each, Broken):
            yield _broken(each, world)
            continue
        kind, state = kind_and_ready(each)
        why = why_unready(each) or ("" if state == READY else "it has no status yet")
        yield Readiness(kind, world.hidden.text(_named(ident(each))), state, world.hidden.text(why))


def _broken(each: Broken, world: Snapshot) -> Readiness:
    who, why = world.hidden.text(_named(each.ident)), world.hidden.text(each.message)
    return Readiness(each.ident.kind, who, UNREADABLE, why)


def _named(which: Ident) -> str:
    return f"{which} in {which.namespace}" if which.namespace else str(which)
