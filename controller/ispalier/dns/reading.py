"""What PowerDNS holds, as items. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from ispalier.core.items import Item
from ispalier.dns.items import Accounts, Remark, RRSet, StartOfAuthority, Zone, marked
from ispalier.dns.payloads import CommentData, FoundData, RecordData, RRSetData, ZoneData
from ispalier.dns.records import as_served
from ispalier.world.state import State

_SOA_FIELDS = 7


def items(host: str, zone: ZoneData, accounts: Accounts) -> Iterator[Item]:
    """The zone with its apex, and each of its other rrsets."""
    name = zone["name"].lower()
    apex: dict[str, RRSetData] = {}
    for rrset in zone["rrsets"]:
        if is_apex(rrset, name):
            apex[rrset["type"]] = rrset
        elif rrset.get("records"):
            yield _rrset(host, name, rrset)
    yield _zone(host, zone, apex, accounts)


def is_apex(rrset: RRSetData, zone: str) -> bool:
    """Whether an rrset is part of the zone itself: its SOA or its NS."""
    return rrset["type"] in {"SOA", "NS"} and rrset["name"].lower() == zone


def serial(zone: ZoneData) -> int:
    """The serial that the SOA of a zone holds, also when it is disabled; 0 without one."""
    for rrset in zone["rrsets"]:
        if rrset["type"] == "SOA":
            for record in rrset.get("records", []):
                _, _, number, *_ = record["content"].split()
                return int(number)
    return 0


def zones_found(listed: Iterable[ZoneData], found: Iterable[FoundData]) -> list[ZoneData]:
    """Zones with their rrsets, put together from the list of zones and a search for all."""
    zones = {each["id"]: ZoneData({**each, "rrsets": []}) for each in listed}
    records = (each for each in found if each["zone_id"] in zones and "type" in each)
    for (zone, name, type_), group in groupby(sorted(records, key=_rrset_of), key=_rrset_of):
        rrset = RRSetData(name=name, type=type_, records=[], comments=[])
        for each in group:
            content = each.get("content", "")
            if each["object_type"] == "comment":
                rrset["comments"].append(CommentData(content=content))
            else:
                rrset["ttl"] = each.get("ttl", 0)
                rrset["records"].append(
                    RecordData(content=content, disabled=each.get("disabled", False))
                )
        zones[zone]["rrsets"].append(rrset)
    return list(zones.values())


def has_soa(zone: ZoneData) -> bool:
    """Whether the zone has a SOA, disabled or not."""
    return any(rrset["type"] == "SOA" for rrset in zone["rrsets"])


def _rrset_of(found: FoundData) -> tuple[str, str, str]:
    return found["zone_id"], found["name"], found.get("type", "")


def _rrset(host: str, zone: str, data: RRSetData) -> RRSet:
    owner, remarks = None, []
    for comment in data.get("comments", []):
        whose = marked(comment["content"])
        if whose is None:
            remarks.append(Remark(comment["content"], comment.get("account", "")))
        owner = owner or whose
    state, values = _served(data)
    return RRSet(
        host=host,
        owner=owner,
        state=state,
        zone=zone,
        name=data["name"].lower(),
        type=data["type"],
        ttl=data.get("ttl", 0),
        values=as_served(data["type"], values),
        remarks=tuple(remarks),
    )


def _served(data: RRSetData | None) -> tuple[State, list[str]]:
    """Records that are answered; if all are disabled they are retired, not gone."""
    records = data.get("records", []) if data else []
    enabled = [each["content"] for each in records if not each["disabled"]]
    if enabled or not records:
        return State.ACTIVE, enabled
    return State.RETIRED, [each["content"] for each in records]


def _zone(host: str, zone: ZoneData, apex: Mapping[str, RRSetData], accounts: Accounts) -> Zone:
    state, soas = _served(apex.get("SOA"))
    _, servers = _served(apex.get("NS"))
    return Zone(
        host=host,
        owner=accounts.owner(zone["account"]),
        state=state,
        name=zone["name"].lower(),
        name_servers=as_served("NS", servers),
        soa=_soa(soas[0]) if soas else None,
        ttls=(_ttl(apex.get("SOA")), _ttl(apex.get("NS"))),
    )


def _ttl(data: RRSetData | None) -> int:
    return data.get("ttl", 0) if data else 0


def _soa(content: str) -> StartOfAuthority | None:
    fields = content.split()
    if len(fields) != _SOA_FIELDS:
        return None
    primary, contact, _, *times = fields
    return StartOfAuthority(primary.lower(), contact.lower(), *(int(each) for each in times))
