"""Stopped: what a status tells of what is refused or cut back, and by whom."""

from collections.abc import Iterator
from contextlib import suppress

from ispalier.api.base import Resource
from ispalier.api.catalogue import Plan
from ispalier.core.conditions import Answer
from ispalier.world.effect import Effect
from ispalier.world.errors import IspalierError
from ispalier.world.holds import Stop, on_line, restricting
from ispalier.world.snapshot import ident
from ispalier.world.view import View


def told_of_stops(view: View, resource: Resource) -> Iterator[Answer]:
    """The conditions Suspended and Restricted, only while they are true."""
    refused = refusals(view, resource)
    if refused:
        yield Answer("Suspended", true=True, reason="Suspended", message=refused)
    found = restricting(resource.kind, view.stops_of(resource)) if view.holds else []
    if found:
        strongest = max(found, key=lambda each: list(Effect).index(each.effect))
        said = ", ".join(f"{each} ({each.effect})" for each in found)
        message = "; ".join([said, *_unmet(view, resource, found)])
        yield Answer("Restricted", true=True, reason=strongest.effect.value, message=message)


def refusals(view: View, resource: Resource) -> str:
    """Why a resource is refused, in one line; empty if it is not."""
    stops = view.stops_of(resource)
    return ", ".join(str(each) for each in stops if each.effect is Effect.REFUSE)


def _unmet(view: View, resource: Resource, stops: list[Stop]) -> Iterator[str]:
    """What the plan of a line does not offer, and what is done instead."""
    subscription = view.contracts.get(ident(resource))
    asked = {each.effect for each in stops} & {Effect.THROTTLE, Effect.WALLED_GARDEN}
    if subscription is None or not asked:
        return
    with suppress(IspalierError):
        plan = view.plan_of(subscription)
        yield from _lacking(plan, asked)


def _lacking(plan: Plan, asked: set[Effect]) -> Iterator[str]:
    access = plan.spec.access
    if access is None:
        return
    match on_line(asked, access):
        case None:
            yield (
                f"Plan/{plan.name} offers neither, so lines stay as they are: add"
                " spec.access.throttledProfileRef or walledGardenProfileRef to it, or use Refuse"
            )
        case Effect.THROTTLE if Effect.WALLED_GARDEN in asked:
            yield f"Plan/{plan.name} has no walledGardenProfileRef, so lines are throttled"
        case _:
            pass
