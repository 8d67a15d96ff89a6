"""Zones: names in a zone are its customer's, but for those that the Domain lets others have.

A name server answers from the zone that is nearest to a name (RFC 1034 4.3.2). Who could declare a
zone in that of another customer would answer in their place.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # names are compared without the models
    from ispalier.api.names import Delegation, Domain


def above(name: str) -> Iterator[str]:
    """The names above a name, the nearest first: of `www.silva.example` two."""
    while "." in name:
        name = name.partition(".")[2]
        yield name


def handed_name(domain: str, delegation: "Delegation") -> str:
    """The name that a domain hands over with all below it; with an `@` before it that alone."""
    return f"@{domain}" if delegation.name == "@" else f"{delegation.name}.{domain}"


def lies_in(name: str, handed: Collection[str]) -> bool:
    """Whether a name is one that was handed over, or below one."""
    return f"@{name}" in handed or any(each in handed for each in (name, *above(name)))


def lets(domain: "Domain", name: str, customer: str) -> bool:
    """Whether a domain lets a customer have a name that is its own or below it."""
    mine = (each for each in domain.spec.delegations if each.customer_number == customer)
    return lies_in(name, {handed_name(domain.spec.name, each) for each in mine})


def nearest(domains: "Mapping[str, Domain]", name: str) -> "Domain | None":
    """Of some Domains by their names the one that a name is, or lies in."""
    found = (domains.get(each) for each in (name, *above(name)))
    return next((each for each in found if each is not None), None)
