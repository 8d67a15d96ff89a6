"""What to ask name servers about a zone, so that their answers prove that they serve it. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ispalier.api.machines import ServiceHost
from ispalier.api.names import Domain, RecordSet
from ispalier.core.gather import owner_of
from ispalier.core.items import Owner
from ispalier.core.memory import ZONE
from ispalier.core.probe import NotProbed, endpoint
from ispalier.core.verified import record_of
from ispalier.dns.desired import rrset_of_record_set, zone_of_domain
from ispalier.dns.items import StartOfAuthority, Zone
from ispalier.world.errors import IspalierError
from ispalier.world.per_view import per_view
from ispalier.world.snapshot import age
from ispalier.world.state import State
from ispalier.world.view import View

_PORT = 53


class Sample(NamedTuple):
    """One rrset of the zone; names are absolute."""

    name: str
    type: str
    ttl: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """SOA and one rrset at every name server, all with one serial; a closed zone is not there."""

    servers: tuple[tuple[str, int], ...]
    zone: str
    soa: StartOfAuthority
    sample: Sample | None
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """NS of the zone at every resolver: whom the world asks, against the name servers declared."""

    resolvers: tuple[tuple[str, int], ...]
    zone: str
    name_servers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """A TXT record at any resolver, or name servers of ours for a zone that we serve."""

    resolvers: tuple[tuple[str, int], ...]
    record: str
    text: str
    zone: str
    name_servers: frozenset[str]


def question_of_ownership(view: View, domain: Domain) -> Ownership | None:
    """Whether the world sees that a domain is the customer's; None if nobody wants to know."""
    wanted = view.unit.spec.verify_domains if view.has_unit else None
    record = record_of(view, domain) if wanted is not None else None
    if wanted is None or record is None:
        return None
    return Ownership(
        resolvers=tuple(endpoint(each, _PORT) for each in wanted.resolvers),
        record=f"{record.name}.",
        text=record.value,
        zone=f"{domain.spec.name}.",
        name_servers=_ours(view, domain),
    )


def _ours(view: View, domain: Domain) -> frozenset[str]:
    """Our own name servers where they serve the zone; those that a customer names prove nothing."""
    if view.chosen_for(domain, ZONE) != f"{domain.spec.name}." or domain.spec.dns != "Hosted":
        return frozenset()
    try:
        zones = [each for each in zone_of_domain(view, domain) if each.state is State.ACTIVE]
    except IspalierError:  # told where the zone is asked for
        return frozenset()
    hosts = (view.world.get(ServiceHost, "", each.host) for each in zones)
    sections = (host.spec.dns for host in hosts if host is not None)
    return frozenset(f"{name}." for dns in sections if dns for name in dns.name_servers)


def question_of_domain(
    view: View, domain: Domain, item: Zone, unserved: Collection[Owner]
) -> Question | NotProbed:
    """What to ask about a zone, at the name servers of its host."""
    host = view.world.get(ServiceHost, "", item.host)
    probe = host.spec.dns.probe if host and host.spec.dns else None
    if probe is None or item.soa is None:
        return NotProbed(f"ServiceHost/{item.host} has no spec.dns.probe")
    return Question(
        servers=tuple(endpoint(each, _PORT) for each in probe.name_servers),
        zone=item.name,
        soa=item.soa,
        sample=next(_samples(view, domain, unserved), None),
        is_open=item.state is State.ACTIVE,
    )


def question_of_delegation(
    view: View,
    domain: Domain,  # noqa: ARG001 - all questions have one shape
    item: Zone,
    unserved: Collection[Owner],  # noqa: ARG001 - all questions have one shape
) -> Delegation | NotProbed:
    """Whether the world asks the name servers that are declared, as resolvers see it."""
    host = view.world.get(ServiceHost, "", item.host)
    probe = host.spec.dns.probe if host and host.spec.dns else None
    if probe is None or not probe.resolvers:
        return NotProbed(f"ServiceHost/{item.host} has no spec.dns.probe.resolvers")
    if item.state is not State.ACTIVE:
        return NotProbed("the zone is not served")
    return Delegation(
        resolvers=tuple(endpoint(each, _PORT) for each in probe.resolvers),
        zone=item.name,
        name_servers=frozenset(item.name_servers),
    )


def _samples(view: View, domain: Domain, unserved: Collection[Owner]) -> Iterator[Sample]:
    """The rrsets of a zone that are served, the most often edited and the newest first."""
    for each in _by_edits(view).get((domain.namespace, domain.name), ()):
        if owner_of(view, each) not in unserved:
            for rrset in rrset_of_record_set(view, each):
                yield Sample(rrset.name, rrset.type, rrset.ttl, rrset.values)


@per_view
def _by_edits(view: View) -> Mapping[tuple[str, str], Sequence[RecordSet]]:
    """The RecordSets of each Domain."""
    found: dict[tuple[str, str], list[RecordSet]] = {}
    for each in sorted(view.of(RecordSet), key=_edits, reverse=True):
        found.setdefault((each.namespace, each.spec.domain_ref.name), []).append(each)
    return found


def _edits(record_set: RecordSet) -> tuple[int, tuple[datetime, str, str]]:
    return record_set.metadata.generation, age(record_set)
