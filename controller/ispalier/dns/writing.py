"""Changes as PowerDNS takes them. Pure."""

from collections.abc import Iterable, Sequence

from ispalier.core.changes import Change, Verb
from ispalier.dns.items import RRSet, Zone, account, mark
from ispalier.dns.payloads import CommentData, NewZoneData, RecordData, RRSetData
from ispalier.world.state import State

MARKER = "ispalier"
"""Account of the comments that are our marks."""


def new_zone(zone: Zone, rrsets: Iterable[RRSetData]) -> NewZoneData:
    """A zone to be made, active: PowerDNS makes none whose SOA is disabled."""
    return NewZoneData(
        name=zone.name,
        kind="Native",
        nameservers=[],
        account=account(zone.owner) if zone.owner else "",
        rrsets=[_soa_data(zone, 0, disabled=False), _ns_data(zone), *rrsets],
    )


def apex_changed(before: Zone, after: Zone, number: int) -> Sequence[RRSetData]:
    """The apex rrsets to write; PowerDNS raises the serial that it is given."""
    result = []
    if (before.soa, before.state, before.ttls[0]) != (after.soa, after.state, after.ttls[0]):
        result.append(_soa_data(after, number, disabled=after.state is State.RETIRED))
    if (before.name_servers, before.ttls[1]) != (after.name_servers, after.ttls[1]):
        result.append(_ns_data(after))
    return result


def rrset_changed(change: Change) -> RRSetData:
    """One change of an rrset; of an adopted one only the mark is written."""
    item = change.item
    assert isinstance(item, RRSet)  # noqa: S101 - the caller has sorted zones out
    data = RRSetData(name=item.name, type=item.type)
    if change.verb is Verb.DELETE:
        data["changetype"] = "DELETE"
        return data
    data["changetype"] = "REPLACE"
    data["comments"] = _comments(change, item)
    if change.verb is not Verb.ADOPT:
        data["ttl"] = item.ttl
        disabled = item.state is State.RETIRED
        data["records"] = [RecordData(content=each, disabled=disabled) for each in item.values]
    return data


def _comments(change: Change, item: RRSet) -> list[CommentData]:
    marks = [CommentData(content=mark(item.owner), account=MARKER)] if item.owner else []
    remarks = change.before.remarks if isinstance(change.before, RRSet) else ()
    return [*marks, *(CommentData(content=each.content, account=each.account) for each in remarks)]


def _soa_data(zone: Zone, number: int, *, disabled: bool) -> RRSetData:
    content = zone.soa.content(number) if zone.soa else ""
    return RRSetData(
        name=zone.name,
        type="SOA",
        ttl=zone.ttls[0],
        changetype="REPLACE",
        records=[RecordData(content=content, disabled=disabled)],
    )


def _ns_data(zone: Zone) -> RRSetData:
    return RRSetData(
        name=zone.name,
        type="NS",
        ttl=zone.ttls[1],
        changetype="REPLACE",
        records=[RecordData(content=each, disabled=False) for each in zone.name_servers],
    )
