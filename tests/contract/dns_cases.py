"""Zones and rrsets on a PowerDNS of the suite's own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self

import httpx
import pytest

from hack.stack import powerdns
from hack.stack.powerdns import PowerDNS
from hack.stack.stack import Stack
from ispalier.api.machines import ServiceHost
from ispalier.core.changes import ChangeSet
from ispalier.core.items import Item, Owner
from ispalier.core.lease import Lease
from ispalier.core.room import Backend, Results, Scope, Wiring
from ispalier.dns.items import RRSet, StartOfAuthority, Zone, account
from ispalier.dns.room import ROOM
from ispalier.world.secret import Secret
from tests.builders import resource
from tests.contract.case import HOST, owner

PARENT = "contract.test."
SERVERS = ("ns1.example.net.", "ns2.example.net.")
SOA = StartOfAuthority("ns1.example.net.", "dns.example.net.", 10800, 3600, 604800, 3600)
CLAIMS = frozenset(("zone", name) for name in (PARENT, *(f"z{n}.{PARENT}" for n in range(6))))
"""What the journal would remember of the customer: its zones, also those not wanted any more."""


@dataclass
class Remembering:
    """A back end that is asked as the engine asks: with the claims of the customer."""

    inner: Backend

    async def observe(self, scope: Scope) -> Sequence[Item]:
        return await self.inner.observe(scope._replace(claims=scope.claims | CLAIMS))

    async def apply(self, changes: ChangeSet) -> Results:
        return await self.inner.apply(changes)

    async def close(self) -> None:
        await self.inner.close()


@cache
def server_of(stack: Stack) -> PowerDNS:
    return powerdns.start(stack.workspace, "contract-dns")


def service_host(url: str, server: str = "localhost") -> ServiceHost:
    section = {
        "url": url,
        "server": server,
        "apiKeySecretRef": {"name": HOST, "key": "api"},
        "nameServers": [each.rstrip(".") for each in SERVERS],
        "soa": {"contact": "dns.example.net"},
    }
    host = resource("ServiceHost", HOST, {"type": "DNS", "dns": section})
    assert isinstance(host, ServiceHost)
    return host


def connected(
    url: str, api_key: str, server: str = "localhost", lease: Lease | None = None
) -> Backend:
    return ROOM.connect(Wiring(service_host(url, server), lambda _: Secret(api_key), "", lease))


class DNSCase:
    """What both have in common."""

    def __init__(self, server: PowerDNS) -> None:
        self.server = server
        url = f"{server.api_url}/api/v1/servers/localhost"
        self.http = httpx.Client(base_url=url, headers={"X-API-Key": server.api_key})

    @classmethod
    def start(cls, request: pytest.FixtureRequest) -> Self:
        return cls(server_of(request.getfixturevalue("stack")))

    def connect(self, lease: Lease | None = None) -> Backend:
        return Remembering(connected(self.server.api_url, self.server.api_key, lease=lease))

    def unreachable(self) -> Backend:
        return connected("http://127.0.0.1:9", "hidden")

    def prepare(self) -> None:
        for zone in self.http.get("zones").json():
            self.http.delete(f"zones/{zone['id']}")

    def make(self, zone: str, *rrsets: dict[str, object], mark: str = "") -> None:
        """Make a zone by hand."""
        apex = [
            data(zone, "SOA", SOA.content(0), ttl=3600),
            data(zone, "NS", *SERVERS, ttl=3600),
        ]
        body = {"name": zone, "kind": "Native", "nameservers": [], "rrsets": [*apex, *rrsets]}
        body["account"] = mark
        self.http.post("zones", json=body).raise_for_status()

    def patch(self, zone: str, *rrsets: dict[str, object]) -> None:
        """Change rrsets of a zone by hand."""
        self.http.patch(f"zones/{zone}", json={"rrsets": rrsets}).raise_for_status()

    def zone(self, name: str) -> dict[str, Any]:
        """A zone as the server tells it."""
        answer: dict[str, Any] = self.http.get(f"zones/{name}").raise_for_status().json()
        return answer


class ZoneCase(DNSCase):
    """Zones, each with its serial."""

    name = "dns zone"

    def item(self, number: int, owner: Owner) -> Zone:
        return Zone(host=HOST, owner=owner, name=_zone(number), name_servers=SERVERS, soa=SOA)

    def other(self, number: int, owner: Owner) -> Item:
        soa = SOA._replace(refresh=7200)
        return replace(self.item(number, owner), name_servers=SERVERS[:1], soa=soa)

    def bad(self, number: int, owner: Owner) -> Item:
        return replace(self.item(number, owner), name_servers=("two words.",))

    def plant(self, number: int) -> None:
        self.make(_zone(number))

    def respell(self, number: int) -> None:
        servers = ("NS2.Example.NET.", "NS1.EXAMPLE.net.")
        self.patch(_zone(number), data(_zone(number), "NS", *servers, ttl=3600))

    def spoil(self, number: int) -> None:
        self.patch(_zone(number), data(_zone(number), "NS", "ns.evil.test.", ttl=3600))

    def dump(self) -> object:
        return [self.zone(each["id"]) for each in self.http.get("zones").json()]


class RRSetCase(DNSCase):
    """Rrsets in a zone that is there; the zone's serial moves with each change."""

    type: str
    values: tuple[str, ...]
    respelt: tuple[str, ...]
    wrong: str
    evil: str

    def prepare(self) -> None:
        super().prepare()
        self.make(PARENT, mark=account(owner("parent")))

    def item(self, number: int, owner: Owner) -> RRSet:
        return RRSet(
            host=HOST,
            owner=owner,
            zone=PARENT,
            name=_name(number),
            type=self.type,
            ttl=300,
            values=self.values,
        )

    def other(self, number: int, owner: Owner) -> Item:
        return replace(self.item(number, owner), ttl=60, values=self.values[:1])

    def bad(self, number: int, owner: Owner) -> Item:
        return replace(self.item(number, owner), values=(self.wrong,))

    def plant(self, number: int) -> None:
        self.patch(PARENT, data(_name(number), self.type, *self.values))

    def respell(self, number: int) -> None:
        self.patch(PARENT, data(_name(number), self.type, *self.respelt))

    def spoil(self, number: int) -> None:
        self.patch(PARENT, data(_name(number), self.type, self.evil))

    def dump(self) -> object:
        return [each for each in self.zone(PARENT)["rrsets"] if each["type"] != "SOA"]


