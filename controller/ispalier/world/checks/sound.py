"""Rules between resources, and fields that have no effect yet."""

from collections import defaultdict
from collections.abc import Iterator

from ispalier.api.base import Resource
from ispalier.api.contracts import Subscription
from ispalier.api.parties import Tenant
from ispalier.world.checks.files import Check, Files
from ispalier.world.findings import Level
from ispalier.world.inert import inert
from ispalier.world.snapshot import Ident, ident
from ispalier.world.sound import Around, faults
from ispalier.world.units import tenant_of


def broken_rules(files: Files) -> Iterator[Check]:
    """What the controller would not serve for the sake of other resources."""
    contracts: dict[Ident, list[Subscription]] = defaultdict(list)
    for each in files.world.of(Subscription):
        tenant = tenant_of(files.world, each)
        if tenant is not None:
            contracts[ident(tenant)].append(each)
    for tenant in files.world.of(Tenant):
        theirs = contracts[ident(tenant)]
        around = Around(files.world, files.today(tenant), files.unit_of(tenant), theirs)
        for resource in (tenant, *theirs):
            for field, what, remedy in faults(around, resource):
                yield Check(ident(resource), field, what, remedy)


def without_effect(files: Files) -> Iterator[Check]:
    """Fields that are set and have no effect yet."""
    for each in files.world.everything():
        if isinstance(each, Resource):
            for field, why in inert(each):
                what = f"has no effect yet: {why}"
                yield Check(
                    ident(each), field, what, "keep it for later or remove it", Level.WARNING
                )
