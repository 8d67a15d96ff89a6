"""Name servers are asked what they serve; an old zone in one of them is told."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import httpx
import pytest

from hack.stack import powerdns as powerdns_
from hack.stack.ports import free_port
from hack.stack.powerdns import PowerDNS
from hack.stack.stack import Stack
from ispalier.api.base import Resource
from ispalier.api.machines import ServiceHost
from ispalier.api.names import Domain
from ispalier.core.items import Owner
from ispalier.core.probe import NotProbed, Reason, Reply
from ispalier.core.room import Backend, Wiring
from ispalier.dns.items import Zone
from ispalier.dns.questions import (
    Delegation,
    Ownership,
    Question,
    question_of_delegation,
    question_of_domain,
    question_of_ownership,
)
from ispalier.dns.room import ROOM
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot
from tests.builders import plan, resource, snapshot, subscription, tenant, unit
from tests.contract.case import settle
from tests.views import one, view, wanted

pytestmark = pytest.mark.anyio

ZONE = "probed.test"
ENDED = subscription(end={"date": "2026-11-20", "reason": "moved away"})


@pytest.fixture(scope="module")
def secondary(stack: Stack) -> PowerDNS:
    """A second name server; what it holds is written to it like to the first."""
    return powerdns_.start(stack.workspace, "secondary")


@pytest.fixture(autouse=True)
def _no_zone_is_left(powerdns: PowerDNS, secondary: PowerDNS) -> Iterator[None]:
    yield
    for server in (powerdns, secondary):
        url = f"{server.api_url}/api/v1/servers/localhost/zones/{ZONE}."
        httpx.delete(url, headers={"X-API-Key": server.api_key})


@pytest.fixture
async def backend(powerdns: PowerDNS) -> AsyncIterator[Backend]:
    connected = to(powerdns)
    yield connected
    await connected.close()


@pytest.fixture
async def behind(secondary: PowerDNS) -> AsyncIterator[Backend]:
    connected = to(secondary)
    yield connected
    await connected.close()


def to(server: PowerDNS) -> Backend:
    found = host(server)
    assert isinstance(found, ServiceHost)
    return ROOM.connect(Wiring(found, lambda _: Secret(server.api_key), ""))


def host(server: PowerDNS, *asked: PowerDNS, **probe: object) -> Resource:
    """A DNS host; these name servers are asked."""
    section = {
        "url": server.api_url,
        "apiKeySecretRef": {"name": "one", "key": "key"},
        "nameServers": ["ns1.example", "ns2.example"],
        "soa": {"contact": "hostmaster.example"},
    }
    if asked:
        probe = {"nameServers": [f"127.0.0.1:{each.dns_port}" for each in asked]}
    return resource(
        "ServiceHost", "one", {"type": "DNS", "dns": section | ({"probe": probe} if probe else {})}
    )


def record(name: str = "www", *values: str, ttl: int = 300, **meta: object) -> Resource:
    spec = {
        "domainRef": {"name": "probed"},
        "name": name,
        "type": "A",
        "ttl": ttl,
        "values": list(values or ("192.0.2.1", "192.0.2.2")),
    }
    return resource("RecordSet", name, spec, "silva", **meta)


def world(server: Resource, *more: Resource) -> Snapshot:
    domain = {"subscriptionRef": {"name": "home"}, "name": ZONE}
    return snapshot(
        unit(),
        plan(),
        server,
        tenant(),
        subscription(),
        resource("Domain", "probed", domain, "silva"),
        record(),
        *more,
    )


async def serve(backend: Backend, there: Snapshot) -> None:
    part = view(there)
    kinds = [each for each in part.resources if type(each) in ROOM.desired]
    done = await settle(backend, *(item for each in kinds for item in wanted(ROOM, part, each)))
    assert not done.refused
    assert set(done.results.values()) <= {None}


def question(there: Snapshot, *unserved: Owner) -> Question | NotProbed:
    part = view(there)
    mine = there.get(Domain, "silva", "probed")
    assert mine is not None
    return question_of_domain(part, mine, one(ROOM, part, mine, Zone), unserved)


def asked(there: Snapshot) -> Reply:
    assert ROOM.ask is not None
    return ROOM.ask(question(there))


async def test_a_zone_that_all_name_servers_have_answers(
    backend: Backend, behind: Backend, powerdns: PowerDNS, secondary: PowerDNS
) -> None:
    there = world(host(powerdns, powerdns, secondary))
    await serve(backend, there)
    await serve(behind, there)

    assert asked(there) == Reply(Reason.ANSWERS)


async def test_a_zone_that_one_name_server_does_not_have_is_told(
    backend: Backend, powerdns: PowerDNS, secondary: PowerDNS
) -> None:
    there = world(host(powerdns, powerdns, secondary))
    await serve(backend, there)

    reply = asked(there)

    assert reply == Reply(
        Reason.WRONG, f"127.0.0.1:{secondary.dns_port} does not serve the zone (REFUSED)"
    )


async def test_an_old_zone_in_one_name_server_is_told(
    backend: Backend, behind: Backend, powerdns: PowerDNS, secondary: PowerDNS
) -> None:
    servers = host(powerdns, powerdns, secondary)
    await serve(backend, world(servers))
    await serve(behind, world(servers))
    edited = world(servers, record("mail", "192.0.2.9"))
    await serve(backend, edited)

    reply = asked(edited)

    assert reply.reason is Reason.WRONG
    assert reply.message.startswith(f"127.0.0.1:{secondary.dns_port} ")


async def test_a_serial_that_is_older_is_told_even_where_the_sample_is_the_same(
    backend: Backend, behind: Backend, powerdns: PowerDNS, secondary: PowerDNS
) -> None:
    servers = host(powerdns, powerdns, secondary)
    await serve(backend, world(servers))
    await serve(behind, world(servers))
    edited = world(servers, record(generation=2), record("mail", "192.0.2.9"))
    await serve(backend, edited)

    reply = asked(edited)

    assert reply == Reply(
        Reason.WRONG,
        f"127.0.0.1:{secondary.dns_port} has an older serial than others: an old zone",
    )


async def test_a_record_that_differs_is_told(backend: Backend, powerdns: PowerDNS) -> None:
    await serve(backend, world(host(powerdns)))
    there = world(host(powerdns, powerdns), record("www", "192.0.2.77"))

    assert asked(there) == Reply(
        Reason.WRONG,
        f"127.0.0.1:{powerdns.dns_port} has A of www.{ZONE}. otherwise than declared",
    )


async def test_a_zone_whose_contract_ended_must_not_be_served(
    backend: Backend, powerdns: PowerDNS
) -> None:
    there = world(host(powerdns, powerdns), ENDED)
    await serve(backend, world(host(powerdns)))
    still = asked(there)
    await serve(backend, there)

    assert still == Reply(Reason.WRONG, f"127.0.0.1:{powerdns.dns_port} still serves the zone")
    assert asked(there) == Reply(Reason.ANSWERS)


async def test_a_name_server_that_is_stopped_gives_no_answer(
    backend: Backend, behind: Backend, powerdns: PowerDNS, secondary: PowerDNS
) -> None:
    there = world(host(powerdns, powerdns, secondary))
    await serve(backend, there)
    await serve(behind, there)
    secondary.stop()
    try:
        silent = asked(there)
    finally:
        secondary.start()

    assert silent.reason is Reason.NONE
    assert silent.message.endswith(", or correct spec.dns.probe.nameServers")
    assert asked(there) == Reply(Reason.ANSWERS)


def test_what_is_asked_for_is_the_newest_edit_that_is_served() -> None:
    servers = resource("ServiceHost", "one", host_spec())
    there = world(servers, record("mail", generation=7), record("ftp", generation=3))
    mail = Owner("test", "10042", "RecordSet", "mail")

    first, second = question(there), question(there, mail)

    assert isinstance(first, Question)
    assert isinstance(second, Question)
    assert first.sample is not None
    assert second.sample is not None
    assert first.sample.name == f"mail.{ZONE}."
    assert second.sample.name == f"ftp.{ZONE}."


def host_spec() -> dict[str, object]:
    """A DNS host that nobody asks in earnest."""
    section = {
        "url": "http://127.0.0.1:1",
        "apiKeySecretRef": {"name": "one", "key": "key"},
        "nameServers": ["ns1.example"],
        "soa": {"contact": "hostmaster.example"},
        "probe": {"nameServers": ["192.0.2.53", "[2001:db8::53]:5300"]},
    }
    return {"type": "DNS", "dns": section}


def test_name_servers_are_named_by_addresses_with_or_without_a_port() -> None:
    asked = question(world(resource("ServiceHost", "one", host_spec())))

    assert isinstance(asked, Question)
    assert asked.servers == (("192.0.2.53", 53), ("2001:db8::53", 5300))


def looked_up(server: PowerDNS, world_: PowerDNS, *more: Resource) -> Delegation | NotProbed:
    """What is asked of a resolver; another name server plays what the world sees."""
    probe = {
        "nameServers": [f"127.0.0.1:{server.dns_port}"],
        "resolvers": [f"127.0.0.1:{world_.dns_port}"],
    }
    part = view(world(host(server, **probe), *more))
    [mine] = part.of(Domain)
    return question_of_delegation(part, mine, one(ROOM, part, mine, Zone), ())


def confirmed(there: Delegation | NotProbed) -> Reply:
    assert ROOM.ask is not None
    return ROOM.ask(there)


async def test_a_domain_is_confirmed_when_the_world_asks_its_name_servers(
    behind: Backend, powerdns: PowerDNS, secondary: PowerDNS
) -> None:
    await serve(behind, world(host(powerdns)))

    assert confirmed(looked_up(powerdns, secondary)) == Reply(Reason.ANSWERS)


async def test_a_domain_that_others_serve_says_whom_the_world_asks_and_what_to_do(
    behind: Backend, powerdns: PowerDNS, secondary: PowerDNS
) -> None:
    spec = {"subscriptionRef": {"name": "home"}, "name": ZONE, "nameServers": ["ns.old.example"]}
    old = resource("Domain", "probed", spec, "silva")
    await serve(behind, world(host(powerdns), old))

    assert confirmed(looked_up(powerdns, secondary)) == Reply(
        Reason.WRONG,
        "the world asks ns.old.example.: have the registrar name ns1.example., ns2.example.",
    )


async def test_a_domain_that_the_world_does_not_know_is_told(
    powerdns: PowerDNS, secondary: PowerDNS
) -> None:
    assert confirmed(looked_up(powerdns, secondary)) == Reply(
        Reason.WRONG,
        f"127.0.0.1:{secondary.dns_port} knows no name servers of the domain (REFUSED)",
    )


async def test_a_resolver_that_is_silent_proves_nothing(powerdns: PowerDNS) -> None:
    silent = replace(powerdns, dns_port=free_port())

    assert confirmed(looked_up(powerdns, silent)) == Reply(
        Reason.NONE,
        f"127.0.0.1:{silent.dns_port} does not answer (nothing within 2 s): open port"
        f" {silent.dns_port} (UDP and TCP), or correct spec.dns.probe.resolvers",
    )


def test_without_resolvers_nothing_is_looked_up(powerdns: PowerDNS) -> None:
    part = view(world(host(powerdns, powerdns)))
    [mine] = part.of(Domain)

    assert question_of_delegation(part, mine, one(ROOM, part, mine, Zone), ()) == NotProbed(
        "ServiceHost/one has no spec.dns.probe.resolvers"
    )


def test_a_zone_that_is_switched_off_is_not_looked_up(
    powerdns: PowerDNS, secondary: PowerDNS
) -> None:
    assert looked_up(powerdns, secondary, ENDED) == NotProbed("the zone is not served")


def to_prove(world_: PowerDNS, *more: Resource, claimed: bool = True) -> Ownership:
    """What is asked about whose a domain is, at resolvers of which the last plays the world."""
    silent = f"127.0.0.1:{free_port()}"
    wanting = unit(verify=[silent, f"127.0.0.1:{world_.dns_port}"])
    there = world(resource("ServiceHost", "one", host_spec()), wanting, *more)
    part = view(there, {("Domain/probed", "zone"): f"{ZONE}."} if claimed else {})
    [mine] = part.of(Domain)
    found = question_of_ownership(part, mine)
    assert found is not None
    return found


def proof(text: str) -> Resource:
    spec = {"domainRef": {"name": "probed"}, "name": "_ispalier", "type": "TXT", "values": [text]}
    return resource("RecordSet", "proof", spec, "silva")


def is_proven(question: Ownership) -> Reply:
    assert ROOM.ask is not None
    return ROOM.ask(question)


@pytest.mark.parametrize("dns", ["Hosted", "External"])
async def test_a_record_that_the_world_sees_proves_a_domain(
    behind: Backend, secondary: PowerDNS, dns: str
) -> None:
    spec = {"subscriptionRef": {"name": "home"}, "name": ZONE, "dns": dns}
    asked = to_prove(secondary, resource("Domain", "probed", spec, "silva"))
    spec = {**spec, "dns": "Hosted", "nameServers": ["ns.old.example"]}
    elsewhere = resource("Domain", "probed", spec, "silva")
    await serve(behind, world(host(secondary), elsewhere, proof("ispalier-domain=another")))
    before = is_proven(asked)
    await serve(behind, world(host(secondary), elsewhere, proof(asked.text)))

    assert before == Reply(
        Reason.WRONG,
        f"127.0.0.1:{secondary.dns_port} finds no TXT record _ispalier.{ZONE}."
        f" '{asked.text}': have it published",
    )
    assert is_proven(asked) == Reply(Reason.ANSWERS)


async def test_our_name_servers_prove_a_zone_that_is_the_customers_here_and_no_other(
    behind: Backend, secondary: PowerDNS
) -> None:
    spec = {"subscriptionRef": {"name": "home"}, "name": ZONE, "nameServers": ["ns1.example"]}
    await serve(behind, world(host(secondary), resource("Domain", "probed", spec, "silva")))
    external = resource("Domain", "probed", {**spec, "dns": "External"}, "silva")

    vanity = {**spec, "nameServers": ["ns1.silva.example"]}
    evil = resource("Domain", "probed", vanity, "silva")

    assert is_proven(to_prove(secondary)) == Reply(Reason.ANSWERS)
    assert to_prove(secondary, evil).name_servers == {"ns1.example."}
    assert is_proven(to_prove(secondary, claimed=False)).reason is Reason.WRONG
    assert is_proven(to_prove(secondary, external)).reason is Reason.WRONG
    assert is_proven(to_prove(secondary, ENDED)).reason is Reason.WRONG


def test_resolvers_that_are_silent_prove_nothing(secondary: PowerDNS) -> None:
    asked = to_prove(replace(secondary, dns_port=free_port()))

    said = is_proven(asked)

    assert said.reason is Reason.NONE
    assert said.message.endswith(", or correct spec.verifyDomains.resolvers of the business unit")


def test_a_resolver_that_cannot_tell_proves_nothing_and_denies_nothing(
    secondary: PowerDNS,
) -> None:
    """A server that is not asked for the zone refuses, as a broken one fails."""
    assert is_proven(to_prove(secondary)).reason is Reason.NONE
