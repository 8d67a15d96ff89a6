"""The operator as a process of its own: it tells no secret, and it leaves nothing stuck behind."""

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from hack.bench import resources
from hack.bench.api import Api, all_ready, connected, prepare, spread
from hack.stack import operator as operators
from hack.stack import powerdns
from hack.stack.controlplane import ControlPlane
from hack.stack.operator import Operator
from hack.stack.places import RADIUS_QUERIES, radius_stock
from hack.stack.powerdns import PowerDNS
from hack.stack.stack import Stack
from ispalier.api.generate import ROOT
from ispalier.api.kinds import ACTS, KINDS
from ispalier.kube.identity import NAME as IDENTITY
from ispalier.mail.schema import DDL as MAIL_DDL
from ispalier.radius.schema import DDL as RADIUS_DDL

TENANTS, LOGINS, MAILBOXES = 50, 10, 10
KINDS_OF_TENANTS = ("Tenant", "Subscription", "MailDomain", "Mailbox", "Login", "Domain")
TABLES = {
    "radius_plant": "SELECT username, attribute, value FROM radcheck ORDER BY 1, 2, 3",
    "mail_plant": "SELECT address, password, login FROM mailbox ORDER BY 1",
}


@dataclass(slots=True)
class Planted:
    """A cluster whose secrets are all known."""

    stack: Stack
    operator: Operator
    dns: PowerDNS
    secrets: list[str]
    """Passwords of logins and mailboxes, and what lets us into the systems."""


def planted() -> tuple[list[Any], list[Any], list[str]]:
    """Namespaces with their Secrets, resources, and every value that nobody may see."""
    before: list[Any] = []
    bodies: list[Any] = []
    values: list[str] = []
    for number in range(TENANTS):
        name = f"plant{number:02}"
        data = {f"k{each}": secrets.token_urlsafe(18) for each in range(LOGINS + MAILBOXES)}
        values += data.values()
        before += [resources.namespace(name), resources.secret(name, "passwords", data)]
        bodies += [*resources.tenant(name, f"plant{number}"), *services(name)]
    return before, bodies, values


def services(name: str) -> Iterator[Any]:
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


@pytest.fixture(scope="module")
def crds(controlplane: ControlPlane) -> Iterator[ControlPlane]:
    install(controlplane)
    yield controlplane
    install(controlplane)  # a test of this module takes them away


def install(cluster: ControlPlane) -> None:
    crds = str(ROOT / "crds")
    cluster.run_kubectl("apply", "--server-side", "-f", crds)
    cluster.run_kubectl("wait", "--for=condition=Established", "-f", crds)


@pytest.fixture(scope="module")
def scene(stack: Stack, crds: ControlPlane) -> Iterator[Planted]:
    stock = radius_stock()
    assert stock is not None
    schema = (stock / RADIUS_QUERIES / "schema.sql").read_text()
    dns = powerdns.start(stack.workspace, "dns-plant")
    urls = {
        "radius": stack.postgres.create_database("radius_plant", schema + RADIUS_DDL),
        "mail": stack.postgres.create_database("mail_plant", MAIL_DDL),
    }
    before, bodies, values = planted()

    async def fill() -> None:
        async with connected(crds) as api:
            await prepare(api, before)
            count = sum(body["kind"] in KINDS_OF_TENANTS for body in bodies)
            ready = asyncio.create_task(all_ready(api, KINDS_OF_TENANTS, count, "plant"))
            await spread(bodies, api.create)
            await ready

    asyncio.run(_provide(stack, urls, dns))
    operator = operators.prepare(stack.workspace, crds, {"ISPALIER_SWEEP_INTERVAL": "2"})
    operator.start()
    try:
        asyncio.run(fill())
        yield Planted(stack, operator, dns, [*values, dns.api_key])
    finally:
        operator.stop()
        asyncio.run(_clear(crds))


async def _provide(stack: Stack, urls: dict[str, str], dns: PowerDNS) -> None:
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
            await api.delete(f"/api/v1/namespaces/plant{number:02}")
        for name in ("radius", "dns", "mail", IDENTITY):
            await api.delete(f"/api/v1/namespaces/{resources.NAMESPACE}/secrets/{name}")


def test_of_a_thousand_secrets_none_is_told_whatever_goes_wrong(scene: Planted) -> None:
    stack, operator = scene.stack, scene.operator
    scene.dns.stop()
    stack.postgres.execute("radius_plant", "ALTER TABLE radcheck RENAME TO away")
    stack.postgres.execute(
        "mail_plant", "ALTER TABLE mailbox ADD CHECK (quota_bytes > 4000000000000) NOT VALID"
    )
    try:
        asyncio.run(_edit_everything(scene))
        time.sleep(6)  # passes fail, sweeps fail, what failed is tried again
        during = dict(_told(scene))
    finally:
        stack.postgres.execute("radius_plant", "ALTER TABLE away RENAME TO radcheck")
        stack.postgres.execute(
            "mail_plant", "ALTER TABLE mailbox DROP CONSTRAINT mailbox_quota_bytes_check"
        )
        scene.dns.start()
    time.sleep(3)
    operator.stop()
    texts = dict(_told(scene))
    operator.start()

    assert len(scene.secrets) > TENANTS * (LOGINS + MAILBOXES)
    assert [
        where
        for where, text in (*during.items(), *texts.items())
        if any(each.encode() in text for each in scene.secrets)
    ] == []
    assert b"radcheck" in during["objects"]  # faults are told
    assert b"violates check constraint" in during["objects"]


def _told(scene: Planted) -> Iterator[tuple[str, bytes]]:
    """Everything that anybody can read without being let into a system or a Secret."""
    yield "log", (scene.operator.folder / "operator.log").read_bytes()
    for file in scene.operator.folder.glob("journal.db*"):
        yield file.name, file.read_bytes()
    kubectl = scene.stack.controlplane.run_kubectl
    kinds = ",".join(f"{kind.plural}.ispalier.dev" for kind in (*KINDS, *ACTS))
    yield "objects", kubectl("get", kinds, "-A", "-o", "json").encode()
    yield "events", kubectl("get", "events", "-A", "-o", "json").encode()


async def _edit_everything(scene: Planted) -> None:
    async with connected(scene.stack.controlplane) as api:
        for kind, change in (
            ("logins", {"macAddresses": ["02:00:00:00:00:01"]}),
            ("mailboxes", {"quotaMiB": 4001}),
            ("domains", {"serviceHostRef": {"name": "dns-1"}}),
        ):
            for body in await _all(api, kind):
                await api.patch(body, {"spec": change})


async def _all(api: Api, plural: str) -> list[Any]:
    path = f"/apis/ispalier.dev/v1alpha1/{plural}"
    names = {kind.plural: kind.__name__ for kind in KINDS}
    items = await api.list(path)
    return [{**each, "kind": names[plural]} for each in items]


def test_uninstalled_nothing_is_stuck_and_nothing_is_deleted(scene: Planted) -> None:
    stack = scene.stack
    before = {name: stack.postgres.rows(name, query) for name, query in TABLES.items()}
    scene.operator.stop()

    stack.controlplane.run_kubectl("delete", "-f", str(ROOT / "crds"), "--timeout=60s")

    left = json.loads(stack.controlplane.run_kubectl("get", "crds", "-o", "json"))["items"]
    after = {name: stack.postgres.rows(name, query) for name, query in TABLES.items()}
    assert left == []
    assert all(before.values())
    assert after == before
