"""What a unit's resources ask of all back ends: pure, resource by resource."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ispalier.api.base import Resource
from ispalier.api.parties import Tenant
from ispalier.core.effective import is_observed
from ispalier.core.gather import owner_of
from ispalier.core.items import Item, Keep, Owner
from ispalier.core.room import Room
from ispalier.core.rules import around, over_allowance
from ispalier.world.errors import (
    Invalid,
    IspalierError,
    NotBegun,
    NotServed,
    OverAllowance,
    Stalled,
    Unavailable,
    Waiting,
)
from ispalier.world.references import references
from ispalier.world.snapshot import Broken, Ident, ident
from ispalier.world.sound import faults
from ispalier.world.view import View


@dataclass(slots=True)
class Wanted:
    """Items by room and host, what must be kept, and why a resource is not served as declared."""

    items: dict[tuple[str, str], list[Item]] = field(default_factory=dict)
    kept: list[Keep] = field(default_factory=list)
    problems: dict[Owner, IspalierError] = field(default_factory=dict)
    served: set[Owner] = field(default_factory=set)


def wanted(view: View, rooms: Sequence[Room], refused: Mapping[Owner, IspalierError]) -> Wanted:
    """Ask every room for the items of every resource.

    A resource that cannot be served as it stands yields a Keep: what is there for it stays.
    """
    result = Wanted()
    for resource in view.resources:
        owner = owner_of(view, resource)
        if is_observed(resource):
            result.kept.append(Keep(owner, Waiting("is only observed")))
            continue
        try:
            if owner in refused:
                raise refused[owner]
            _check(view, resource, result.problems)
            found = [
                (room.name, item)
                for room in rooms
                if type(resource) in room.desired
                for item in room.desired[type(resource)](view, resource)
            ]
        except (Waiting, Stalled, Unavailable, NotServed, NotBegun) as problem:
            result.problems[owner] = problem
            result.kept.append(Keep(owner, problem, view.state_of(resource)))
            continue
        result.served.add(owner)
        for room_name, item in found:
            result.items.setdefault((room_name, item.host), []).append(item)
    for each in view.broken:
        owner = Owner(view.installation, view.customer, each.ident.kind, each.ident.name)
        result.problems[owner] = Invalid(each.message)
        result.kept.append(Keep(owner, result.problems[owner], view.state_of_broken(each.ident)))
    gone = ((each, view.state_of(each)) for each in view.waited_for)
    why = Waiting("is no longer declared")
    result.kept += [Keep(owner_of(view, each), why, state) for each, state in gone if state]
    return result


def _check(view: View, resource: Resource, problems: Mapping[Owner, IspalierError]) -> None:
    excess = over_allowance(view).get(ident(resource))
    if excess is not None:
        raise OverAllowance(f"{excess}; the newest are not served")
    if resource.not_yet is not None:
        raise NotServed(resource.not_yet.why)
    if isinstance(resource, Tenant) and resource.spec.profile_secret_ref is not None:
        view.secret(resource.spec.profile_secret_ref, resource.namespace)
    for fault in faults(around(view), resource):
        raise Invalid(str(fault))
    for path, target in references(resource):
        found = view.world.find(target)
        if found is None:
            message = f"{path}: {target} does not exist (yet): create it or correct the name"
            raise Waiting(message)
        if isinstance(found, Broken):
            message = f"{path}: {target} cannot be read: {found.message}"
            raise Waiting(message)
        problem = problems.get(_owner_named(view, target))
        if isinstance(problem, Stalled):
            message = f"{path}: {target} is not accepted: {problem}"
            raise Waiting(message)


def _owner_named(view: View, target: Ident) -> Owner:
    return Owner(view.installation, view.customer, target.kind, target.name)
