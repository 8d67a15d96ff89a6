"""Delegated: which zones hand a name over to a customer, as far as all of them are declared."""

from collections.abc import Iterator

from ispalier.api.mail import MailDomain
from ispalier.api.names import Domain
from ispalier.core.memory import Delegated
from ispalier.world.snapshot import Snapshot
from ispalier.world.units import tenant_of
from ispalier.world.view import View
from ispalier.world.zones import above, handed_over, lies_in


def delegated(view: View, domain: Domain | MailDomain) -> Delegated:
    """By which zones a name is handed over, and what its own zone hands over."""
    by = frozenset(_by(view.world, domain.spec.name, view.customer))
    handed = domain.spec.delegations if isinstance(domain, Domain) else ()
    to = ((f"{each.name}.{domain.spec.name}", each.customer_number) for each in handed)
    return Delegated(by, frozenset(to))


def _by(world: Snapshot, name: str, customer: str) -> Iterator[tuple[str, str]]:
    for upper in above(name):
        for domain in world.domains(upper):
            tenant = tenant_of(world, domain)
            # Who takes the number of another has no say in what that one has.
            if domain.is_going or tenant is None or world.tenants(tenant.spec.number)[0] != tenant:
                continue
            if lies_in(name, handed_over(domain, customer)):
                yield upper, tenant.spec.number
