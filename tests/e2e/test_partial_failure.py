"""Real servers that hang or are slow: everybody else is served meanwhile, and they catch up."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import anyio
import dns.message
import dns.query
import pytest

from hack.stack import powerdns
from hack.stack.controlplane import ControlPlane
from hack.stack.faultproxy import Delay, Fault, FaultProxy
from hack.stack.places import RADIUS_QUERIES, radius_stock
from hack.stack.ports import HOST, free_port
from hack.stack.postgres import Postgres
from hack.stack.powerdns import PowerDNS
from hack.stack.stack import Stack
from ispalier.api.base import Resource
from ispalier.assembly import build
from ispalier.core.gather import Identity
from ispalier.journal.journal import Journal
from ispalier.journal.seal import Seal
from ispalier.kube.client import Access
from ispalier.kube.run import run
from ispalier.radius.schema import DDL
from ispalier.settings import Settings
from ispalier.world.snapshot import Snapshot
from tests.builders import login, plan, profile, resource, service_host, subscription, tenant, unit
from tests.charted import account_of
from tests.folders import zones_cleared
from tests.operators import Cluster, cluster_of, until, writer_of

IN_TIME = 1.5
"""Seconds in which an edit is Ready, whatever becomes of hosts that it is not about."""
SLEEPY = """
CREATE FUNCTION sleepy() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(3); RETURN NULL; END $$;
CREATE TRIGGER sleepy AFTER INSERT OR UPDATE OR DELETE ON radcheck
FOR EACH STATEMENT EXECUTE FUNCTION sleepy();
"""
AWAKE = "DROP TRIGGER sleepy ON radcheck; DROP FUNCTION sleepy;"
KEY = Seal.new_key()


@dataclass(slots=True)
class Scene:
    """Two tenants with logins, one of them with a zone, on real hosts."""

    cluster: Cluster
    listen: str
    edits: int = 0

    async def seconds(self, kind: str, namespace: str, name: str, **spec: object) -> float:
        """Edit something; how long it takes until it is Ready as edited."""
        clock = asyncio.get_running_loop()
        began = clock.time()
        await self.cluster.patch(kind, namespace, name, spec)

        async def ready() -> bool:
            body = await self.cluster.get(kind, namespace, name)
            status = body["status"]
            is_new = status["observedGeneration"] == body["metadata"]["generation"]
            return bool(is_new and status["conditions"][0]["status"] == "True")

        await until(ready)
        return clock.time() - began

    async def login(self, namespace: str) -> float:
        """Edit the tenant's login; how long it takes until it is Ready."""
        self.edits += 1
        mac = f"02:00:00:00:00:{self.edits:02x}"
        return await self.seconds("Login", namespace, namespace, macAddresses=[mac])


@cache
def server_of(stack: Stack) -> PowerDNS:
    return powerdns.start(stack.workspace, "stopped-dns")


@pytest.fixture
def server(stack: Stack) -> Iterator[PowerDNS]:
    """Each test has a journal of its own, which must not meet what the one before made."""
    found = server_of(stack)
    with zones_cleared(found):
        yield found


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    stock = radius_stock()
    assert stock is not None
    name = "partial_failure"
    if not postgres.rows("postgres", f"SELECT FROM pg_database WHERE datname = '{name}'"):
        postgres.create_database(name, (stock / RADIUS_QUERIES / "schema.sql").read_text() + DDL)
    yield postgres.url(name)
    postgres.execute(name, "TRUNCATE radcheck, radreply, radusergroup, ispalier_owner")


def declared(namespace: str, number: str) -> list[Resource]:
    contract = {"subscriptionRef": {"name": "home"}}
    record = {"domainRef": {"name": "main"}, "name": "www", "type": "A", "values": ["192.0.2.1"]}
    return [
        tenant(namespace, number),
        subscription(namespace),
        login(namespace, namespace),
        resource("Domain", "main", contract | {"name": f"{namespace}.example"}, namespace),
        resource("RecordSet", "www", record, namespace),
    ]


