"""Delegated: which customers' zones hand a name over, as far as all of them are declared."""

from collections.abc import Sequence

from ispalier.api.mail import MailDomain
from ispalier.api.names import Domain, RecordSet
from ispalier.core.memory import Delegated
from ispalier.world.per_view import per_view
from ispalier.world.units import tenant_of
from ispalier.world.view import View
from ispalier.world.zones import delegating, handed_over


def delegated(view: View, domain: Domain | MailDomain) -> Delegated:
    """By whom a name is handed over, and what its own zone hands over."""
    uppers = (tenant_of(view.world, each) for each in delegating(view.world, domain.spec.name))
    by = frozenset(each.spec.number for each in uppers if each is not None)
    to = handed_over(domain, _delegations(view)) if isinstance(domain, Domain) else frozenset()
    return Delegated(by, to)


@per_view
def _delegations(view: View) -> Sequence[RecordSet]:
    return [each for each in view.of(RecordSet) if each.spec.type == "NS"]
