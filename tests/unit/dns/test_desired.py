"""What Domains and RecordSets ask of name servers."""

from datetime import timedelta

import pytest

from ispalier.api.base import Resource
from ispalier.core.gather import Identity, gather, wishes
from ispalier.core.items import Item, Owner
from ispalier.core.memory import Choice, Claim, Delegated, Memory
from ispalier.core.wanted import Wanted, wanted
from ispalier.dns.items import RRSet, StartOfAuthority, Zone
from ispalier.dns.room import ROOM
from ispalier.world.errors import Conflict, Invalid, NotServed, Waiting
from ispalier.world.secret import Secret
from ispalier.world.state import State
from ispalier.world.view import Chosen, View
from tests.builders import NOW, plan, resource, snapshot, subscription, tenant, unit

HOME = Identity("test", Secret("key"))
SERVERS = ["ns2.provider.example", "ns1.provider.example"]


def host(name: str = "ns", **spec: object) -> Resource:
    section = {
        "url": "http://127.0.0.1:8081",
        "apiKeySecretRef": {"name": name, "key": "api"},
        "nameServers": SERVERS,
        "soa": {"contact": "dns.provider.example"},
    }
    return resource("ServiceHost", name, {"type": "DNS", "dns": section} | spec)


def domain(name: str = "silva", **spec: object) -> Resource:
    fields = {"subscriptionRef": {"name": "home"}, "name": f"{name}.example"}
    return resource("Domain", name, fields | spec, "silva")


def records(label: str, name: str, type_: str, *values: str, minute: int = 0) -> Resource:
    spec = {"domainRef": {"name": "silva"}, "name": name, "type": type_, "values": values}
    made = NOW + timedelta(minutes=minute)
    return resource("RecordSet", label, spec, "silva", creation_timestamp=made)


def view(*resources: Resource, memory: Memory | None = None) -> View:
    told = [unit(), plan(), tenant()]
    there = snapshot(*told, *resources)
    return gather(there, "10042", memory or Memory(), HOME, NOW)


def asked(*resources: Resource) -> Wanted:
    return wanted(view(subscription(), *resources), [ROOM], {})


def items(found: Wanted, name: str = "ns") -> list[Item]:
    return found.items[("dns", name)]


def owner(kind: str, name: str) -> Owner:
    return Owner("test", "10042", kind, name)


def test_a_domain_is_a_zone_with_the_name_servers_and_soa_of_its_host() -> None:
    found = asked(host(), domain())

    assert items(found) == [
        Zone(
            host="ns",
            owner=owner("Domain", "silva"),
            name="silva.example.",
            name_servers=("ns1.provider.example.", "ns2.provider.example."),
            soa=StartOfAuthority(
                "ns2.provider.example.", "dns.provider.example.", 10800, 3600, 604800, 3600
            ),
        )
    ]


def test_a_record_set_is_an_rrset_in_the_zone_of_its_domain() -> None:
    found = asked(host(), domain(), records("www", "www", "A", "192.0.2.2", "192.0.2.1"))

    rrset = items(found)[1]

    assert rrset == RRSet(
        host="ns",
        owner=owner("RecordSet", "www"),
        zone="silva.example.",
        name="www.silva.example.",
        type="A",
        ttl=3600,
        values=("192.0.2.1", "192.0.2.2"),
    )
    assert rrset.owner == owner("RecordSet", "www")
    assert rrset.needs == (("zone", "silva.example."),)


def test_a_domain_claims_its_zone_and_records_its_host() -> None:
    found = wishes(view(subscription(), host(), domain()), [ROOM])

    zone = Claim("zone", "silva.example.", owner("Domain", "silva"), Delegated())
    assert zone in found
    assert Choice("host", "ns", owner("Domain", "silva")) in found


def test_the_recorded_host_stays_when_another_becomes_the_default() -> None:
    memory = Memory(choices={Chosen("Domain", "silva", "host"): "old"})
    hosts = [host("old"), host("new", default=True)]
    seen = view(subscription(), *hosts, domain(), records("a", "a", "TXT", "x"), memory=memory)

    found = wanted(seen, [ROOM], {})

    assert set(found.items) == {("dns", "old")}
    assert len(items(found, "old")) == 2


def test_a_suspension_leaves_names_alone() -> None:
    pause = {"reason": "Unpaid", "since": "2026-11-20"}
    contract = subscription(suspensions=[pause])
    seen = view(contract, host(), domain(), records("www", "www", "A", "192.0.2.1"))

    found = items(wanted(seen, [ROOM], {}))

    assert [each.state for each in found] == [State.ACTIVE] * 2
    assert not any(each.suspends for each in found)


def test_the_end_of_the_contract_retires_zone_and_records() -> None:
    contract = subscription(end={"date": "2026-11-20", "reason": "moved"})
    seen = view(contract, host(), domain(), records("www", "www", "A", "192.0.2.1"))

    found = items(wanted(seen, [ROOM], {}))

    assert [each.state for each in found] == [State.RETIRED] * 2


