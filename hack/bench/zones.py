"""200 zones of 5 rrsets: in a cluster beside the floor, from a folder beside octoDNS."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import httpx
import yaml

from hack.bench import resources
from hack.bench.api import Api, all_ready, collection, connected, prepare, spread
from hack.bench.cluster import STATUS
from hack.bench.report import figure
from hack.stack.operator import ispalier, running
from hack.stack.powerdns import PowerDNS
from hack.stack.stack import Stack

Body: TypeAlias = dict[str, Any]
TENANTS, ZONES, RECORDS = 20, 10, 5
RUNS = 3
"""Of the commands: each beside its peer, the middle one counts."""
KINDS = ("Tenant", "Subscription", "Domain", "RecordSet")


async def run(stack: Stack) -> None:
    """All figures of this module."""
    async with connected(stack.controlplane) as api:
        await spread(resources.provider(stack), api.create, 1)
        raw = await floor(api, stack.powerdns)
        with running(stack.workspace, stack.controlplane):
            await cold(api, raw)
    with tempfile.TemporaryDirectory(prefix="ispalier-bench-") as name:
        await asyncio.to_thread(_from_a_folder, stack, Path(name))


def load(prefix: str) -> tuple[list[Body], list[Body]]:
    """Namespaces and secrets; then tenants with their zones."""
    names = [f"{prefix}{number:02}" for number in range(TENANTS)]
    before = chain.from_iterable(resources.secrets(name) for name in names)
    bodies = chain.from_iterable(
        (*resources.tenant(name, f"{prefix}{n}"), *_zones(name)) for n, name in enumerate(names)
    )
    return list(before), list(bodies)


def _zones(name: str) -> Iterator[Body]:
    for zone in range(ZONES):
        spec = {"subscriptionRef": {"name": "home"}, "name": f"z{zone}.{name}.example"}
        yield resources.body("Domain", f"z{zone}", spec, name)
        for record in range(RECORDS):
            rrset = {
                "domainRef": {"name": f"z{zone}"},
                "name": f"w{record}",
                "type": "A",
                "values": [f"192.0.2.{record + 1}"],
            }
            yield resources.body("RecordSet", f"z{zone}-w{record}", rrset, name)


async def floor(api: Api, dns: PowerDNS) -> float:
    """Seconds for the creates, a status write each and one POST per zone, nobody else at work."""
    before, bodies = load("floor")
    await prepare(api, before)
    begin = time.monotonic()
    await spread(bodies, api.create)
    await spread(bodies, lambda body: api.patch(body, {"status": STATUS}, "/status"))
    async with _powerdns(dns) as client:
        for body in bodies:
            if body["kind"] == "Domain":
                (await client.post("/zones", json=_zone(body["spec"]["name"]))).raise_for_status()
        seconds = time.monotonic() - begin
        for body in bodies:
            if body["kind"] == "Domain":
                await client.delete(f"/zones/{body['spec']['name']}.")
    await spread(bodies, lambda b: api.delete(f"{collection(b)}/{b['metadata']['name']}"))
    return seconds


async def cold(api: Api, raw: float) -> None:
    """From the first create to all Ready."""
    before, bodies = load("zone")
    await prepare(api, before)
    begin = time.monotonic()
    ready = asyncio.create_task(all_ready(api, KINDS, len(bodies), "zone"))
    await spread(bodies, api.create)
    await ready
    seconds = time.monotonic() - begin
    figure(
        "200 zones of 5 rrsets in a cluster, cold",
        seconds=seconds,
        floor_seconds=raw,
        ratio=seconds / raw,
        bar_ratio=2.0,
    )


def _from_a_folder(stack: Stack, folder: Path) -> None:
    """`ispalier apply` and `octodns-sync` on the same zones, each cold and without changes."""
    theirs, before = _octodns(stack.powerdns, folder), asyncio.run(_zones_there(stack.powerdns))
    cold_times: list[tuple[float, float]] = []
    again_times: list[tuple[float, float]] = []
    for run in range(RUNS):
        tree = folder / f"tree-{run}"
        ours = _ours(stack, tree)
        cold_times.append((_timed(ours, tree), _timed(theirs, folder)))
        again_times.append((_timed(ours, tree), _timed(theirs, folder)))
        asyncio.run(_zones_there(stack.powerdns, but=before))
    for name, times in (("cold", cold_times), ("no change", again_times)):
        seconds, octodns = (median(each) for each in zip(*times, strict=True))
        figure(
            f"200 zones of 5 rrsets from a folder, {name}",
            seconds=seconds,
            octodns_seconds=octodns,
            ratio=seconds / octodns,
            bar_ratio=1.0,
        )


def _ours(stack: Stack, tree: Path) -> list[str]:
    """The zones as a folder of ours, and the command that applies it."""
    subprocess.run([ispalier(), "init", str(tree)], check=True, capture_output=True)
    before, bodies = load("dir")
    documents = [*filter(_is_for_names, resources.provider(stack)), *before, *bodies]
    (tree / "all.yaml").write_text(yaml.safe_dump_all(documents, sort_keys=False))
    return [str(ispalier()), "apply", "."]


async def _zones_there(dns: PowerDNS, but: frozenset[str] | None = None) -> frozenset[str]:
    """The zones that are there; all `but` some are deleted."""
    async with _powerdns(dns) as client:
        names = frozenset(each["id"] for each in (await client.get("/zones")).json())
        for name in names - but if but is not None else ():
            (await client.delete(f"/zones/{name}")).raise_for_status()
    return names


def _is_for_names(body: Body) -> bool:
    """Leave out the hosts that zones do not need: octoDNS does not look at them either."""
    return bool(body["kind"] != "ServiceHost" or body["spec"]["type"] == "DNS")


def _timed(command: list[str], folder: Path) -> float:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begin = time.monotonic()
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, env=env)
    seconds = time.monotonic() - begin
    if done.returncode:
        message = f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise RuntimeError(message)
    return seconds


def _octodns(dns: PowerDNS, folder: Path) -> list[str]:
    """The same zones under another name as octoDNS' own files."""
    zones = folder / "zones"
    zones.mkdir()
    names = [
        f"z{zone}.octo{tenant:02}.example." for tenant in range(TENANTS) for zone in range(ZONES)
    ]
    records = {
        f"w{record}": {"type": "A", "ttl": 3600, "values": [f"192.0.2.{record + 1}"]}
        for record in range(RECORDS)
    }
    apex = {"": {"type": "NS", "values": ["ns1.bench.example.", "ns2.bench.example."]}}
    for name in names:
        (zones / f"{name}yaml").write_text(yaml.safe_dump(apex | records))
    url = httpx.URL(dns.api_url)
    config = {
        "manager": {"max_workers": 4},
        "providers": {
            "files": {"class": "octodns.provider.yaml.YamlProvider", "directory": str(zones)},
            "powerdns": {
                "class": "octodns_powerdns.PowerDnsProvider",
                "host": url.host,
                "port": url.port,
                "api_key": dns.api_key,
            },
        },
        "zones": {name: {"sources": ["files"], "targets": ["powerdns"]} for name in names},
    }
    file = folder / "octodns.yaml"
    file.write_text(yaml.safe_dump(config))
    program = str(Path(ispalier()).with_name("octodns-sync"))
    return [program, f"--config-file={file}", "--doit", "--force"]


def _powerdns(dns: PowerDNS) -> httpx.AsyncClient:
    base = f"{dns.api_url.rstrip('/')}/api/v1/servers/localhost"
    return httpx.AsyncClient(base_url=base, headers={"X-API-Key": dns.api_key})


def _zone(name: str) -> Body:
    rrsets = [
        {
            "name": f"w{record}.{name}.",
            "type": "A",
            "ttl": 3600,
            "records": [{"content": f"192.0.2.{record + 1}", "disabled": False}],
        }
        for record in range(RECORDS)
    ]
    servers = ["ns1.bench.example.", "ns2.bench.example."]
    return {"name": f"{name}.", "kind": "Native", "nameservers": servers, "rrsets": rrsets}
