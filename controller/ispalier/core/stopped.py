"""Stopped: what a status tells of what is refused or cut back, and by whom."""

from collections.abc import Iterator
from contextlib import suppress

from ispalier.api.base import Resource
from ispalier.core.conditions import Answer
from ispalier.world.effect import Effect
from ispalier.world.errors import IspalierError
from ispalier.world.holds import Stop, lacking, restricting
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
    asked = {each.effect for each in stops}
    if subscription is None:
        return
    with suppress(IspalierError):
        yield from map(": ".join, lacking(view.plan_of(subscription), asked))
