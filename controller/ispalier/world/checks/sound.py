"""Rules between resources, and fields that have no effect yet."""

from collections import defaultdict
from collections.abc import Iterator

from ispalier.api.base import Resource
from ispalier.api.contracts import Subscription
from ispalier.api.kinds import BY_NAME
from ispalier.api.parties import Tenant
from ispalier.world.allowances import COUNTED, beyond
from ispalier.world.checks.files import Check, Files
from ispalier.world.findings import Level
from ispalier.world.inert import inert
from ispalier.world.snapshot import Ident, ident
from ispalier.world.sound import Around, faults
from ispalier.world.units import subscription_of, tenant_of


def broken_rules(files: Files) -> Iterator[Check]:
    """What the controller would not serve for the sake of other resources."""
    for tenant, around in _customers(files):
        for resource in (tenant, *around.contracts):
            for fault in faults(around, resource):
                yield Check.of(ident(resource), fault)


def over_allowance(files: Files) -> Iterator[Check]:
    """What is beyond the plan of its contract and the contracts beside it."""
    held: dict[Ident, list[tuple[Resource, Subscription]]] = defaultdict(list)
    for kind in COUNTED:
        for each in files.world.of(BY_NAME[kind]):
            contract = subscription_of(files.world, each)
            tenant = tenant_of(files.world, contract) if contract else None
            if contract and tenant:
                held[ident(tenant)].append((each, contract))
    for tenant, around in _customers(files):
        for which, fault in beyond(around, held[ident(tenant)]).items():
            yield Check.of(which, fault)


def _customers(files: Files) -> Iterator[tuple[Tenant, Around]]:
    """Every tenant, and what rules about it look at."""
    contracts: dict[Ident, list[Subscription]] = defaultdict(list)
    for each in files.world.of(Subscription):
        tenant = tenant_of(files.world, each)
        if tenant is not None:
            contracts[ident(tenant)].append(each)
    for tenant in files.world.of(Tenant):
        unit, theirs = files.unit_of(tenant), contracts[ident(tenant)]
        yield tenant, Around(files.world, files.today(tenant), unit, theirs)


def without_effect(files: Files) -> Iterator[Check]:
    """Fields that are set and have no effect yet."""
    for each in files.world.everything():
        if isinstance(each, Resource):
            for field, why in inert(each):
                what = f"has no effect yet: {why}"
                yield Check(
                    ident(each), field, what, "keep it for later or remove it", Level.WARNING
                )
