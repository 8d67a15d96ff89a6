"""Zones: names in a zone are its customer's, but for those that the Domain lets others have.

A name server answers from the zone that is nearest to a name (RFC 1034 4.3.2). Who could declare a
zone in that of another customer would answer in their place.
"""

from collections.abc import Collection, Iterator, Mapping

from ispalier.api.names import Domain


def above(name: str) -> Iterator[str]:
    """The names above a name, the nearest first: of `www.silva.example` two."""
    while "." in name:
        name = name.partition(".")[2]
        yield name


def lies_in(name: str, tops: Collection[str]) -> bool:
    """Whether a name is one of these or below one."""
    return name in tops or any(each in tops for each in above(name))


def handed_over(domain: Domain, customer: str) -> frozenset[str]:
    """The names below a domain that a customer may have, with all that is below them."""
    return frozenset(
        f"{each.name}.{domain.spec.name}"
        for each in domain.spec.delegations
        if each.customer_number == customer
    )


def nearest(domains: Mapping[str, Domain], name: str) -> Domain | None:
    """Of some Domains by their names the one that a name is, or lies in."""
    found = (domains.get(each) for each in (name, *above(name)))
    return next((each for each in found if each is not None), None)
