"""A provider with some customers in a cluster, on systems of its own; all that is secret is known."""

import asyncio
import os
import random
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from hack.bench import resources
from hack.bench.api import Api, Body, connected, is_ready, prepare, spread
from hack.stack import operator as operators
from hack.stack import powerdns
from hack.stack.controlplane import ControlPlane
from hack.stack.operator import Operator
from hack.stack.places import RADIUS_QUERIES, radius_stock
from hack.stack.powerdns import PowerDNS
from hack.stack.stack import Stack
from ispalier.api.generate import ROOT
from ispalier.api.kinds import BY_NAME
from ispalier.kube.identity import NAME as IDENTITY
from ispalier.mail.schema import DDL as MAIL_DDL
from ispalier.radius.schema import DDL as RADIUS_DDL

TENANTS = int(os.environ.get("ISPALIER_PLANT_TENANTS", "50"))
LOGINS, MAILBOXES = 10, 10
PATIENCE = 60 + TENANTS
"""Seconds until all is served, or deleted."""
SEED = int(os.environ.get("ISPALIER_PLANT_SEED") or random.randrange(10**6))  # noqa: S311
"""In which order everything is made."""
KINDS_OF_TENANTS = ("Tenant", "Subscription", "MailDomain", "Mailbox", "Login", "Domain")
TABLES = {
    "radius_plant": (
        "SELECT username, attribute, value FROM radcheck ORDER BY 1, 2, 3",
        "SELECT username, groupname FROM radusergroup ORDER BY 1, 2",
    ),
    "mail_plant": ("SELECT address, password, login FROM mailbox ORDER BY 1",),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """A cluster in which all is served."""

    stack: Stack
    operator: Operator
    dns: PowerDNS
    before: Sequence[Body]
    """Namespaces with their Secrets."""
    bodies: Sequence[Body]
    secrets: Sequence[str]
    """Passwords of logins and mailboxes, and what lets us into the systems."""

    def held(self) -> Mapping[str, object]:
        """What the systems hold of all customers."""
        rows = self.stack.postgres.rows
        found: dict[str, object] = {
            query: rows(name, query) for name, queries in TABLES.items() for query in queries
        }
        url = f"{self.dns.api_url}/api/v1/servers/localhost/zones"
        zones = httpx.get(url, headers={"X-API-Key": self.dns.api_key}).raise_for_status().json()
        return {**found, "zones": sorted((each["name"], each["serial"]) for each in zones)}

    async def serve(self, *, only: str = "", kinds: Iterable[str] = KINDS_OF_TENANTS) -> None:
        """Make objects, of one namespace or of some kinds, and wait until all are served."""
        wanted = [
            body
            for body in self.bodies
            if body["kind"] in kinds and body["metadata"]["namespace"].startswith(only)
        ]
        async with connected(self.stack.controlplane) as api:
            mine = (each for each in self.before if _space(each).startswith(only))
            if set(kinds) == set(KINDS_OF_TENANTS):
                await prepare(api, mine)
            await spread(wanted, api.create)
            async with asyncio.timeout(PATIENCE):
                while await _served(api, kinds, only or "plant") < len(wanted):  # noqa: ASYNC110
                    await asyncio.sleep(TENANTS / 200)  # whoever looks takes time from it


@contextmanager
def planted(stack: Stack, cluster: ControlPlane) -> Iterator[Planted]:
    """All of it made in an order of chance, and served."""
    stock = radius_stock()
    assert stock is not None
    schema = (stock / RADIUS_QUERIES / "schema.sql").read_text()
    dns = powerdns.start(stack.workspace, "dns-plant")
    urls = {
        "radius": stack.postgres.create_database("radius_plant", schema + RADIUS_DDL),
        "mail": stack.postgres.create_database("mail_plant", MAIL_DDL),
    }
    before, bodies, values = _declared()
    asyncio.run(_provide(stack, urls, dns))
    operator = operators.prepare(stack.workspace, cluster, {"ISPALIER_SWEEP_INTERVAL": "2"})
    operator.start()
    try:
        made = Planted(stack, operator, dns, before, bodies, [*values, dns.api_key])
        asyncio.run(made.serve())
        yield made
    finally:
        operator.stop()
        asyncio.run(_clear(cluster))


def _declared() -> tuple[list[Body], list[Body], list[str]]:
    """Namespaces with their Secrets, resources, and every value that nobody may see."""
    before: list[Body] = []
    bodies: list[Body] = []
    values: list[str] = []
    for number in range(TENANTS):
        name = f"plant{number:03}"
        data = {f"k{each}": secrets.token_urlsafe(18) for each in range(LOGINS + MAILBOXES)}
        values += data.values()
        before += [resources.namespace(name), resources.secret(name, "passwords", data)]
        bodies += [*resources.tenant(name, f"plant{number}"), *_services(name)]
    random.Random(SEED).shuffle(bodies)  # noqa: S311 - an order
    return before, bodies, values


def _services(name: str) -> Iterator[Body]:
    contract = {"subscriptionRef": {"name": "home"}}
    yield resources.body("Domain", "main", contract | {"name": f"{name}.example"}, name)
    yield resources.body("MailDomain", "main", contract | {"name": f"{name}.example"}, name)
    for number in range(LOGINS):
        password = {"secretRef": {"name": "passwords", "key": f"k{number}"}}
        spec = contract | {"username": f"{name}-{number}", "password": password}
        yield resources.body("Login", f"line{number}", spec, name)
    for number in range(MAILBOXES):
        password = {"secretRef": {"name": "passwords", "key": f"k{LOGINS + number}"}}
        spec = contract | {"address": f"user{number}@{name}.example", "password": password}
        yield resources.body("Mailbox", f"user{number}", spec, name)


def install(cluster: ControlPlane) -> None:
    """Make our definitions, and wait until they are served."""
    crds = str(ROOT / "crds")
    cluster.run_kubectl("apply", "--server-side", "-f", crds)
    cluster.run_kubectl("wait", "--for=condition=Established", "-f", crds)


async def _served(api: Api, kinds: Iterable[str], prefix: str) -> int:
    """How many are Ready; lists, because a watch ends with the definition of its kind."""
    paths = [f"/apis/ispalier.dev/v1alpha1/{BY_NAME[each].plural}" for each in kinds]
    found = [each for path in paths for each in await api.list(path)]
    return sum(is_ready(each) for each in found if _space(each).startswith(prefix))


def _space(body: Body) -> str:
    meta: Any = body["metadata"]
    return str(meta.get("namespace") or meta["name"])


async def _provide(stack: Stack, urls: Mapping[str, str], dns: PowerDNS) -> None:
    """The provider's own, with databases and a name server of its own."""
    bodies = list(resources.provider(stack))
    for each in bodies:
        name = each["metadata"]["name"]
        if each["kind"] == "Secret" and name in urls:
            each["stringData"]["url"] = urls[name]
        elif each["kind"] == "Secret" and name == "dns":
            each["stringData"]["key"] = dns.api_key
        elif name == "dns-1":
            each["spec"]["dns"]["url"] = dns.api_url
    stack.controlplane.run_kubectl("apply", "-f", str(ROOT / "rbac.yaml"))  # with the namespace
    async with connected(stack.controlplane) as api:
        await spread((each for each in bodies if each["kind"] != "Namespace"), api.create, 1)


async def _clear(cluster: ControlPlane) -> None:
    async with connected(cluster) as api:
        for number in range(TENANTS):
            await api.delete(f"/api/v1/namespaces/plant{number:03}")
        for name in ("radius", "dns", "mail", IDENTITY):
            await api.delete(f"/api/v1/namespaces/{resources.NAMESPACE}/secrets/{name}")
