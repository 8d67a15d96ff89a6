"""Units of reconciliation: which resources belong to which tenant, or to the provider."""

from collections.abc import Iterable, Iterator

from ispalier.api.base import Ref, Resource
from ispalier.api.contracts import Subscription
from ispalier.api.kinds import KINDS
from ispalier.api.parties import PaymentMethod, Tenant
from ispalier.world.references import references
from ispalier.world.snapshot import Broken, Ident, Snapshot, ident

OF_TENANTS = tuple(kind for kind in KINDS if kind.namespaced)
OF_PROVIDER = tuple(kind for kind in KINDS if not kind.namespaced)


def things_of(world: Snapshot, tenant: Tenant) -> Iterator[Resource | Broken]:
    """Everything that belongs to a tenant, the Tenant itself first, in the order of the kinds.

    In a namespace of one tenant that is everything there but what names another one.
    """
    alone = sum(1 for _ in world.of(Tenant, tenant.namespace)) == 1
    for kind in OF_TENANTS:
        for thing in world.things(kind.__name__, tenant.namespace):
            if isinstance(thing, Broken):
                if alone:
                    yield thing
            elif tenant_of(world, thing) is tenant:
                yield thing


def things_of_provider(world: Snapshot) -> Iterator[Resource | Broken]:
    """Everything that belongs to the provider itself."""
    for kind in OF_PROVIDER:
        yield from world.things(kind.__name__, "")


def present_in(world: Snapshot, namespace: str) -> set[tuple[str, str]]:
    """Kind and name of all that is in a namespace and is not being deleted."""
    kinds = OF_TENANTS if namespace else OF_PROVIDER
    return {
        (which.kind, which.name)
        for kind in kinds
        for thing in world.things(kind.__name__, namespace)
        if not (isinstance(thing, Resource) and thing.is_going)
        for which in [thing.ident if isinstance(thing, Broken) else ident(thing)]
    }


def subscription_of(world: Snapshot, resource: Resource) -> Subscription | None:
    """The subscription that a resource leads to: its own reference, or that of what it names."""
    if isinstance(resource, Subscription):
        return resource
    if isinstance(resource, Tenant):
        return None
    for _, target in references(resource):
        if target.namespace:
            found = world.find(target)
            if isinstance(found, Resource):
                return subscription_of(world, found)
    return None


def tenant_of(world: Snapshot, resource: Resource) -> Tenant | None:
    """The tenant that a resource leads to, if the chain is whole."""
    if isinstance(resource, Tenant):
        return resource
    tenants = list(world.of(Tenant, resource.namespace))
    holder = resource if isinstance(resource, PaymentMethod) else subscription_of(world, resource)
    named: Ref | None = holder.spec.tenant_ref if holder else None
    if named is not None:
        found = world.find(Ident("Tenant", resource.namespace, named.name))
        return found if isinstance(found, Tenant) else None
    return tenants[0] if len(tenants) == 1 else None


def orphans(world: Snapshot, namespace: str) -> Iterator[Resource | Broken]:
    """What is in a namespace and leads to no tenant."""
    tenants = list(world.of(Tenant, namespace))
    for kind in OF_TENANTS:
        for thing in world.things(kind.__name__, namespace):
            if isinstance(thing, Broken):
                if len(tenants) != 1:
                    yield thing
            elif tenant_of(world, thing) is None:
                yield thing


def users_of(world: Snapshot, which: Ident) -> Iterator[Resource]:
    """Every resource that refers to this one."""
    for thing in world.everything():
        if isinstance(thing, Resource) and any(each.target == which for each in references(thing)):
            yield thing


def contracts(world: Snapshot, resources: Iterable[Resource]) -> dict[Ident, Subscription]:
    """The subscription that each resource leads to, where the chain is whole."""
    found = ((ident(each), subscription_of(world, each)) for each in resources)
    return {which: subscription for which, subscription in found if subscription is not None}
