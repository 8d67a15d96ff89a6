"""Rules between the resources of one unit, worked out once per view."""

from collections.abc import Mapping

from ispalier.api.base import Resource
from ispalier.api.contracts import Subscription
from ispalier.world.allowances import beyond
from ispalier.world.fault import Fault
from ispalier.world.per_view import per_view
from ispalier.world.snapshot import Ident, ident
from ispalier.world.sound import Around
from ispalier.world.view import View


@per_view
def around(view: View) -> Around:
    """What rules between resources look at."""
    unit = view.unit if view.has_unit else None
    return Around(view.world, view.today, unit, tuple(view.of(Subscription)))


@per_view
def over_allowance(view: View) -> Mapping[Ident, Fault]:
    """Who is beyond what contracts may hold: the newest of those to whom nothing was granted yet."""
    contracts = ((each, view.contracts.get(ident(each))) for each in view.resources)
    held = ((each, contract) for each, contract in contracts if contract is not None)
    return beyond(around(view), held, lambda each: is_granted(view, each))


def is_granted(view: View, resource: Resource) -> bool:
    """Whether a resource was given a name, an address or a host: it was served before."""
    return (resource.kind, resource.name) in _granted(view)


@per_view
def _granted(view: View) -> frozenset[tuple[str, str]]:
    return frozenset((each.kind, each.name) for each in view.chosen)
