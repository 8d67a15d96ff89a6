"""Verified: whose a domain is, proven in the public DNS before it counts as the customer's.

As with the certificate authorities' dns-01 (RFC 8555 8.4), whoever can publish a record of our
choice has the domain. The record differs from customer to customer, so nobody proves by another's.
"""

import hmac
from collections.abc import Mapping

from ispalier.api.names import Domain, Verification
from ispalier.core.gather import has_had
from ispalier.core.memory import ZONE
from ispalier.world.per_view import per_view
from ispalier.world.sound import nothing_to_prove
from ispalier.world.view import View
from ispalier.world.zones import nearest

CONDITION = "Verified"
VERIFIED = "verified domain"
"""The kind of claim on a domain that was proven."""
_LONGEST = 253


def wants_proof(view: View) -> bool:
    """Whether the business unit wants domains to be proven."""
    return view.has_unit and view.unit.spec.verify_domains is not None


def proven_name(view: View, domain: Domain) -> str:
    """What is claimed once it is proven; another customer may prove the same, and has it or not."""
    return f"{domain.spec.name} of {view.customer}"


def record_of(view: View, domain: Domain) -> Verification | None:
    """The TXT record that proves a domain to be this customer's; None where its name is too long."""
    name = f"_ispalier.{domain.spec.name}"
    if len(name) > _LONGEST:
        return None
    parts = ("domain", view.installation, view.customer, domain.spec.name)
    digest = hmac.new(view.key.reveal().encode(), "\0".join(parts).encode(), "sha256")
    text = f"ispalier-domain={digest.hexdigest()[:32]}"
    return Verification(name=name, value=text)


def unverified(view: View, kind: str, value: str) -> str:
    """What is to be done before a name may be claimed; nothing if it may, or is held already."""
    if has_had(view, kind, value) or not view.world.knows_whose:
        return ""
    if not view.has_unit:
        return (
            "whether domains must be verified is for the business unit to say, which is not there"
        )
    return _unproven(view, value.rstrip(".")) if wants_proof(view) else ""


def _unproven(view: View, name: str) -> str:
    domain = nearest(_domains(view), name)
    if domain is None:
        return str(nothing_to_prove(view.unit, "spec.name", name))
    if has_had(view, VERIFIED, proven_name(view, domain)):
        return ""
    record = record_of(view, domain)
    if record is None:
        return f"Domain/{domain.name} has a name that is too long to be verified: use another"
    return (
        f"Domain/{domain.name} is not verified (yet): publish the TXT record {record.name} with"
        f" the text '{record.value}'"
    )


@per_view
def _domains(view: View) -> Mapping[str, Domain]:
    """By their names; of several the one that has the name."""
    found = sorted(view.of(Domain), key=lambda each: view.chosen_for(each, ZONE) is not None)
    return {each.spec.name: each for each in found}
