"""Two real operators on one journal on PostgreSQL, before a real cluster and real systems."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx

from hack.stack.controlplane import ControlPlane
from hack.stack.errors import StackError
from hack.stack.faultproxy import FaultProxy
from hack.stack.operator import Operator, prepare
from hack.stack.places import RADIUS_QUERIES, radius_stock
from hack.stack.stack import Stack
from ispalier.api.base import Resource
from ispalier.api.kinds import BY_NAME
from ispalier.kube.client import path_of
from ispalier.kube.identity import NAME
from ispalier.mail import schema as mail
from ispalier.radius import schema as radius
from tests.builders import (
    login,
    mail_domain,
    mailbox,
    plan,
    profile,
    resource,
    service_host,
    subscription,
    tenant,
    unit,
)
from tests.charted import account_of
from tests.operators import Body, Cluster, cluster_of, until

LEASE = 3.0
"""Seconds."""
SOON = 20.0
CONTRACT = {"subscriptionRef": {"name": "home"}}
EDITED = ("RecordSet", "Login", "Mailbox")

COUNTED = """
CREATE TABLE written (what text NOT NULL);
CREATE FUNCTION note_written() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO written VALUES ({what}); RETURN NEW; END $$;
CREATE TRIGGER counted AFTER INSERT OR UPDATE ON {table}
  FOR EACH ROW EXECUTE FUNCTION note_written();
"""


@dataclass(slots=True)
class Replicas:
    """The two, what they write to, and what was written."""

    stack: Stack
    cluster: Cluster
    dns: FaultProxy
    operators: Sequence[Operator]
    databases: dict[str, str]
    """The name of the database of `radius` and of `mail`."""
    names: Sequence[str]
    """The tenants, which are also their namespaces, user names and first labels of their zones."""
    versions: dict[tuple[str, str, int], set[str]] = field(default_factory=dict)
    """The versions that were seen of each kind, namespace, generation."""

    def acting(self) -> Operator:
        """The one that writes."""
        return next(each for each in self.operators if each.is_acting())

    def other(self, one: Operator) -> Operator:
        """The other one."""
        return next(each for each in self.operators if each is not one)

    async def edit(self, kind: str, name: str, number: int) -> None:
        """Change the resource of a kind in a tenant."""
        await self.cluster.patch(kind, name, "one", edit(kind, number))

    async def has_taken_over(self, one: Operator) -> None:
        """Wait until it is the one that writes."""

        async def acts() -> bool:
            return await asyncio.to_thread(one.is_acting)

        await until(acts, SOON)

    async def edit_all(self, number: int) -> None:
        """Edit one thing of each kind of every tenant."""
        await asyncio.gather(
            *(self.edit(kind, name, number) for kind in EDITED for name in self.names)
        )

    async def all_served(self) -> None:
        """Wait until all that was edited is Ready."""
        for kind in EDITED:
            for name in self.names:
                await self.is_served(kind, name)

    async def is_served(self, kind: str, name: str) -> None:
        """Wait until the generation that was written last is Ready."""

        async def ready() -> bool:
            raw = await self.cluster.get(kind, name, "one")
            return raw["status"]["observedGeneration"] == raw["metadata"]["generation"] and any(
                each["type"] == "Ready" and each["status"] == "True"
                for each in raw["status"].get("conditions", ())
            )

        await until(ready, SOON)

    def rows(self, room: str, query: str) -> list[tuple[object, ...]]:
        """What a query finds in the database of a room."""
        return self.stack.postgres.rows(self.databases[room], query)

    def written(self, room: str) -> Counter[object]:
        """How often each value was written to the table of a room that is counted."""
        return Counter(row[0] for row in self.rows(room, "SELECT what FROM written"))

    def zones_written(self, since: int) -> Counter[str]:
        """How often each zone was changed, after so many writes."""
        return Counter(each.path.rpartition("/")[2] for each in self.dns.writes()[since:])

    def ttl(self, name: str) -> int:
        """The TTL that PowerDNS serves for the record of a tenant."""
        pdns = self.stack.powerdns
        url = f"{pdns.api_url}/api/v1/servers/localhost/zones/{name}.replica.test."
        zone = httpx.get(url, headers={"X-API-Key": pdns.api_key}).raise_for_status().json()
        return next(int(each["ttl"]) for each in zone["rrsets"] if each["type"] == "A")

    async def now(self, kind: str) -> str:
        """The version of all objects of a kind."""
        found = await self.cluster.client.request("GET", path_of(BY_NAME[kind]))
        return str(found["metadata"]["resourceVersion"])

    async def follow(self, kind: str, since: str) -> None:
        """Take down every version of every object of a kind, after this one."""
        path, query = path_of(BY_NAME[kind]), {"watch": "true", "resourceVersion": since}
        async with self.cluster.client.stream(path, query) as events:
            async for event in events:
                meta: Body = event["object"]["metadata"]
                key = (kind, meta["namespace"], meta["generation"])
                self.versions.setdefault(key, set()).add(meta["resourceVersion"])


@asynccontextmanager
async def replicas(
    stack: Stack, kinds: ControlPlane, tenants: int, count: int = 2, **settings: object
) -> AsyncIterator[Replicas]:
    """One acts, the others stand by, and each of so many tenants is served with one thing of each kind."""
    run = uuid.uuid4().hex[:6]
    names = [f"t{number}-{run}" for number in range(tenants)]
    databases = {"radius": f"radius_{run}", "mail": f"mail_{run}"}
    journal = stack.postgres.create_database(f"journal_{run}")
    env = {
        "ISPALIER_JOURNAL_URL": journal,
        "ISPALIER_LEASE": str(LEASE),
        **{f"ISPALIER_{name.upper()}": str(value) for name, value in settings.items()},
    }
    async with AsyncExitStack() as end:
        proxy = end.enter_context(FaultProxy(stack.powerdns.api_url))
        cluster = await end.enter_async_context(cluster_of(kinds))
        account = account_of(kinds)
        operators = [
            prepare(stack.workspace, kinds, env, name=f"operator-{run}-{each}", account=account)
            for each in range(count)
        ]
        end.push_async_callback(_clear, stack, cluster, names)
        await _declare(stack, cluster, proxy, databases)
        made = Replicas(stack, cluster, proxy, operators, databases, names)
        for each in operators:
            end.callback(each.kill)
            await asyncio.to_thread(each.start)
        await cluster.create_at_once(*(tenant(name, f"1{run}{n}") for n, name in enumerate(names)))
        for name in names:
            await cluster.secret(name, "passwords", login="wireless", mail="letters")
        await cluster.create_at_once(*(each for name in names for each in _services(name)))
        await cluster.all_ready()
        for kind in EDITED:
            task = asyncio.create_task(made.follow(kind, await made.now(kind)))
            end.callback(task.cancel)
        yield made


def edit(kind: str, number: int) -> Body:
    """A change of a spec by which each number differs."""
    match kind:
        case "RecordSet":
            return {"ttl": 300 + number}
        case "Mailbox":
            return {"quotaMiB": 1000 + number}
        case _:
            return {"macAddresses": [f"02:00:00:00:00:{number:02x}"]}


async def _declare(
    stack: Stack, cluster: Cluster, proxy: FaultProxy, databases: dict[str, str]
) -> None:
    """The provider's own, with databases in which every write of what is edited is counted."""
    stock = radius_stock()
    assert stock is not None
    schema = (stock / RADIUS_QUERIES / "schema.sql").read_text()
    counted = COUNTED.format(what="NEW.username || ' ' || NEW.value", table="radcheck")
    url = stack.postgres.create_database(databases["radius"], schema + radius.DDL + counted)
    await cluster.secret("ispalier", "radius-1", url=url)
    counted = COUNTED.format(what="NEW.address || ' ' || NEW.quota_bytes", table="mailbox")
    url = stack.postgres.create_database(databases["mail"], mail.DDL + counted)
    await cluster.secret("ispalier", "mail-1", url=url)
    await cluster.secret("ispalier", "dns-1", key=stack.powerdns.api_key)
    dns = {
        "url": proxy.url,
        "apiKeySecretRef": {"name": "dns-1", "key": "key"},
        "nameServers": ["ns1.servers.test"],
        "soa": {"contact": "hostmaster.servers.test"},
    }
    await cluster.create(
        unit(),
        profile(),
        plan(),
        service_host("radius-1", "RADIUS"),
        service_host("mail-1", "Mail"),
        resource("ServiceHost", "dns-1", {"type": "DNS", "dns": dns}),
    )


