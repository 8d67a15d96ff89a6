"""The operator in this process, against a real API server, with a back end in memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from hack.stack.controlplane import ControlPlane
from hack.stack.faultproxy import FaultProxy
from hack.stack.ports import HOST, free_port
from ispalier.api.base import Resource
from ispalier.api.kinds import ACTS, BY_NAME, KINDS
from ispalier.api.rbac import NAME, PUBLIC
from ispalier.core.engine import Engine
from ispalier.core.lease import Lease
from ispalier.journal.journal import Journal
from ispalier.journal.lock import BACKENDS
from ispalier.journal.writer import Writer, clock
from ispalier.kube.client import MERGE_PATCH, Access, ApiError, Client, path_of, path_to
from ispalier.kube.run import run
from ispalier.settings import Settings
from ispalier.world.snapshot import Ident, Snapshot, ident
from tests.inmemory import HOME, Memory, engine

SOON = 20.0
"""Seconds after which what did not happen never will."""

LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{PUBLIC}/leases/{NAME}"
"""Says which installation serves the cluster."""

Body = dict[str, Any]


@dataclass(slots=True)
class Cluster:
    """The test's own way to the API server, beside the operator's."""

    controlplane: ControlPlane
    client: Client
    namespaces: set[str] = field(default_factory=set)

    async def create(self, *resources: Resource) -> None:
        """Create resources, in this order, with their namespaces."""
        for each in resources:
            await self.namespace(each.namespace)
            path = path_to(type(each), ident(each)).rpartition("/")[0]
            await self.client.request("POST", path, body=as_json(each))

    async def create_at_once(self, *resources: Resource) -> None:
        """Create resources side by side."""
        await asyncio.gather(*(self.create(each) for each in resources))

    async def namespace(self, name: str) -> None:
        """Create a namespace unless it is there."""
        if name and name not in self.namespaces:
            self.namespaces.add(name)
            await self.maybe("POST", "/api/v1/namespaces", {"metadata": {"name": name}})

    async def secret(self, namespace: str, name: str, *, label: bool = True, **data: str) -> None:
        """Create a Secret, or change it."""
        await self.namespace(namespace)
        path = f"/api/v1/namespaces/{namespace}/secrets"
        labels = {"ispalier.dev/secret": "true"} if label else {}
        body = {"metadata": {"name": name, "labels": labels}, "stringData": data}
        if not await self.maybe("POST", path, body):
            await self.client.request("PATCH", f"{path}/{name}", body=body, content=MERGE_PATCH)

    async def patch(self, kind: str, namespace: str, name: str, spec: Body) -> None:
        """Change a spec."""
        path = path_to(BY_NAME[kind], Ident(kind, namespace, name))
        await self.client.request("PATCH", path, body={"spec": spec}, content=MERGE_PATCH)

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete a resource."""
        await self.client.request("DELETE", path_to(BY_NAME[kind], Ident(kind, namespace, name)))

    async def get(self, kind: str, namespace: str, name: str) -> Body:
        """One resource as the API server holds it."""
        path = path_to(BY_NAME[kind], Ident(kind, namespace, name))
        found: Body = await self.client.request("GET", path)
        return found

    async def ready(self, kind: str, namespace: str, name: str) -> str:
        """Status and reason of the condition Ready, empty before there is one."""
        status = (await self.get(kind, namespace, name))["status"]
        found = (each for each in status.get("conditions", ()) if each["type"] == "Ready")
        return next((f"{each['status']} {each['reason']}" for each in found), "")

    async def condition(self, kind: str, namespace: str, name: str, type_: str) -> str:
        """Status, reason and message of a condition, empty while there is none."""
        status = (await self.get(kind, namespace, name))["status"]
        found = (each for each in status.get("conditions", ()) if each["type"] == type_)
        return next((f"{each['status']} {each['reason']} {each['message']}" for each in found), "")

    async def unready(self) -> list[str]:
        """All resources that are not Ready for their generation."""
        return [
            f"{kind.__name__}/{each['metadata']['name']}"
            for kind in KINDS
            for each in (await self.client.request("GET", path_of(kind)))["items"]
            if not _is_ready(each)
        ]

    async def all_ready(self) -> None:
        """Wait until every resource is Ready."""
        await until(lambda: _is_empty(self.unready()))

    async def is_ready(self, kind: str, namespace: str, name: str, told: str) -> None:
        """Wait until the condition Ready says this."""

        async def says() -> bool:
            return await self.ready(kind, namespace, name) == told

        await until(says)

    async def maybe(self, method: str, path: str, body: Body | None = None) -> bool:
        """Make a request that may be refused because it was made before."""
        try:
            await self.client.request(method, path, body=body)
        except ApiError as error:
            if error.status in (404, 409):
                return False
            raise
        return True

    async def can_list(self) -> bool:
        """Whether every kind can be listed; soon after its CRD is made it cannot."""
        try:
            await self.unready()
            for kind in ACTS:
                await self.client.request("GET", path_of(kind))
        except ApiError:
            return False
        return True

    async def clear(self) -> None:
        """Delete what the test left."""
        for kind in (*KINDS, *ACTS):
            items = (await self.client.request("GET", path_of(kind)))["items"]
            for space in {each["metadata"].get("namespace", "") for each in items}:
                every = path_to(kind, Ident(kind.__name__, space, "")).rstrip("/")
                await self.client.request("DELETE", every)
        for name in {*self.namespaces, "ispalier"}:
            ours = "labelSelector=ispalier.dev/secret%3Dtrue"
            await self.maybe("DELETE", f"/api/v1/namespaces/{name}/secrets?{ours}")
            await self.maybe("DELETE", f"/api/v1/namespaces/{name}/secrets/passwords")
        await self.maybe("DELETE", LEASE)


