"""What name servers must hold: a zone for each Domain, an rrset for each RecordSet."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ispalier.api.base import Resource
from ispalier.api.machines import DNSHost, ServiceHost
from ispalier.api.names import Domain, RecordSet
from ispalier.core.delegated import delegated
from ispalier.core.gather import owner_of
from ispalier.core.items import Item
from ispalier.core.memory import ZONE, Choice, Claim, Wish
from ispalier.core.verified import record_of, unverified, wants_proof
from ispalier.dns.items import RRSet, StartOfAuthority, Zone
from ispalier.dns.records import absolute, canonical
from ispalier.world.errors import Conflict, Invalid, NotServed, Waiting
from ispalier.world.snapshot import age
from ispalier.world.state import State
from ispalier.world.view import View

TYPE = "DNS"
_LONGEST_NAME = 254


def wishes_of_domain(view: View, domain: Domain) -> Iterable[Wish]:
    """The name of the zone for this customer alone, and the host that once served it."""
    owner = owner_of(view, domain)
    is_hosted, name = domain.spec.dns == "Hosted", _zone_name(domain)
    proven = is_hosted or not unverified(view, ZONE, name)
    yield Claim(ZONE, name, owner, delegated(view, domain), proven=proven)
    if is_hosted:
        yield Choice("host", _host(view, domain).name, owner)


def zone_of_domain(view: View, domain: Domain) -> Iterable[Zone]:
    """The zone, with name servers and SOA as its host has them; one that moved away is retired."""
    if domain.spec.dns == "Secondary":
        message = "dns Secondary is not acted on yet: what is there stays"
        raise NotServed(message)
    if domain.spec.dns == "External":
        if lacking := unverified(view, ZONE, _zone_name(domain)):
            raise Waiting(lacking)
        if view.world.get(ServiceHost, "", view.chosen_for(domain, "host") or "") is None:
            return
    host = _host(view, domain)
    settings = _settings(host)
    soa = settings.soa
    name_servers = domain.spec.name_servers or settings.name_servers
    yield Zone(
        host=host.name,
        owner=owner_of(view, domain),
        state=State.RETIRED if domain.spec.dns == "External" else _state(view, domain),
        name=_zone_name(domain),
        name_servers=tuple(sorted({f"{each}." for each in name_servers})),
        soa=StartOfAuthority(
            primary=f"{name_servers[0]}.",
            contact=f"{domain.spec.contact or soa.contact}.",
            refresh=soa.refresh,
            retry=soa.retry,
            expire=soa.expire,
            minimum=soa.minimum,
        ),
    )


def shown_of_domain(view: View, domain: Domain) -> Mapping[str, Any]:
    """What proves that it is the customer's, where the business unit wants that."""
    record = record_of(view, domain) if wants_proof(view) else None
    return {"verification": record.model_dump()} if record is not None else {}


def told(item: Item) -> Iterable[Claim]:
    """The claim of a zone that is there."""
    if isinstance(item, Zone) and item.owner is not None:
        yield Claim(ZONE, item.name, item.owner)


def rrset_of_record_set(view: View, record_set: RecordSet) -> Iterable[RRSet]:
    """The rrset, in the zone of its Domain."""
    spec = record_set.spec
    domain = view.refer(Domain, spec.domain_ref, record_set.namespace)
    zone = _zone_name(domain)
    _check_name(record_set, domain)
    _check_neighbours(record_set, _neighbours(view, record_set))
    yield RRSet(
        host=_host(view, domain).name,
        owner=owner_of(view, record_set),
        state=_state(view, record_set),
        zone=zone,
        name=absolute(spec.name, zone),
        type=spec.type,
        ttl=spec.ttl,
        values=canonical(spec.type, spec.values, zone),
    )


def _zone_name(domain: Domain) -> str:
    return f"{domain.spec.name}."


def _host(view: View, domain: Domain) -> ServiceHost:
    return view.host(domain, domain.spec.service_host_ref, TYPE)


def _settings(host: ServiceHost) -> DNSHost:
    if host.spec.dns is None:
        message = f"ServiceHost/{host.name} has no section dns"
        raise Invalid(message)
    return host.spec.dns


def _state(view: View, resource: Resource) -> State:
    """A suspension leaves names alone; the end of the contract takes them out."""
    return State.RETIRED if view.state_of(resource) is State.RETIRED else State.ACTIVE


def _check_name(record_set: RecordSet, domain: Domain) -> None:
    name, parent = record_set.spec.name, domain.spec.name
    if name == parent or name.endswith(f".{parent}"):
        relative = name.removesuffix(parent).removesuffix(".") or "@"
        message = f"name '{name}' is relative to {parent}: write '{relative}'"
        raise Invalid(message)
    if len(absolute(name, _zone_name(domain))) > _LONGEST_NAME:
        message = f"name '{name}' under {parent} is longer than 253 characters: shorten it"
        raise Invalid(message)
    if any(len(label) > 63 for label in name.split(".")):  # noqa: PLR2004 - RFC 1035 2.3.4
        message = f"name '{name}' has a label of more than 63 characters: shorten it"
        raise Invalid(message)


def _check_neighbours(record_set: RecordSet, neighbours: Sequence[RecordSet]) -> None:
    """Of several at one name the older ones stay; the one that does not fit is refused."""
    older = neighbours[: neighbours.index(record_set)]
    name, type_ = record_set.spec.name, record_set.spec.type
    for each in older:
        if each.spec.type == type_:
            message = (
                f"RecordSet/{each.name} holds {type_} of '{name}' already:"
                " put all values into one RecordSet"
            )
            raise Conflict(message)
        if "CNAME" in {each.spec.type, type_}:
            message = (
                f"{type_} of '{name}' cannot stand beside {each.spec.type} of"
                f" RecordSet/{each.name}: where a CNAME is, nothing else can be (RFC 1034 3.6.2)"
            )
            raise Invalid(message)


def _neighbours(view: View, record_set: RecordSet) -> Sequence[RecordSet]:
    """All RecordSets of the same name in the same Domain, the oldest first."""
    return _by_name(_Same(view.resources))[_place(record_set)]


def _place(record_set: RecordSet) -> tuple[str, str, str]:
    return record_set.namespace, record_set.spec.domain_ref.name, record_set.spec.name


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """The resources of a view, told apart by identity: hashing them all costs too much."""

    resources: Sequence[Resource]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.resources is self.resources

    def __hash__(self) -> int:
        return id(self.resources)


@lru_cache(maxsize=1)
def _by_name(same: _Same) -> Mapping[tuple[str, str, str], Sequence[RecordSet]]:
    """Sorted once for a view: a tenant may have thousands."""
    found: dict[tuple[str, str, str], list[RecordSet]] = defaultdict(list)
    for each in sorted((e for e in same.resources if isinstance(e, RecordSet)), key=age):
        found[_place(each)].append(each)
    return found
