"""Zones: names below a zone are its customer's, but for those that it delegates (RFC 1034 4.2).

A name server answers from the zone that is nearest to a name. Who could declare a zone below that
of another customer would answer in their place.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ispalier.api.names import Domain, RecordSet
from ispalier.world.snapshot import Snapshot


def above(name: str) -> Iterator[str]:
    """The names above a name, the nearest first: of `www.silva.example` two."""
    while "." in name:
        name = name.partition(".")[2]
        yield name


def handed_over(domain: Domain, record_sets: Iterable[RecordSet]) -> frozenset[str]:
    """The names that a zone delegates: where its Domain has RecordSets of type NS."""
    return frozenset(
        f"{each.spec.name}.{domain.spec.name}"
        for each in record_sets
        if each.spec.type == "NS" and each.spec.domain_ref.name == domain.name
    )


def lies_in(name: str, handed: frozenset[str]) -> bool:
    """Whether a name is one of these or below one."""
    return name in handed or any(each in handed for each in above(name))


def delegating(world: Snapshot, name: str) -> Sequence[Domain]:
    """The Domains above a name that delegate it, the nearest first."""
    return [
        domain
        for upper in above(name)
        for domain in world.domains(upper)
        if not domain.is_going
        and lies_in(name, handed_over(domain, world.of(RecordSet, domain.namespace)))
    ]


def nearest(domains: Mapping[str, Domain], name: str) -> Domain | None:
    """Of some Domains by their names the one that a name is, or lies in."""
    found = (domains.get(each) for each in (name, *above(name)))
    return next((each for each in found if each is not None), None)