def test_a_record_set_waits_for_its_domain() -> None:
    found = asked(host(), records("www", "www", "A", "192.0.2.1"))

    assert isinstance(found.problems[owner("RecordSet", "www")], Waiting)


def test_a_domain_waits_for_a_host_of_type_dns() -> None:
    found = asked(domain())

    assert isinstance(found.problems[owner("Domain", "silva")], Waiting)


def test_of_two_record_sets_of_one_name_and_type_the_older_stays() -> None:
    newer = records("a-newer", "www", "A", "192.0.2.9", minute=1)
    older = records("older", "www", "A", "192.0.2.1")

    found = asked(host(), domain(), newer, older)

    assert isinstance(found.problems[owner("RecordSet", "a-newer")], Conflict)
    assert [each.owner for each in items(found)][1:] == [owner("RecordSet", "older")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("A", "192.0.2.1"), ("CNAME", "web.example.net")),
        (("CNAME", "web.example.net"), ("A", "192.0.2.1")),
    ],
)
def test_nothing_stands_beside_a_cname(first: tuple[str, str], second: tuple[str, str]) -> None:
    older = records("z-older", "www", *first)
    newer = records("newer", "www", *second, minute=1)

    found = asked(host(), domain(), newer, older)
    problem = found.problems[owner("RecordSet", "newer")]

    assert isinstance(problem, Invalid)
    assert "RecordSet/z-older" in str(problem)
    assert owner("RecordSet", "z-older") in found.served


def test_other_types_stand_side_by_side() -> None:
    found = asked(
        host(), domain(), records("a", "www", "A", "192.0.2.1"), records("t", "www", "TXT", "x")
    )

    assert not found.problems


@pytest.mark.parametrize("name", ["www.silva.example", "silva.example"])
def test_a_name_that_repeats_its_domain_is_invalid(name: str) -> None:
    found = asked(host(), domain(), records("www", name, "A", "192.0.2.1"))

    assert "is relative to silva.example" in str(found.problems[owner("RecordSet", "www")])


@pytest.mark.parametrize("name", ["x" * 64, ".".join(["x" * 60] * 4)])
def test_a_name_that_is_too_long_is_invalid(name: str) -> None:
    found = asked(host(), domain(), records("www", name, "A", "192.0.2.1"))

    assert "shorten it" in str(found.problems[owner("RecordSet", "www")])


def test_a_wrong_value_is_invalid_and_the_rest_is_served() -> None:
    found = asked(
        host(), domain(), records("a", "a", "A", "300.1.1.1"), records("b", "b", "A", "192.0.2.1")
    )

    assert isinstance(found.problems[owner("RecordSet", "a")], Invalid)
    assert len(items(found)) == 2


def test_a_domain_may_have_name_servers_and_a_contact_of_its_own() -> None:
    own = domain(nameServers=["ns1.silva.example"], contact="joao.silva.example")

    (zone,) = items(asked(host(), own))

    assert isinstance(zone, Zone)
    assert zone.soa is not None
    assert zone.name_servers == ("ns1.silva.example.",)
    assert (zone.soa.primary, zone.soa.contact) == ("ns1.silva.example.", "joao.silva.example.")


def test_a_secondary_zone_is_left_as_it_is() -> None:
    found = asked(host(), domain(dns="Secondary", primaries=["192.0.2.53"]))

    assert found.items == {}
    assert [str(each.owner) for each in found.kept] == ["Domain/silva"]
    assert isinstance(found.problems[owner("Domain", "silva")], NotServed)


def test_a_zone_that_others_serve_is_the_customers_and_nothing_is_there() -> None:
    elsewhere = domain(dns="External")
    found = asked(host(), elsewhere, records("www", "www", "A", "192.0.2.1"))
    wished = wishes(view(subscription(), host(), elsewhere), [ROOM])

    assert found.items == {}
    assert owner("Domain", "silva") in found.served
    assert str(found.problems[owner("RecordSet", "www")]) == (
        "spec.domainRef: others make the records of Domain/silva, for it has dns: External: have"
        " it made there, or let the Domain be Hosted"
    )
    assert [type(each) for each in wished if each.owner.kind == "Domain"] == [Claim]


def test_a_zone_that_moves_to_others_is_switched_off_here_and_kept() -> None:
    was_here = Memory(choices={Chosen("Domain", "silva", "host"): "ns"})
    seen = view(subscription(), host(), domain(dns="External"), memory=was_here)

    (zone,) = items(wanted(seen, [ROOM], {}))

    assert (zone.host, zone.state) == ("ns", State.RETIRED)


def test_a_domain_that_is_switched_off_is_kept() -> None:
    (zone,) = items(asked(host(), domain(enabled=False)))

    assert zone.state is State.RETIRED


def test_no_customer_answers_in_the_place_of_the_provider() -> None:
    found = asked(host(), domain("provider"))

    assert found.items == {}
    told = str(found.problems[owner("Domain", "provider")])
    assert "provider.example is the provider's own: ns1.provider.example is a host of it" in told
