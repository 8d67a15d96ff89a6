"""Gather and choose: the view of one unit, with what was chosen for it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from ispalier.api.base import Generate, Password, Resource
from ispalier.api.contracts import Subscription
from ispalier.api.parties import Tenant
from ispalier.api.units import BusinessUnit
from ispalier.core.absence import Terms, is_waited_for
from ispalier.core.items import PROVIDER, Owner
from ispalier.core.memory import Allocation, Choice, Claim, Generation, Memory, Wish
from ispalier.core.moved import moved
from ispalier.core.room import Room
from ispalier.core.rules import around, is_granted, over_allowance
from ispalier.world.days import local_day
from ispalier.world.errors import Conflict, IspalierError
from ispalier.world.per_view import per_view
from ispalier.world.references import references
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Broken, Ident, Snapshot, ident
from ispalier.world.sound import faults
from ispalier.world.units import contracts, present_in, things_of, things_of_provider
from ispalier.world.view import Chosen, View

NAMESPACE = "namespace"
"""Topic of the choice that remembers where a tenant was declared."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose controller this is."""

    installation: str
    key: Secret
    controller_namespace: str = "ispalier"
    source: str = ""
    """What it serves, as the journal records it: a cluster, a repository; empty if it does not."""


def gather(
    world: Snapshot, customer: str, memory: Memory, identity: Identity, now: datetime
) -> View:
    """Everything of one unit at one instant; a tenant that is gone has an empty view."""
    tenants = [each for each in world.tenants(customer) if not each.is_going] if customer else []
    tenant = tenants[0] if tenants else None
    things: list[Resource | Broken] = []
    if customer == PROVIDER:
        things = list(things_of_provider(world))
    elif tenant:
        things = list(things_of(world, tenant))
    resources = tuple(each for each in things if isinstance(each, Resource) and not each.is_going)
    by_kind: dict[str, list[Resource]] = {}
    for each in resources:
        by_kind.setdefault(each.kind, []).append(each)
    view = View(
        installation=identity.installation,
        customer=customer,
        tenant=tenant,
        resources=resources,
        by_kind=by_kind,
        contracts=contracts(world, resources),
        generators=_generators(resources),
        broken=tuple(each for each in things if isinstance(each, Broken)),
        world=world,
        now=now,
        today=_today(world, tenant, now),
        controller_namespace=identity.controller_namespace,
        key=identity.key,
        chosen=remembered(memory),
        generated=memory.passwords,
        holds=memory.holds,
    )
    return replace(view, declared=frozenset(_declared_now(view, memory)))


def gone(view: View, memory: Memory, terms: Terms) -> set[Owner]:
    """Who was declared, is not any more, and is still waited for."""
    if not memory.tombstones:
        return set()
    missing = memory.tombstones.keys() - present(view, memory)
    return {each for each in missing if is_waited_for(each, memory, view.now, terms)}


def remembered(memory: Memory) -> Mapping[Chosen, str]:
    """Choices and claims as a view reads them back, by owner and topic."""
    claims = {
        Chosen(each.owner.kind, each.owner.name, each.kind): each.value for each in memory.bindings
    }
    return {**claims, **memory.choices}


def present(view: View, memory: Memory) -> set[Owner]:
    """Every owner of this unit that is declared, readable or not: when it was gathered, or now."""
    names = view.declared.union(_declared_now(view, memory))
    return {Owner(view.installation, view.customer, *each) for each in names}


def home(view: View) -> str:
    """The namespace of a unit, or the one in which it was last declared."""
    if view.tenant:
        return view.tenant.namespace
    return view.chosen.get(Chosen("Tenant", view.customer, NAMESPACE), "")


def _declared_now(view: View, memory: Memory) -> Iterator[tuple[str, str]]:
    namespace = home(view)
    if view.customer and not namespace:
        return
    yield from present_in(view.world, namespace)
    if view.customer and view.tenant is None:
        yield from ((each.kind, each.name) for each in moved(view, memory, namespace))


def wishes(view: View, rooms: Sequence[Room]) -> list[Wish]:
    """What the resources of a unit claim, in the order in which they were made."""
    asked: list[Wish] = []
    if view.tenant:
        owner = owner_of(view, view.tenant)
        asked.append(Claim("customer number", view.customer, owner))
        number = owner._replace(name=view.customer)
        asked.append(Choice(NAMESPACE, view.tenant.namespace, number, moves=True))
    proven: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for (kind, name, topic), value in view.proven.items():
        proven.setdefault((kind, name), []).append((topic, value))
    for resource in sorted(view.resources, key=_by_age):
        if ident(resource) in over_allowance(view) and not is_granted(view, resource):
            continue
        if any(faults(around(view), resource)):
            continue  # who may not have a name does not keep it from others
        password = getattr(getattr(resource, "spec", None), "password", None)
        if password is not None and password.generate is not None:
            there = _made_before(view, resource, password.generate)
            asked.append(Generation(password.generate.length, owner_of(view, resource), there))
        asked += (
            Claim(kind, value, owner_of(view, resource))
            for kind, value in proven.get((resource.kind, resource.name), ())
        )
        for room in rooms:
            if type(resource) in room.wishes:
                try:
                    asked += room.wishes[type(resource)](view, resource)
                except IspalierError:
                    continue  # the same error is told when its items are asked for
    return asked


