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
from ispalier.world.findings import Level
from ispalier.world.snapshot import Ident, age, ident
from ispalier.world.sound import full_names, names_of, nothing_to_prove, outside
from ispalier.world.units import tenant_of
from ispalier.world.zones import above, lets, nearest


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
            for field, name in names_of(resource):
                yield Named(resource, field, name)
        case _:
            pass


def records_of_others(files: Files) -> Iterator[Check]:
    """Records of zones that others serve."""
    for each in files.world.of(RecordSet):
        for fault in outside(files.world, each):
            yield Check.of(ident(each), fault)


def delegations_to_nobody(files: Files) -> Iterator[Check]:
    """Names for customers who are not there, or that never fit."""
    for domain in files.world.of(Domain):
        for fault in full_names(domain):
            yield Check.of(ident(domain), fault)
        for index, each in enumerate(domain.spec.delegations):
            if not files.world.tenants(each.customer_number):
                what = f"no Tenant has number {each.customer_number} in these files"
                where = f"spec.delegations[{index}].customerNumber"
                remedy = "correct the number, unless it is declared elsewhere"
                yield Check(ident(domain), where, what, remedy, Level.WARNING)


def names_to_prove(files: Files) -> Iterator[Check]:
    """Mail domains in no Domain of their customer, where a unit wants domains verified.

    Who had mail before that was wanted keeps it, so this is no error.
    """
    units = files.world.of(BusinessUnit)
    wanting = {each.name for each in units if each.spec.verify_domains is not None}
    if not wanting:
        return
    own: dict[Ident, dict[str, Domain]] = defaultdict(dict)
    for domain in files.world.of(Domain):
        if (tenant := tenant_of(files.world, domain)) is not None:
            own[ident(tenant)][domain.spec.name] = domain
    for mail in files.world.of(MailDomain):
        tenant, unit = tenant_of(files.world, mail), files.unit_of(mail)
        if tenant is None or unit is None or unit.name not in wanting:
            continue
        if nearest(own[ident(tenant)], mail.spec.name) is None:
            fault = nothing_to_prove(unit, "spec.name", mail.spec.name)
            yield Check.of(ident(mail), fault, Level.WARNING)


def names_in_zones_of_others(files: Files) -> Iterator[Check]:
    """Of two customers, one with a name in the other's zone, the one who came later.

    A zone above names of several others is told of once, and their names are not.
    """
    below: dict[Ident, list[Below]] = defaultdict(list)
    for kind in (Domain, MailDomain, Site):
        for resource in files.world.of(kind):
            tenant = tenant_of(files.world, resource)
            if tenant is not None:
                for named in names(resource):
                    if found := _in_zone_of_another(files, tenant, named):
                        below[ident(found.zone)].append(found)
    for some in below.values():
        zone = some[0].zone
        others = {each.customer for each in some}
        if len(others) > 1:
            what = f"{zone.spec.name} has names of {len(others)} other customers in it"
            remedy = "use another, or name those customers in spec.delegations"
            yield Check(ident(zone), "spec.name", what, remedy)
            continue
        for each in some:
            yield _between_two(files, each)


class Below(NamedTuple):
    """A name in the zone of another customer."""

    zone: Domain
    named: Named
    customer: str


def _in_zone_of_another(files: Files, tenant: Tenant, named: Named) -> Below | None:
    world, (of, _, name), number = files.world, named, tenant.spec.number
    uppers = above(name) if isinstance(of, Domain) else (name, *above(name))
    zone = next((each for upper in uppers for each in world.domains(upper)), None)
    other = tenant_of(world, zone) if zone else None
    if zone is None or other is None or other.spec.number == number:
        return None
    return None if lets(zone, name, number) else Below(zone, named, number)


def _between_two(files: Files, below: Below) -> Check:
    zone, (of, field, name), _ = below
    hidden = files.world.hidden.text
    if age(zone)[0] <= age(of)[0]:
        where = f"Domain/{zone.name} of namespace {zone.namespace}"
        what = f"{name} lies in zone {hidden(zone.spec.name)} of another customer, {where}"
        remedy = "use another, or have that Domain name this customer in spec.delegations"
        return Check(ident(of), field, what, remedy)
    where = f"{of.kind}/{of.name} of namespace {of.namespace}"
    what = f"{zone.spec.name} has {hidden(name)} of another customer in it, {where}"
    remedy = "use another, or name that customer in spec.delegations"
    return Check(ident(zone), "spec.name", what, remedy)
