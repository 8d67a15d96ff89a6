"""Orphans: statuses of what no tenant's pass tells of, since nobody's chain leads to it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from ispalier.api.base import Meta, Resource, Status
from ispalier.api.parties import Tenant
from ispalier.core.conditions import StatusBody, is_told, status, summed
from ispalier.kube.cache import Cache
from ispalier.world.errors import Invalid, IspalierError, Waiting
from ispalier.world.snapshot import Broken, Ident, Snapshot, ident
from ispalier.world.units import OF_PROVIDER, OF_TENANTS, orphans


def told_of_orphans(cache: Cache, namespace: str, now: datetime) -> Mapping[Ident, StatusBody]:
    """Statuses of a namespace's orphans and of all in it that cannot be read, where they differ.

    Without a namespace: of the cluster's unreadable resources.
    """
    world = cache.world
    without_tenant = Waiting(_advice(world, namespace))
    problems: dict[Ident, tuple[Resource, IspalierError]] = {}
    if namespace:
        for thing in orphans(world, namespace):
            if isinstance(thing, Resource) and not thing.is_going:
                problems[ident(thing)] = (thing, without_tenant)
    for broken in _unreadable(world, namespace):
        stand_in = _stand_in(broken, cache.status_of(broken.ident))
        problems[broken.ident] = (stand_in, Invalid(f"cannot be read: {broken.message}"))
    bodies = {
        which: (resource, status(resource, summed(problem), {}, now))
        for which, (resource, problem) in problems.items()
    }
    return {
        which: body for which, (resource, body) in bodies.items() if not is_told(resource, body)
    }


def namespaces_with_orphans(world: Snapshot) -> Iterator[str]:
    """Every namespace in which something needs a status that no pass gives it."""
    spaces = {
        which.namespace
        for thing in world.everything()
        for which in [thing.ident if isinstance(thing, Broken) else ident(thing)]
    }
    for namespace in sorted(spaces):
        waiting = orphans(world, namespace) if namespace else ()
        if any(True for _ in chain(waiting, _unreadable(world, namespace))):
            yield namespace


def _unreadable(world: Snapshot, namespace: str) -> Iterator[Broken]:
    for kind in OF_TENANTS if namespace else OF_PROVIDER:
        for thing in world.things(kind.__name__, namespace):
            if isinstance(thing, Broken):
                yield thing


def _advice(world: Snapshot, namespace: str) -> str:
    tenants = sorted(each.name for each in world.of(Tenant, namespace))
    if not tenants:
        return f"there is no Tenant in namespace '{namespace}' (yet): create one"
    return (
        f"namespace '{namespace}' holds the Tenants {', '.join(tenants)}, and nothing says whose"
        " this is: name one in spec.tenantRef of its Subscription"
    )


def _stand_in(broken: Broken, told: Mapping[str, Any]) -> Resource:
    """The envelope of an unreadable object, as far as a status needs it."""
    _, namespace, name = broken.ident
    return Resource(
        metadata=Meta(name=name, namespace=namespace, generation=broken.generation),
        status=Status.model_validate(told, extra="ignore"),
    )
