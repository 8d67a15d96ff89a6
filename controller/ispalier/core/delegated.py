"""Delegated: which zones hand a name over to a customer, as far as all of them are declared."""

from collections.abc import Iterator

from ispalier.api.mail import MailDomain
from ispalier.api.names import Domain
from ispalier.api.parties import Tenant
from ispalier.core.memory import Delegated
from ispalier.world.snapshot import Broken, Snapshot
from ispalier.world.units import tenant_of
from ispalier.world.view import View
from ispalier.world.zones import above, handed_name, lets


def delegated(view: View, domain: Domain | MailDomain) -> Delegated:
    """By which zones a name is handed over, and what its own zone hands over."""
    by = frozenset(_by(view.world, domain.spec.name, view.customer))
    handed = domain.spec.delegations if isinstance(domain, Domain) else ()
    to = ((handed_name(domain.spec.name, each), each.customer_number) for each in handed)
    return Delegated(by, frozenset(to))


def _by(world: Snapshot, name: str, customer: str) -> Iterator[tuple[str, str]]:
    for upper in (name, *above(name)):
        for domain in world.domains(upper):
            tenant = tenant_of(world, domain)
            # Who takes the number of another has no say in what that one has.
            if domain.is_going or tenant is None or world.tenants(tenant.spec.number)[0] != tenant:
                continue
            if lets(domain, name, customer) and not _is_any_broken(world):
                yield upper, tenant.spec.number


def _is_any_broken(world: Snapshot) -> bool:
    """Whether a Tenant cannot be read: it may be the one who has the number."""
    kind = Tenant.__name__
    things = (each for space in world.namespaces(kind) for each in world.things(kind, space))
    return any(isinstance(each, Broken) for each in things)