def _made_before(view: View, resource: Resource, wish: Generate) -> Secret | None:
    """The password in a Secret that was made for it: the journal may have forgotten it."""
    place = (resource.namespace, wish.secret_name, wish.key)
    is_its_own = view.generators.get(place) == ident(resource) and view.world.was_made_for(
        *place, view.made_for(resource)
    )
    return view.world.secret(*place) if is_its_own else None


def unmet(view: View, asked: Iterable[Wish]) -> bool:
    """Whether anything is wished for that is not remembered yet, or remembered otherwise."""
    for wish in asked:
        owner = wish.owner
        match wish:
            case Claim(kind, value, _, proven=True):
                if view.chosen.get(Chosen(owner.kind, owner.name, kind)) != value:
                    return True
            case Generation():
                if Chosen(owner.kind, owner.name, "password") not in view.generated:
                    return True
            case Choice(topic, value, _, moves):
                had = view.chosen.get(Chosen(owner.kind, owner.name, topic))
                if had is None or (moves and had != value):
                    return True
            case Allocation(kind):
                had = view.chosen.get(Chosen(owner.kind, owner.name, kind))
                if had is None or not wish.fits(had):
                    return True
    return False


def has_had(view: View, kind: str, value: str) -> bool:
    """Whether any resource of the unit was given a value, be it declared still or not."""
    return (kind, value) in _values(view)


@per_view
def _values(view: View) -> frozenset[tuple[str, str]]:
    return frozenset((each.topic, value) for each, value in view.chosen.items())


def is_proven(wish: Wish) -> bool:
    """Whether a wish may be granted."""
    return not isinstance(wish, Claim) or wish.proven


def with_choices(view: View, memory: Memory, provider: Mapping[Chosen, str]) -> View:
    """The same view with what is remembered now, and what was chosen for the provider's own.

    A tenant's view needs the latter too: the host of a NAS, say.
    """
    beneath = provider if view.customer else {}
    chosen = {**beneath, **remembered(memory)}
    return replace(view, chosen=chosen, generated=memory.passwords)


def with_waited_for(view: View, gone: Sequence[Resource]) -> View:
    """The same view with what is no longer declared; the contracts that are there act on it still."""
    parts = contracts(view.world, (each for each in gone if not isinstance(each, Subscription)))
    return replace(view, waited_for=gone, contracts={**view.contracts, **parts})


def owner_of(view: View, resource: Resource) -> Owner:
    """The mark of what a resource owns."""
    return Owner(view.installation, view.customer, resource.kind, resource.name)


def other_tenants(view: View) -> list[tuple[Tenant, IspalierError]]:
    """Tenants that claim the customer number of an older one."""
    tenants = view.world.tenants(view.customer)  # none if the last was just deleted
    return [
        (each, Conflict(f"customer number {view.customer} belongs to Tenant/{tenants[0].name}"))
        for each in tenants[1:]
    ]


def in_use(view: View) -> set[Owner]:
    """Whatever of the provider's is named somewhere, be it there or not."""
    used = {
        each.target
        for thing in view.world.everything()
        if isinstance(thing, Resource)
        for each in references(thing)
    }
    return {
        Owner(view.installation, PROVIDER, target.kind, target.name)
        for target in used
        if not target.namespace
    }


def _generators(resources: Iterable[Resource]) -> Mapping[tuple[str, str, str], Ident]:
    found: dict[tuple[str, str, str], Ident] = {}
    for each in sorted(resources, key=_by_age):
        password = getattr(getattr(each, "spec", None), "password", None)
        if isinstance(password, Password) and password.generate is not None:
            place = (each.namespace, password.generate.secret_name, password.generate.key)
            found.setdefault(place, ident(each))
    return found


_EARLIEST = datetime.min.replace(tzinfo=UTC)


def _by_age(resource: Resource) -> tuple[datetime, str, str]:
    made = resource.metadata.creation_timestamp or _EARLIEST
    return made, resource.kind, resource.name


def _today(world: Snapshot, tenant: Tenant | None, now: datetime) -> date:
    """The unit's local day; UTC where there is no business unit to ask."""
    unit = world.get(BusinessUnit, "", tenant.spec.business_unit_ref.name) if tenant else None
    return local_day(now, unit.spec.time_zone if unit else "UTC")
