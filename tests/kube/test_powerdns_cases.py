"""What operators for PowerDNS are known to do badly, with a real one, a real API server, and ours.

A widely used one leaves a record that was changed by hand wrong, calls a zone `Succeeded` that
somebody deleted, destroys a zone with foreign records in it as soon as its resource goes, adopts a
foreign zone without a word and destroys it later, gives up for good on what changed during an
outage, ends when it is started during one, writes 2,200 times at a restart, and holds namespaces
by finalizers. These are the same cases.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from hack.stack import powerdns
from hack.stack.controlplane import ControlPlane
from hack.stack.faultproxy import FaultProxy
from hack.stack.ports import HOST, free_port
from hack.stack.powerdns import PowerDNS
from hack.stack.stack import Stack
from ispalier.assembly import build
from ispalier.core.gather import Identity
from ispalier.journal.journal import Journal
from ispalier.journal.seal import Seal
from ispalier.kube.client import Access
from ispalier.kube.run import run
from ispalier.settings import Settings
from ispalier.world.snapshot import Snapshot
from tests.builders import plan, profile, resource, subscription, tenant, unit
from tests.charted import account_of
from tests.operators import Cluster, Running, cluster_of, until, writer_of

KEY = Seal.new_key()
ZONE, WWW = "silva.example.", "www.silva.example."
FOREIGN = "blog.silva.example."
OTHERS = "others.example."
Settings_ = Mapping[str, object]


@pytest.fixture(scope="module")
def dns(stack: Stack) -> PowerDNS:
    return powerdns.start(stack.workspace, "dns-cases")


@dataclass(slots=True)
class Scene:
    """A cluster with a zone of silva, and a PowerDNS with a proxy before it that counts."""

    cluster: Cluster
    kubeconfig: Path
    folder: Path
    proxy: FaultProxy
    dns: PowerDNS

    @asynccontextmanager
    async def operator(self, **settings: object) -> AsyncIterator[Running]:
        """Our operator with its real rooms and the journal of this scene."""
        stop = asyncio.Event()
        chosen = Settings.model_validate(
            {
                "listen": f"{HOST}:{free_port()}",
                "journal_url": f"sqlite:///{self.folder / 'ispalier.db'}",
                "sweep_interval": 1,
                "backend_timeout": 4,
                **settings,
            }
        )
        who = Identity("test-installation", KEY)
        journal = Journal.open(chosen.journal_url, KEY, who.installation)
        engine = build(Snapshot(), journal, chosen, who)
        with writer_of(engine) as writer:
            task = asyncio.create_task(run(chosen, engine, Access(self.kubeconfig), writer, stop))
            try:
                yield Running(engine, None, chosen.listen, stop, task)  # type: ignore[arg-type]  # its host is real
            finally:
                stop.set()
                await task
        journal.close()

    def api(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Somebody else's hand: PowerDNS itself, past the proxy."""
        answer = httpx.request(
            method,
            f"{self.dns.api_url}/api/v1/servers/localhost/zones{path}",
            headers={"X-API-Key": self.dns.api_key},
            json=body,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def zones(self) -> set[str]:
        return {each["name"] for each in self.api("GET", "")}

    def records(self, name: str) -> list[str]:
        rrsets = self.api("GET", f"/{ZONE}")["rrsets"] if ZONE in self.zones() else ()
        return [
            record["content"]
            for each in rrsets
            if (each["name"], each["type"]) == (name, "A")
            for record in each["records"]
            if not record["disabled"]
        ]

    async def serves(self, *values: str, seconds: float = 20) -> None:
        await self.wait(lambda: self.records(WWW) == list(values), seconds)

    async def wait(self, true: Callable[[], bool], seconds: float = 20) -> None:
        async def is_so() -> bool:
            return await asyncio.to_thread(true)

        await until(is_so, seconds)

    def is_off(self) -> bool:
        rrsets = self.api("GET", f"/{ZONE}")["rrsets"]
        (soa,) = (each for each in rrsets if each["type"] == "SOA")
        return bool(soa["records"][0]["disabled"])

    async def point(self, value: str) -> None:
        await self.cluster.patch("RecordSet", "silva", "www", {"values": [value]})


def by_hand(name: str, value: str) -> dict[str, Any]:
    record = {"content": value, "disabled": False}
    rrset = {"name": name, "type": "A", "ttl": 60, "changetype": "REPLACE", "records": [record]}
    return {"rrsets": [rrset]}


@asynccontextmanager
async def scene_of(kinds: ControlPlane, dns: PowerDNS, folder: Path) -> AsyncIterator[Scene]:
    with FaultProxy(dns.api_url) as proxy:
        async with cluster_of(kinds) as cluster:
            scene = Scene(cluster, account_of(kinds), folder, proxy, dns)
            for each in scene.zones():
                scene.api("DELETE", f"/{each}")
            await cluster.secret("ispalier", "dns", key=dns.api_key)
            host = {
                "url": proxy.url,
                "apiKeySecretRef": {"name": "dns", "key": "key"},
                "nameServers": ["ns1.provider.example", "ns2.provider.example"],
                "soa": {"contact": "hostmaster.provider.example"},
            }
            await cluster.create(
                unit(),
                profile(),
                plan(),
                resource("ServiceHost", "dns-1", {"type": "DNS", "dns": host}),
                tenant(),
                subscription(),
            )
            await cluster.create(*zone())
            yield scene


def zone() -> tuple[Any, ...]:
    domain = {"subscriptionRef": {"name": "home"}, "name": ZONE.rstrip(".")}
    record = {"domainRef": {"name": "main"}, "name": "www", "type": "A", "values": ["192.0.2.1"]}
    return resource("Domain", "main", domain, "silva"), resource(
        "RecordSet", "www", record, "silva"
    )


def test_what_is_changed_by_hand_is_put_right(
    kinds: ControlPlane, dns: PowerDNS, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scene_of(kinds, dns, tmp_path) as scene, scene.operator():
            await scene.serves("192.0.2.1")
            scene.api("PATCH", f"/{ZONE}", by_hand(WWW, "198.51.100.66"))
            await scene.serves("192.0.2.1")

            scene.api("DELETE", f"/{ZONE}")

            await scene.serves("192.0.2.1")

    anyio.run(story)


def test_a_zone_whose_resource_goes_is_kept_with_all_that_is_in_it_and_comes_back(
    kinds: ControlPlane, dns: PowerDNS, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scene_of(kinds, dns, tmp_path) as scene, scene.operator(retire_after=1):
            await scene.serves("192.0.2.1")
            scene.api("PATCH", f"/{ZONE}", by_hand(FOREIGN, "198.51.100.7"))
            await scene.cluster.delete("RecordSet", "silva", "www")
            await scene.cluster.delete("Domain", "silva", "main")

            await scene.wait(scene.is_off)
            assert scene.records(FOREIGN) == ["198.51.100.7"]

            await scene.cluster.create(*zone())
            await scene.wait(lambda: not scene.is_off())
            await scene.serves("192.0.2.1")
            assert scene.records(FOREIGN) == ["198.51.100.7"]

    anyio.run(story)


def test_a_foreign_zone_is_neither_adopted_nor_ever_destroyed(
    kinds: ControlPlane, dns: PowerDNS, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scene_of(kinds, dns, tmp_path) as scene:
            theirs = {"name": OTHERS, "kind": "Native", "nameservers": ["ns.others.example."]}
            scene.api("POST", "", theirs)
            before = scene.api("GET", f"/{OTHERS}")
            domain = {"subscriptionRef": {"name": "home"}, "name": OTHERS.rstrip(".")}
            await scene.cluster.create(resource("Domain", "others", domain, "silva"))
            async with scene.operator(retire_after=0, keep_days=0):
                await scene.serves("192.0.2.1")
                await scene.cluster.is_ready("Domain", "silva", "others", "False Conflict")
                await scene.cluster.delete("Domain", "silva", "others")
                await asyncio.sleep(3)

                assert scene.api("GET", f"/{OTHERS}") == before

    anyio.run(story)


def test_what_changed_during_an_outage_is_right_after_it_without_a_person(
    kinds: ControlPlane, dns: PowerDNS, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scene_of(kinds, dns, tmp_path) as scene, scene.operator():
            await scene.serves("192.0.2.1")
            await asyncio.to_thread(dns.stop)
            try:
                await scene.point("192.0.2.2")
                told = "False BackendUnavailable"
                await scene.cluster.is_ready("RecordSet", "silva", "www", told)
            finally:
                await asyncio.to_thread(dns.start)

            await scene.serves("192.0.2.2")
            await scene.cluster.is_ready("RecordSet", "silva", "www", "True Ready")

    anyio.run(story)


def test_started_during_an_outage_it_waits_and_then_serves(
    kinds: ControlPlane, dns: PowerDNS, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scene_of(kinds, dns, tmp_path) as scene:
            await asyncio.to_thread(dns.stop)
            try:
                async with scene.operator() as it:
                    await it.ready()
                    told = "False BackendUnavailable"
                    await scene.cluster.is_ready("RecordSet", "silva", "www", told)
                    await asyncio.to_thread(dns.start)
                    await scene.serves("192.0.2.1")
            finally:
                if dns.process.pid is None:
                    await asyncio.to_thread(dns.start)

    anyio.run(story)


def test_a_restart_writes_nothing(kinds: ControlPlane, dns: PowerDNS, tmp_path: Path) -> None:
    async def story() -> None:
        async with scene_of(kinds, dns, tmp_path) as scene:
            async with scene.operator():
                await scene.serves("192.0.2.1")
                await scene.cluster.all_ready()
            before, versions = len(scene.proxy.writes()), await _versions(scene.cluster)

            async with scene.operator() as it:
                await it.ready()
                await asyncio.sleep(2.5)

            assert len(scene.proxy.writes()) == before
            assert await _versions(scene.cluster) == versions

    anyio.run(story)


def test_a_namespace_goes_while_the_name_server_is_away(
    kinds: ControlPlane, dns: PowerDNS, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scene_of(kinds, dns, tmp_path) as scene, scene.operator():
            await scene.serves("192.0.2.1")
            await asyncio.to_thread(dns.stop)
            try:
                await scene.cluster.client.request("DELETE", "/api/v1/namespaces/silva")

                async def is_gone() -> bool:
                    path = "/apis/ispalier.dev/v1alpha1/namespaces/silva/domains"
                    return not (await scene.cluster.client.request("GET", path))["items"]

                await until(is_gone)
            finally:
                await asyncio.to_thread(dns.start)
            await asyncio.sleep(1.5)
            assert scene.records(WWW) == ["192.0.2.1"]  # waited for

    anyio.run(story)


async def _versions(cluster: Cluster) -> dict[str, str]:
    found = {}
    for plural in ("domains", "recordsets", "subscriptions"):
        path = f"/apis/ispalier.dev/v1alpha1/namespaces/silva/{plural}"
        for each in (await cluster.client.request("GET", path))["items"]:
            found[f"{plural}/{each['metadata']['name']}"] = each["metadata"]["resourceVersion"]
    return found
