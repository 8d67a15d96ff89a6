"""PowerDNS serves at once what its API was told, whichever database is behind it."""

from collections.abc import Iterator

import dns.flags
import dns.message
import dns.query
import httpx
import pytest

from hack.stack import powerdns as servers
from hack.stack.ports import HOST
from hack.stack.powerdns import PowerDNS
from hack.stack.stack import Stack

ZONE = {
    "name": "example.org.",
    "kind": "Native",
    "nameservers": ["ns1.example.org."],
    "account": "0123456789abcdef0123456789abcdef01234567",
    "rrsets": [
        {
            "name": "www.example.org.",
            "type": "A",
            "ttl": 300,
            "records": [{"content": "192.0.2.7"}],
            "comments": [{"content": "ours", "account": "owner"}],
        }
    ],
}


@pytest.fixture(scope="module", params=["on SQLite", "on PostgreSQL"])
def server(request: pytest.FixtureRequest, stack: Stack) -> Iterator[PowerDNS]:
    started = {
        "on SQLite": lambda: servers.start(stack.workspace, "zones-sqlite"),
        "on PostgreSQL": lambda: servers.start(stack.workspace, "zones-pg", stack.postgres),
    }[request.param]()
    yield started
    started.stop()


@pytest.fixture
def zones(server: PowerDNS) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=f"{server.api_url}/api/v1/servers/localhost",
        headers={"X-API-Key": server.api_key},
    ) as client:
        client.post("zones", json=ZONE).raise_for_status()
        yield client
        client.delete("zones/example.org.")


@pytest.mark.usefixtures("zones")
def test_a_new_zone_is_served_at_once(server: PowerDNS) -> None:
    question = dns.message.make_query("www.example.org.", "A")

    answer = dns.query.udp(question, HOST, port=server.dns_port, timeout=2)

    assert answer.flags & dns.flags.AA
    assert [rrset.to_text() for rrset in answer.answer] == ["www.example.org. 300 IN A 192.0.2.7"]


def test_marks_of_zone_and_rrset_come_back(zones: httpx.Client) -> None:
    zone = zones.get("zones/example.org.").json()

    comments = [rrset["comments"] for rrset in zone["rrsets"] if rrset["type"] == "A"]

    assert zone["account"] == ZONE["account"]
    assert [[(c["content"], c["account"]) for c in x] for x in comments] == [[("ours", "owner")]]
