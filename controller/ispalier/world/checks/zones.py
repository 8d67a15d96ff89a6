"""Names in zones of other customers, who do not delegate them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from ispalier.api.base import Resource
from ispalier.api.hosting import Site
from ispalier.api.mail import MailDomain
from ispalier.api.names import Domain, RecordSet
from ispalier.api.parties import Tenant
from ispalier.api.units import BusinessUnit
from ispalier.world.checks.files import Check, Files
from ispalier.world.snapshot import Ident, age, ident
from ispalier.world.sound import nothing_to_prove, outside
from ispalier.world.units import tenant_of
from ispalier.world.zones import above, handed_over, lies_in, nearest


class Named(NamedTuple):
    """A name that somebody wants: where it stands."""

    of: Resource
    field: str
    name: str


def names(resource: Resource) -> Iterator[Named]:
    """The names of the DNS that a resource wants for its customer."""
    match resource:
        case Domain() | MailDomain():
            yield Named(resource, "spec.name", resource.spec.name)
        case Site():
            yield Named(resource, "spec.hostname", resource.spec.hostname)
            for index, alias in enumerate(resource.spec.aliases):
                yield Named(resource, f"spec.aliases[{index}]", alias)
        case _:
            pass


def names_in_zones_of_others(files: Files) -> Iterator[Check]:
    """Of two customers, one with a name in the other's zone, the one who came later."""
    world = files.world
    for kind in (Domain, MailDomain, Site):
        for resource in world.of(kind):
            tenant = tenant_of(world, resource)
            if tenant is not None:
                for named in names(resource):
                    yield from _in_zone_of_another(files, tenant, named)


def records_of_others(files: Files) -> Iterator[Check]:
    """Records of zones that others serve."""
    for each in files.world.of(RecordSet):
        for fault in outside(files.world, each):
            yield Check(ident(each), *fault)


def names_to_prove(files: Files) -> Iterator[Check]:
    """Names in no Domain of their customer, where a unit wants domains verified."""
    units = files.world.of(BusinessUnit)
    wanting = {each.name for each in units if each.spec.verify_domains is not None}
    if not wanting:
        return
    own: dict[Ident, dict[str, Domain]] = defaultdict(dict)
    for domain in files.world.of(Domain):
        if (tenant := tenant_of(files.world, domain)) is not None:
            own[ident(tenant)][domain.spec.name] = domain
    for kind in (MailDomain, Site):
        for resource in files.world.of(kind):
            tenant, unit = tenant_of(files.world, resource), files.unit_of(resource)
            if tenant is None or unit is None or unit.name not in wanting:
                continue
            for _, field, name in names(resource):
                if nearest(own[ident(tenant)], name) is None:
                    yield Check(ident(resource), *nothing_to_prove(unit, field, name))


def _in_zone_of_another(files: Files, tenant: Tenant, named: Named) -> Iterator[Check]:
    world, (of, field, name) = files.world, named
    uppers = above(name) if isinstance(of, Domain) else (name, *above(name))
    zone = next((each for upper in uppers for each in world.domains(upper)), None)
    other = tenant_of(world, zone) if zone else None
    if zone is None or other is None or other.spec.number == tenant.spec.number:
        return
    if lies_in(name, handed_over(zone, world.of(RecordSet, zone.namespace))):
        return
    if age(zone)[0] <= age(of)[0]:
        where = f"Domain/{zone.name} of namespace {zone.namespace}"
        what = f"{name} lies in zone {zone.spec.name} of another customer, {where}"
        remedy = "use another, or have it delegated there by a RecordSet of type NS"
        yield Check(ident(of), field, what, remedy)
    else:
        where = f"{of.kind}/{of.name} of namespace {of.namespace}"
        what = f"{zone.spec.name} has {name} of another customer in it, {where}"
        remedy = "use another, or delegate it by a RecordSet of type NS"
        yield Check(ident(zone), "spec.name", what, remedy)
