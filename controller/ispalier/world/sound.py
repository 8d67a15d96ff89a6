"""Sound: rules between resources, the same in files and in a cluster. What breaks one is not served.

What it is about is always there: what is only missing waits, and is told elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from ispalier.api.base import Resource
from ispalier.api.catalogue import Plan
from ispalier.api.contracts import Subscription, Term
from ispalier.api.hosting import Site
from ispalier.api.mail import MailDomain
from ispalier.api.names import Domain, RecordSet
from ispalier.api.parties import Tenant
from ispalier.api.units import BusinessUnit
from ispalier.world.days import ended_on, term_on
from ispalier.world.fault import Fault
from ispalier.world.own import homes, own_hosts
from ispalier.world.profiles import profile_of, wrong_in_secret
from ispalier.world.public import is_everybodys_mail, is_given, is_reverse, is_suffix
from ispalier.world.snapshot import Snapshot, age
from ispalier.world.sold import unsold
from ispalier.world.units import tenant_of
from ispalier.world.zones import above

_SEALED = "spec.profileSecretRef"
_GIVEN = "have a BusinessUnit name this customer for it in spec.delegations"


class Around(NamedTuple):
    """What a rule may look at: all that is declared, the local day, the customer's contracts."""

    world: Snapshot
    today: date
    unit: BusinessUnit | None
    contracts: Sequence[Subscription]

    def plan_of(self, contract: Subscription) -> Plan | None:
        """The plan in force, or the first one; none after the end."""
        term = self.term_of(contract)
        return self.world.get(Plan, "", term.plan_ref.name) if term else None

    def term_of(self, contract: Subscription) -> Term | None:
        """The term in force, or the first one; none after the end."""
        if ended_on(contract, self.today):
            return None
        return term_on(contract, self.today) or contract.spec.terms[0]


def faults(around: Around, resource: Resource) -> Iterator[Fault]:
    """Every rule that a resource breaks on a local day of its business unit."""
    for rule in _RULES.get(type(resource), ()):
        yield from rule(around, resource)


def to_come(around: Around, contract: Subscription) -> Iterator[Fault]:
    """What is wrong with terms of later days: their plans are not sold there, or have no price.

    It takes nothing away today, and is told in time.
    """
    for term in contract.spec.terms:
        plan = around.world.get(Plan, "", term.plan_ref.name)
        is_later = term.from_ > around.today and term is not around.term_of(contract)
        if is_later and around.unit and plan:
            found = unsold(around.unit, plan, contract, term)
            yield from (fault for fault, is_doubt in found if not is_doubt)


def reserved(world: Snapshot, of: Domain | MailDomain | Site, ours: list[str]) -> Iterator[Fault]:
    """The provider's own names: who serves them answers in the provider's place.

    A Site may have one in the provider's domain, beside the hosts that the provider has there.
    """
    for field, name in _wanted(of):
        host = next((one for one in ours if one == name or one.endswith(f".{name}")), None)
        if host is not None:
            what = f"{name} is the provider's own: {host} is a host of it"
        elif not isinstance(of, Site) and (lies := _in_domain_of(name, ours)):
            what = f"{name} lies in the provider's own {lies[0]}: {lies[1]} is a host of it"
        else:
            continue
        if not _is_given(world, of, name):
            yield Fault(field, what, f"use a domain of the customer, or {_GIVEN}")


def _in_domain_of(name: str, ours: list[str]) -> tuple[str, str] | None:
    found = homes(ours)
    return next(((each, found[each]) for each in above(name) if each in found), None)


def _wanted(of: Domain | MailDomain | Site) -> Iterator[tuple[str, str]]:
    return names_of(of) if isinstance(of, Site) else iter([("spec.name", of.spec.name)])


def _is_given(world: Snapshot, of: Resource, name: str) -> bool:
    tenant = tenant_of(world, of)
    return tenant is not None and is_given(world, name, tenant.spec.number)


