"""Verified: whose a domain is, proven in the public DNS before mail comes in for it.

As with the certificate authorities' dns-01 (RFC 8555 8.4), whoever can publish a record of our
choice has the domain. The record differs from customer to customer, so nobody proves by another's.
"""

import hmac
from collections.abc import Mapping

from ispalier.api.base import Resource
from ispalier.api.names import Domain, Verification
from ispalier.world.per_view import per_view
from ispalier.world.sound import nothing_to_prove
from ispalier.world.view import View
from ispalier.world.zones import nearest

VERIFIED = "Verified"
"""The condition of a Domain, and the topic under which it is remembered."""


def wants_proof(view: View) -> bool:
    """Whether the business unit wants domains to be proven."""
    return view.has_unit and view.unit.spec.verify_domains is not None


def record_of(view: View, domain: Domain) -> Verification:
    """The TXT record that proves a domain to be this customer's."""
    parts = ("domain", view.installation, view.customer, domain.spec.name)
    digest = hmac.new(view.key.reveal().encode(), "\0".join(parts).encode(), "sha256")
    text = f"ispalier-domain={digest.hexdigest()[:32]}"
    return Verification(name=f"_ispalier.{domain.spec.name}", value=text)


def unverified(view: View, resource: Resource, claim: str, name: str) -> str:
    """What is to be done before a name may be claimed; nothing if it may, or always could be."""
    if not wants_proof(view) or view.chosen_for(resource, claim) == name:
        return ""
    domain = nearest(_domains(view), name)
    if domain is None:
        return str(nothing_to_prove(view.unit, "spec.name", name))
    if view.chosen_for(domain, VERIFIED) is not None:
        return ""
    record = record_of(view, domain)
    return (
        f"Domain/{domain.name} is not verified (yet): publish the TXT record {record.name} with"
        f" the text '{record.value}'"
    )


@per_view
def _domains(view: View) -> Mapping[str, Domain]:
    return {each.spec.name: each for each in view.of(Domain)}
