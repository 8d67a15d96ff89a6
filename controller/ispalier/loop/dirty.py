"""Dirty: which units a change concerns, at once and later."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ispalier.api.base import Resource
from ispalier.api.contracts import Subscription
from ispalier.api.names import Domain
from ispalier.api.parties import Tenant
from ispalier.core.items import PROVIDER
from ispalier.world.references import references
from ispalier.world.snapshot import Broken, Ident, Snapshot

ORPHANS = "/"
"""Begins the name of the unit of a namespace's objects that no tenant tells of."""

FOR_ALL = frozenset({"ServiceHost", "NAS"})
"""Kinds that tenants use without naming them."""


class Change(NamedTuple):
    """Something declared is not as it was before."""

    which: Ident
    before: Resource | Broken | None
    after: Resource | Broken | None


class Dirty(NamedTuple):
    """Units with something to do: those somebody edited, and those that the edit reaches.

    Of the edited ones those are urgent whose service is to end.
    """

    fresh: frozenset[str]
    later: frozenset[str] = frozenset()
    urgent: frozenset[str] = frozenset()


@dataclass(slots=True)
class Uses:
    """Who refers to whom, kept as resources change."""

    _users: dict[Ident, set[Ident]] = field(default_factory=dict)
    _targets: dict[Ident, tuple[Ident, ...]] = field(default_factory=dict)

    def note(self, which: Ident, thing: Resource | Broken | None) -> None:
        """Remember what a resource refers to now; an unreadable one keeps its references."""
        if isinstance(thing, Broken):
            return
        for target in self._targets.pop(which, ()):
            users = self._users[target]
            users.discard(which)
            if not users:
                del self._users[target]
        if thing is not None:
            found = tuple({each.target for each in references(thing)})
            if found:
                self._targets[which] = found
            for target in found:
                self._users.setdefault(target, set()).add(which)

    def named_by(self, some: Iterable[Ident]) -> set[Ident]:
        """These, and everything that they refer to, directly or through others."""
        waiting = list(some)
        seen = set(waiting)
        while waiting:
            new = set(self._targets.get(waiting.pop(), ())) - seen
            seen |= new
            waiting += new
        return seen

    def reaches(self, which: Ident) -> Iterator[Ident]:
        """Everything of tenants that uses a resource of the cluster, directly or through others."""
        waiting, seen = [which], {which}
        while waiting:
            for user in self._users.get(waiting.pop(), ()):
                if user not in seen:
                    seen.add(user)
                    if user.namespace:
                        yield user
                    else:
                        waiting.append(user)


def dirty(world: Snapshot, uses: Uses, homes: Mapping[str, str], change: Change) -> Dirty:
    """The units that a change concerns; `world` and `uses` have taken it in already.

    `homes` are the namespaces in which customers were last declared.
    """
    which = change.which
    if which.namespace:
        before = {change.before.spec.number} if isinstance(change.before, Tenant) else set()
        there = numbers_in(world, which.namespace, homes)
        declared = sum(1 for _ in world.of(Tenant, which.namespace))
        is_told = declared == 1 and not isinstance(change.after, Broken)
        fresh = frozenset({*before, *there, *(() if is_told else (orphans_of(which.namespace),))})
        urgent = frozenset(there) if _suspends(change) else frozenset[str]()
        return Dirty(fresh, _named(change) - fresh, urgent)
    fresh = frozenset({PROVIDER} | ({ORPHANS} if isinstance(change.after, Broken) else set()))
    if which.kind in FOR_ALL:
        return Dirty(fresh, everybody(world, homes))
    spaces = {each.namespace for each in uses.reaches(which)}
    return Dirty(fresh, frozenset(n for each in spaces for n in numbers_in(world, each, homes)))


def dirty_by_secret(
    world: Snapshot, homes: Mapping[str, str], namespace: str, controller_namespace: str
) -> Dirty:
    """The units that a change of a Secret concerns."""
    if namespace == controller_namespace:
        return Dirty(
            frozenset({PROVIDER, *numbers_in(world, namespace, homes)}), everybody(world, homes)
        )
    return Dirty(frozenset(numbers_in(world, namespace, homes)))


def _named(change: Change) -> frozenset[str]:
    """Customers who may have a name now that was in their way, or not any more."""
    domains = (each for each in (change.before, change.after) if isinstance(each, Domain))
    return frozenset(each.customer_number for domain in domains for each in domain.spec.delegations)


def _suspends(change: Change) -> bool:
    """Whether a suspension was declared that was not there before."""
    if not isinstance(change.after, Subscription):
        return False
    before = change.before.spec.suspensions if isinstance(change.before, Subscription) else ()
    return any(each not in before for each in change.after.spec.suspensions)


def numbers_in(world: Snapshot, namespace: str, homes: Mapping[str, str]) -> set[str]:
    """The customers of a namespace: those declared there, else those who once were."""
    there = {each.spec.number for each in world.of(Tenant, namespace)}
    return there or {number for number, home in homes.items() if home == namespace}


def everybody(world: Snapshot, homes: Iterable[str]) -> frozenset[str]:
    """Every customer, declared or remembered."""
    return frozenset((*world.numbers(), *homes))


def orphans_of(namespace: str) -> str:
    """The unit of a namespace's orphans."""
    return ORPHANS + namespace


def is_orphans(unit: str) -> bool:
    """Whether a unit is that of a namespace's orphans."""
    return unit.startswith(ORPHANS)