def public(world: Snapshot, domain: Domain | MailDomain) -> Iterator[Fault]:
    """Names that nobody has by being first, for others have theirs below them."""
    name, remedy = domain.spec.name, "use a domain of the customer"
    if is_reverse(name):
        what, remedy = "is the reverse zone of IP addresses", "leave it out"
    elif is_suffix(name):
        what = "is a public suffix, below which everybody has names"
    elif is_everybodys_mail(name):
        what = "is where people everywhere have their mail"
    else:
        return
    if not _is_given(world, domain, name):
        yield Fault("spec.name", f"{name} {what}", f"{remedy}, or {_GIVEN}")


def nothing_to_prove(unit: BusinessUnit, field: str, name: str) -> Fault:
    """A name in no Domain of its customer, where the unit wants domains to be verified."""
    what = (
        f"{name} lies in no Domain of this customer, and BusinessUnit/{unit.name} wants domains"
        " verified"
    )
    remedy = "declare one, with `dns: External` if others serve its zone"
    return Fault(field, what, remedy, wants=True)


def outside(world: Snapshot, record_set: RecordSet) -> Iterator[Fault]:
    """A record of a zone that others serve."""
    domain = world.get(Domain, record_set.namespace, record_set.spec.domain_ref.name)
    if domain is not None and domain.spec.dns != "Hosted":
        what = f"others make the records of Domain/{domain.name}, for it has dns: {domain.spec.dns}"
        yield Fault("spec.domainRef", what, "have it made there, or let the Domain be Hosted")


def full_names(domain: Domain) -> Iterator[Fault]:
    """Delegations of names that are not relative."""
    for index, each in enumerate(domain.spec.delegations):
        if each.name == domain.spec.name or each.name.endswith(f".{domain.spec.name}"):
            relative = each.name.removesuffix(domain.spec.name).removesuffix(".") or "@"
            what = f"'{each.name}' is relative to {domain.spec.name}"
            yield Fault(f"spec.delegations[{index}].name", what, f"write '{relative}'")


def _lets_others_have_its_names(_: Around, domain: Domain) -> Iterator[Fault]:
    yield from full_names(domain)


def _is_in_a_zone_of_ours(around: Around, record_set: RecordSet) -> Iterator[Fault]:
    yield from outside(around.world, record_set)


def _is_the_customers(around: Around, domain: Domain | MailDomain) -> Iterator[Fault]:
    yield from reserved(around.world, domain, own_hosts(around.world))
    yield from public(around.world, domain)


def _has_a_name_of_the_customers(around: Around, site: Site) -> Iterator[Fault]:
    yield from reserved(around.world, site, own_hosts(around.world))


def names_of(site: Site) -> Iterator[tuple[str, str]]:
    """The names that a site answers to, each with its field."""
    yield "spec.hostname", site.spec.hostname
    for index, alias in enumerate(site.spec.aliases):
        yield f"spec.aliases[{index}]", alias


def _is_sold(around: Around, contract: Subscription) -> Iterator[Fault]:
    term, plan = around.term_of(contract), around.plan_of(contract)
    if around.unit and term and plan:
        faults_ = unsold(around.unit, plan, contract, term)
        yield from (fault for fault, is_doubt in faults_ if not is_doubt)


def _needs_access_point(around: Around, contract: Subscription) -> Iterator[Fault]:
    plan = around.plan_of(contract)
    if plan and plan.spec.requires_access_point and contract.spec.access_point_ref is None:
        what = f"is missing, and Plan/{plan.name} needs to know where the line ends"
        yield Fault("spec.accessPointRef", what, "name an AccessPoint")


def _is_beside_another(around: Around, contract: Subscription) -> Iterator[Fault]:
    plan = around.plan_of(contract)
    if plan and plan.spec.is_add_on and contract.spec.parent_ref is None:
        what = f"is missing, and Plan/{plan.name} is sold beside another contract only"
        yield Fault("spec.parentRef", what, "name the Subscription that it is sold beside")


def _goes_with_the_others(around: Around, contract: Subscription) -> Iterator[Fault]:
    plan = around.plan_of(contract)
    if plan is None:
        return
    for other, its in _held(around):
        named = its.name in plan.spec.conflicts or plan.name in its.spec.conflicts
        if named and other is not contract and age(other) < age(contract):
            what = f"Plan/{plan.name} does not go with Plan/{its.name} of Subscription/{other.name}"
            yield Fault("spec.terms", what, "end one of the two or choose another plan")