@dataclass(slots=True)
class Running:
    """An operator at work."""

    engine: Engine
    memory: Memory
    listen: str
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def stopped(self) -> None:
        """Wait for its end, and fail as it does."""
        await self.task

    async def answer(self, path: str) -> tuple[int, str]:
        """What a probe gets; status 0 before somebody listens."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://{self.listen}{path}") as response,
            ):
                return response.status, await response.text()
        except aiohttp.ClientConnectionError:
            return 0, ""

    async def post(self, path: str) -> int:
        """The status of the answer to a POST."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://{self.listen}{path}") as response,
        ):
            return response.status

    async def ready(self) -> None:
        """Wait until it says that it is ready."""

        async def says() -> bool:
            return (await self.answer("/readyz"))[0] == 200

        await until(says)


@asynccontextmanager
async def cluster_of(controlplane: ControlPlane) -> AsyncIterator[Cluster]:
    """The API server with nothing of ours in it, before and after."""
    cluster = Cluster(controlplane, await Client.connect(Access(controlplane.kubeconfig)))
    try:
        await until(cluster.can_list)
        await cluster.clear()
        yield cluster
    finally:
        await cluster.clear()
        await cluster.client.close()


@asynccontextmanager
async def operator(
    kubeconfig: Path, folder: Path, memory: Memory, **settings: object
) -> AsyncIterator[Running]:
    """An operator whose journal is in the folder; ended politely."""
    stop, source = asyncio.Event(), str(settings.pop("source", ""))
    chosen = Settings.model_validate({"listen": f"{HOST}:{free_port()}", **settings})
    made = engine(
        Snapshot(),
        memory,
        f"sqlite:///{folder / 'ispalier.db'}",
        replace(HOME, source=source),
        retention=chosen.retention,
    )
    with writer_of(made, chosen.lease) as writer:
        task = asyncio.create_task(run(chosen, made, Access(kubeconfig), writer, stop))
        try:
            yield Running(made, memory, chosen.listen, stop, task)
        finally:
            stop.set()
            await task


@contextmanager
def writer_of(made: Engine, seconds: float = 15) -> Iterator[Writer]:
    """Who wants to write for an engine's journal, and gives the lock back at the end."""
    assert isinstance(made.journal, Journal)
    lease = Lease(made.identity.installation, seconds, clock)
    writer = Writer.of(made.journal.engine, BACKENDS, lease, "a test")
    try:
        yield writer
    finally:
        writer.release()


def proxy_of(controlplane: ControlPlane) -> AbstractContextManager[FaultProxy]:
    """A fault proxy before the API server."""
    return FaultProxy(controlplane.url, controlplane.ca_file, controlplane.key_file)


async def until(true: Callable[[], Awaitable[bool]], seconds: float = SOON) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 - what happens elsewhere sets no Event here
            await asyncio.sleep(0.05)


def as_json(resource: Resource) -> Body:
    """A resource as one writes it."""
    body: Body = json.loads(
        resource.model_dump_json(by_alias=True, exclude_none=True, exclude={"status"})
    )
    meta = {"name": resource.name}
    if resource.namespace:
        meta["namespace"] = resource.namespace
    return {**body, "kind": resource.kind, "metadata": meta}


async def _is_empty(found: Awaitable[list[str]]) -> bool:
    return not await found


def _is_ready(raw: Body) -> bool:
    status = raw["status"]
    return status["observedGeneration"] == raw["metadata"]["generation"] and any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in status.get("conditions", ())
    )