def _services(name: str) -> Iterator[Resource]:
    zone = f"{name}.replica.test"
    yield subscription(name)
    yield login(name, name, "one", **edit("Login", 0))
    yield resource("Domain", "one", {**CONTRACT, "name": zone}, name)
    record = {"domainRef": {"name": "one"}, "name": "www", "type": "A", "values": ["192.0.2.1"]}
    yield resource("RecordSet", "one", {**record, **edit("RecordSet", 0)}, name)
    yield mail_domain(zone, name)
    yield mailbox("one", f"one@{zone}", name, **edit("Mailbox", 0))


async def _clear(stack: Stack, cluster: Cluster, names: Sequence[str]) -> None:
    """Take out what other tests would meet."""
    await cluster.maybe("DELETE", f"/api/v1/namespaces/ispalier/secrets/{NAME}")
    pdns = stack.powerdns
    async with httpx.AsyncClient(headers={"X-API-Key": pdns.api_key}) as http:
        for name in names:
            url = f"{pdns.api_url}/api/v1/servers/localhost/zones/{name}.replica.test."
            with suppress(httpx.HTTPError):
                await http.delete(url)


async def ended(one: Operator) -> int:
    """Wait until a process has ended by itself; its exit code."""
    try:
        return await asyncio.to_thread(one.process.ended, SOON)
    except StackError as error:
        raise AssertionError(str(error)) from error