def _has_what_it_needs(around: Around, contract: Subscription) -> Iterator[Fault]:
    plan = around.plan_of(contract)
    if plan is None:
        return
    held = {its.name for _, its in _held(around)}
    for name in plan.spec.requires:
        if name not in held:
            what = (
                f"Plan/{plan.name} needs Plan/{name}, which this customer does not hold (any more)"
            )
            remedy = "add a Subscription of it, or end this one, too"
            yield Fault("spec.terms", what, remedy, wants=True)
    unit = around.unit
    for other in around.world.of(Plan):
        is_sold = unit is not None and unit.name in other.spec.available_in
        if is_sold and plan.spec.family in other.spec.mandatory_for and other.name not in held:
            what = f"who holds a plan of family {plan.spec.family} must hold Plan/{other.name}, too"
            yield Fault("spec.terms", what, "add a Subscription of it", wants=True)


def _ends_for_a_reason(around: Around, contract: Subscription) -> Iterator[Fault]:
    unit, end = around.unit, contract.spec.end
    reasons = unit.spec.end_reasons if unit else ()
    if end is not None and unit and reasons and end.reason not in reasons:
        what = f"{end.reason!r} is none of the reasons of BusinessUnit/{unit.name}"
        yield Fault("spec.end.reason", what, f"use one of {', '.join(reasons)}")


def _lives_where_we_are(around: Around, tenant: Tenant) -> Iterator[Fault]:
    unit, profile = around.unit, profile_of(around.world, tenant)
    address = profile.address if profile else None
    if unit and address and unit.spec.cities and address.city not in unit.spec.cities:
        what = f"BusinessUnit/{unit.name} does not serve {address.city}"
        remedy = f"choose another unit; it serves {', '.join(unit.spec.cities)}"
        if tenant.spec.profile_secret_ref is None:
            yield Fault("spec.profile.address.city", what, remedy)
        else:
            yield Fault(_SEALED, f"BusinessUnit/{unit.name} does not serve the city", remedy)


def _has_a_right_profile(around: Around, tenant: Tenant) -> Iterator[Fault]:
    for what in wrong_in_secret(around.world, tenant):
        yield Fault(_SEALED, what, "correct the Secret")


def _has_the_units_fields(around: Around, tenant: Tenant) -> Iterator[Fault]:
    unit = around.unit
    if unit is None:
        return
    known = {each.name: each for each in unit.spec.custom_fields}
    given = {each.name: each.value for each in tenant.spec.custom}
    for name, field in known.items():
        if field.required and name not in given:
            what = f"{name} is missing, and BusinessUnit/{unit.name} wants it of every customer"
            yield Fault("spec.custom", what, f"add it: {field.label}")
    for index, each in enumerate(tenant.spec.custom):
        where, of = f"spec.custom[{index}]", known.get(each.name)
        if of is None:
            what = f"{each.name} is no field of BusinessUnit/{unit.name}"
            yield Fault(f"{where}.name", what, f"use one of {', '.join(known) or 'none'}")
        elif of.choices and each.value not in of.choices:
            what = f"{each.value!r} is no choice of {each.name}"
            yield Fault(f"{where}.value", what, f"use one of {', '.join(of.choices)}")


def _held(around: Around) -> Iterator[tuple[Subscription, Plan]]:
    """The contracts of the customer that have not ended, each with its plan."""
    for each in around.contracts:
        plan = around.plan_of(each)
        if plan is not None:
            yield each, plan


_RULES: Mapping[type[Resource], tuple[Callable[[Around, Any], Iterator[Fault]], ...]] = {
    Subscription: (
        _is_sold,
        _needs_access_point,
        _is_beside_another,
        _goes_with_the_others,
        _has_what_it_needs,
        _ends_for_a_reason,
    ),
    Tenant: (_has_a_right_profile, _lives_where_we_are, _has_the_units_fields),
    Domain: (_is_the_customers, _lets_others_have_its_names),
    RecordSet: (_is_in_a_zone_of_ours,),
    MailDomain: (_is_the_customers,),
    Site: (_has_a_name_of_the_customers,),
}