@asynccontextmanager
async def scene(
    kinds: ControlPlane, folder: Path, database: str, url: str, key: str
) -> AsyncIterator[Scene]:
    """An operator at work that has served everything, and knows how long its hosts take."""
    reference = {"urlSecretRef": {"name": "hosts", "key": "url"}}
    section = {
        "url": url,
        "apiKeySecretRef": {"name": "hosts", "key": "key"},
        "nameServers": ["ns1.example.net", "ns2.example.net"],
        "soa": {"contact": "dns.example.net"},
    }
    hosts = [
        service_host("aaa", "RADIUS", radius={"database": reference}),
        service_host("ns1", "DNS", dns=section),
    ]
    listen = f"{HOST}:{free_port()}"
    settings = Settings(listen=listen, journal_url=f"sqlite:///{folder / 'ispalier.db'}")
    async with cluster_of(kinds) as cluster:
        await cluster.secret(settings.namespace, "hosts", url=database, key=key)
        await cluster.secret("silva", "passwords", login="wireless")
        await cluster.secret("souza", "passwords", login="wireless")
        tenants = [*declared("silva", "10042"), *declared("souza", "10043")]
        await cluster.create(unit(), profile(), plan(), *hosts, *tenants)
        with closing(Journal.open(settings.journal_url, KEY, "test")) as journal:
            made = build(Snapshot(), journal, settings, Identity("test", KEY))
            stop = asyncio.Event()
            with writer_of(made) as writer:
                access = Access(account_of(kinds))
                task = asyncio.create_task(run(settings, made, access, writer, stop))
                try:
                    await cluster.all_ready()
                    yield Scene(cluster, listen)
                finally:
                    stop.set()
                    await task


@contextmanager
def stopped(server: PowerDNS) -> Iterator[None]:
    """It takes connections, and does not answer."""
    pid = server.process.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def served(server: PowerDNS, name: str) -> list[str]:
    query = dns.message.make_query(name, "A")
    answer = dns.query.udp(query, HOST, port=server.dns_port, timeout=5)
    return sorted(str(record) for each in answer.answer for record in each)


@pytest.mark.parametrize("seconds", [1, 14])
def test_while_a_name_server_hangs_logins_are_served_and_then_it_catches_up(
    kinds: ControlPlane, tmp_path: Path, database: str, server: PowerDNS, seconds: float
) -> None:
    async def story() -> tuple[list[float], float]:
        clock = asyncio.get_running_loop()
        async with scene(kinds, tmp_path, database, server.api_url, server.api_key) as at:
            await at.login("silva")
            with stopped(server):
                values = {"values": ["192.0.2.7"]}
                await at.cluster.patch("RecordSet", "silva", "www", values)
                waited = [await at.login(each) for each in ("silva", "souza", "silva", "souza")]
                told = "False BackendUnavailable"
                await at.cluster.is_ready("RecordSet", "silva", "www", told)
                await anyio.sleep(seconds)
            began = clock.time()
            await at.cluster.all_ready()
            return waited, clock.time() - began

    waited, caught_up = anyio.run(story)

    assert max(waited) < IN_TIME
    assert caught_up < 5
    assert served(server, "www.silva.example.") == ["192.0.2.7"]


def test_a_slow_name_server_gets_on(
    kinds: ControlPlane, tmp_path: Path, database: str, server: PowerDNS
) -> None:
    async def story() -> None:
        with FaultProxy(server.api_url) as proxy:
            async with scene(kinds, tmp_path, database, proxy.url, server.api_key) as at:
                with proxy.fault(Fault(Delay(1.5), path="/zones", times=None)):
                    await at.seconds("RecordSet", "silva", "www", values=["192.0.2.8"])

    anyio.run(story)

    assert served(server, "www.silva.example.") == ["192.0.2.8"]


def test_while_a_database_is_slow_to_write_zones_are_served_and_it_gets_on(
    kinds: ControlPlane, tmp_path: Path, database: str, server: PowerDNS, postgres: Postgres
) -> None:
    async def story() -> float:
        async with scene(kinds, tmp_path, database, server.api_url, server.api_key) as at:
            await at.login("silva")
            postgres.execute("partial_failure", SLEEPY)
            try:
                writing = asyncio.create_task(at.login("silva"))
                await anyio.sleep(0.1)
                zone = await at.seconds("RecordSet", "silva", "www", values=["192.0.2.9"])
                await writing
                return zone
            finally:
                postgres.execute("partial_failure", AWAKE)

    zone = anyio.run(story)

    assert zone < 2 * IN_TIME
    assert served(server, "www.silva.example.") == ["192.0.2.9"]