class AddressCase(RRSetCase):
    """IPv6 addresses; PowerDNS itself spells them short."""

    name = "dns rrset AAAA"
    type = "AAAA"
    values = ("2001:db8::1", "2001:db8::2")
    respelt = ("2001:0DB8:0000:0000:0000:0000:0000:0002", "2001:0DB8:0:0::1")
    wrong = "2001:db8::g"
    evil = "2001:db8::bad"


class TargetCase(RRSetCase):
    """Names of hosts, which PowerDNS keeps as they were typed."""

    name = "dns rrset MX"
    type = "MX"
    values = ("10 mail.contract.test.", "20 backup.example.net.")
    respelt = ("20 Backup.Example.NET.", "10 MAIL.contract.test.")
    wrong = "10 mail"
    evil = "0 mail.evil.test."


class TextCase(RRSetCase):
    """Text, with octets in different notations."""

    name = "dns rrset TXT"
    type = "TXT"
    values = ('"a\\"b\\\\c \\195\\164; d"', '"one" "two"')
    respelt = ('"\\111ne" "two"', '"a\\034b\\092c ä\\; d"')
    wrong = '"no end'
    evil = '"evil"'


def data(name: str, type_: str, *values: str, ttl: int = 300) -> dict[str, object]:
    """An rrset as somebody writes it by hand."""
    records = [{"content": each, "disabled": False} for each in values]
    return {"name": name, "type": type_, "ttl": ttl, "changetype": "REPLACE", "records": records}


def _zone(number: int) -> str:
    return f"z{number}.{PARENT}"


def _name(number: int) -> str:
    return f"h{number}.{PARENT}"


CASES = (ZoneCase, AddressCase, TargetCase, TextCase)
