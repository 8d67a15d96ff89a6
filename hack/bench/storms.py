"""Storms: real systems that fail, an operator that is killed, edits all the while; then all is right."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx

from hack.bench import resources
from hack.bench.api import Api, Body, collection, connected, is_ready, prepare, spread
from hack.bench.cluster import KINDS
from hack.bench.report import figure
from hack.bench.soak import EFFECTS
from hack.stack import operator as operators
from hack.stack.faultproxy import Fault, FaultProxy
from hack.stack.operator import Operator
from hack.stack.stack import Stack
from ispalier.api.kinds import BY_NAME

STORMS = int(os.environ.get("ISPALIER_STORMS", "100"))
TENANTS = 4
STEPS = 15
PER_TENANT = {"logins": 2, "mailboxes": 1, "records": 2}
LEAVES = ("RecordSet", "Mailbox", "Login")
FOREIGN = "foreign.example."
ENV = {
    "ISPALIER_SWEEP_INTERVAL": "1",
    "ISPALIER_RETIRE_AFTER": "1",
    "ISPALIER_BRAKE_MINIMUM": "1000000",
    "ISPALIER_BRAKE_INTERRUPT_MINIMUM": "1000000",
}
USERS = """
SELECT username FROM radcheck UNION SELECT username FROM radreply
UNION SELECT username FROM radusergroup
"""
TWICE = """
SELECT value FROM radreply WHERE attribute = 'Framed-IP-Address' GROUP BY value HAVING count(*) > 1
UNION ALL
SELECT username FROM radcheck GROUP BY username, attribute, op HAVING count(*) > 1
"""
PATIENCE = 60.0
"""Seconds after a storm until all must be right."""


@dataclass(slots=True)
class Sea:
    """Where storms come up: a cluster and systems behind proxies that fail, and an operator."""

    stack: Stack
    api: Api
    operator: Operator
    proxies: list[FaultProxy]
    bodies: dict[str, Body]
    """The leaves as they are declared, by path."""
    gone: dict[str, Body] = field(default_factory=dict)
    foreign: object = None

    async def storm(self, seed: int) -> list[str]:
        """Let one storm pass; returns what is wrong afterwards."""
        chance = random.Random(seed)  # noqa: S311 - a schedule
        async with AsyncExitStack() as faults:
            for number in range(STEPS):
                await self._step(chance, faults, number)
                await asyncio.sleep(chance.random() / 5)
        for path in list(self.gone):
            await self._create(path)
        try:
            async with asyncio.timeout(PATIENCE):
                while wrong := await self._wrong():  # noqa: ASYNC110 - of systems elsewhere
                    await asyncio.sleep(0.2)
        except TimeoutError:
            return [f"seed {seed}: {each}" for each in wrong[:5]]
        return []

    async def _step(self, chance: random.Random, faults: AsyncExitStack, number: int) -> None:
        match chance.randrange(10):
            case 0 | 1 | 2 | 3:
                await self._edit(chance.choice(sorted(self.bodies)), chance)
            case 4:
                await self._delete(chance.choice(sorted(self.bodies)))
            case 5 if self.gone:
                await self._create(chance.choice(sorted(self.gone)))
            case 6 | 7:
                proxy = chance.choice(self.proxies)
                fault = Fault(chance.choice(EFFECTS), times=chance.randrange(1, 6))
                faults.enter_context(proxy.fault(fault))
            case 8:
                self.proxies[0].break_watches()
            case 9 if number % 3 == 0:
                await asyncio.to_thread(self.operator.kill)
                await asyncio.to_thread(self.operator.start)
            case _:
                await self._by_hand(chance)

    async def _edit(self, path: str, chance: random.Random) -> None:
        body = self.bodies[path]
        number = chance.randrange(1000)
        change = {
            "RecordSet": {"ttl": 300 + number},
            "Mailbox": {"quotaMiB": 2000 + number},
            "Login": {"macAddresses": [f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"]},
        }[body["kind"]]
        body["spec"].update(change)
        await self.api.patch(body, {"spec": change})

    async def _delete(self, path: str) -> None:
        self.gone[path] = self.bodies.pop(path)
        await self.api.delete(path)

    async def _create(self, path: str) -> None:
        self.bodies[path] = self.gone.pop(path)
        await self.api.create(self.bodies[path])

    async def _by_hand(self, chance: random.Random) -> None:
        """Somebody changes what is ours, past everything."""
        name = chance.choice([b["spec"]["username"] for b in self.of("Login")] or ["nobody"])
        self.stack.postgres.execute(
            "radius",
            f"UPDATE radcheck SET value = 'x' WHERE username = '{name}' AND op = '=~'",  # noqa: S608 - names of ours
        )

    def of(self, kind: str) -> list[Body]:
        """The declared leaves of a kind."""
        return [each for each in self.bodies.values() if each["kind"] == kind]

    async def _wrong(self) -> list[str]:
        return [
            *[
                f"{kind}/{each['metadata']['name']} is not Ready"
                for kind in KINDS
                for each in await self.api.list(f"/apis/ispalier.dev/v1alpha1/{_plural(kind)}")
                if not is_ready(each)
            ],
            *await asyncio.to_thread(self._differing),
            *await asyncio.to_thread(self._too_much),
        ]

    def _differing(self) -> list[str]:
        """What the systems hold otherwise than it was declared last."""
        rows = self.stack.postgres.rows
        macs = {
            row[0]: row[1]
            for row in rows("radius", "SELECT username, value FROM radcheck WHERE op = '=~'")
        }
        quotas = {
            row[0]: row[1] for row in rows("mail", "SELECT address, quota_bytes FROM mailbox")
        }
        ttls = {
            (each["name"], each["type"]): each["ttl"]
            for tenant in range(TENANTS)
            for each in self._zone(f"storm{tenant}.example.")["rrsets"]
        }
        wrong = []
        for each in self.of("Login"):
            mac = each["spec"].get("macAddresses", [""])[0].replace(":", "-").upper()
            if mac and mac not in str(macs.get(each["spec"]["username"])).upper():
                wrong.append(f"{each['spec']['username']} has another MAC address than {mac}")
        for each in self.of("Mailbox"):
            quota = each["spec"].get("quotaMiB", 1024) * 1024 * 1024
            if quotas.get(each["spec"]["address"]) != quota:
                wrong.append(f"{each['spec']['address']} has another quota than {quota}")
        for each in self.of("RecordSet"):
            name = f"{each['spec']['name']}.{each['metadata']['namespace']}.example."
            if ttls.get((name, "A")) != each["spec"].get("ttl", 3600):
                wrong.append(f"{name} has another TTL than {each['spec'].get('ttl', 3600)}")
        if self._zone(FOREIGN) != self.foreign:
            wrong.append("the foreign zone was touched")
        return wrong

    def _too_much(self) -> list[str]:
        """What the systems hold that nobody declared, and what two hold at once."""
        rows = self.stack.postgres.rows
        users = {each["spec"]["username"] for each in self.of("Login")}
        boxes = {each["spec"]["address"] for each in self.of("Mailbox")}
        names = {each["spec"]["name"] for each in self.of("RecordSet")}
        there = {str(row[0]) for row in rows("radius", USERS)}
        records = {
            each["name"].partition(".")[0]
            for tenant in range(TENANTS)
            for each in self._zone(f"storm{tenant}.example.")["rrsets"]
            if each["type"] == "A"
        }
        mailboxes = {str(row[0]) for row in rows("mail", "SELECT address FROM mailbox")}
        return [
            *(f"{each} is a ghost" for each in sorted((there - users) | (mailboxes - boxes))),
            *(f"record {each} is a ghost" for each in sorted(records - names)),
            *(f"{row[0]} is given out twice" for row in rows("radius", TWICE)),
        ]

    def _zone(self, name: str) -> Body:
        dns = self.stack.powerdns
        url = f"{dns.api_url}/api/v1/servers/localhost/zones/{name}"
        answer = httpx.get(url, headers={"X-API-Key": dns.api_key})
        if answer.status_code == httpx.codes.NOT_FOUND:
            return {"rrsets": []}
        found: Body = answer.raise_for_status().json()
        return found

    def plant(self) -> None:
        """Make what is not ours."""
        dns = self.stack.powerdns
        body = {"name": FOREIGN, "kind": "Native", "nameservers": ["ns.foreign.example."]}
        url = f"{dns.api_url}/api/v1/servers/localhost/zones"
        httpx.post(url, json=body, headers={"X-API-Key": dns.api_key}).raise_for_status()
        self.foreign = self._zone(FOREIGN)


@asynccontextmanager
async def sea(stack: Stack) -> AsyncIterator[Sea]:
    """A cluster in which everything is Ready, before the first storm."""
    cluster = stack.controlplane
    async with AsyncExitStack() as end:
        api_proxy = end.enter_context(FaultProxy(cluster.url, cluster.ca_file, cluster.key_file))
        dns_proxy = end.enter_context(FaultProxy(stack.powerdns.api_url))
        api = await end.enter_async_context(connected(cluster))
        provider = list(resources.provider(stack))
        for each in provider:
            if "dns" in each.get("spec", {}):
                each["spec"]["dns"]["url"] = dns_proxy.url
        await spread(provider, api.create, 1)
        names = [f"storm{number}" for number in range(TENANTS)]
        await prepare(api, (each for name in names for each in resources.secrets(name)))
        bodies = [
            each
            for name in names
            for each in (
                *resources.tenant(name, f"st{name[5:]}"),
                *resources.services(name, **PER_TENANT),
            )
        ]
        operator = operators.prepare(
            stack.workspace, cluster, ENV, through=api_proxy.url, name="operator-storms"
        )
        operator.start()
        end.push_async_callback(asyncio.to_thread, operator.kill)
        await spread(bodies, api.create)
        leaves = {_path(each): each for each in bodies if each["kind"] in LEAVES}
        made = Sea(stack, api, operator, [api_proxy, dns_proxy], leaves)
        made.plant()
        yield made


async def run(stack: Stack) -> None:
    """So many storms, each one number."""
    first = random.randrange(10**6)  # noqa: S311 - a schedule
    wrong: list[str] = []
    begin = time.monotonic()
    async with sea(stack) as made:
        for seed in range(first, first + STORMS):
            wrong += await made.storm(seed)
    figure(
        "fault schedules on real systems: 0 lost, 0 ghost, 0 foreign touched, 0 double",
        schedules=STORMS,
        failed=len(wrong),
        told="; ".join(wrong[:3]),
        first_seed=first,
        seconds=time.monotonic() - begin,
    )


def _path(body: Body) -> str:
    return f"{collection(body)}/{body['metadata']['name']}"


def _plural(kind: str) -> str:
    return BY_NAME[kind].plural
