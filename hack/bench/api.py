"""A small client of the API server for load: many connections, no objects of its own."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import aiohttp

from hack.stack.controlplane import ControlPlane
from ispalier.api.base import API_VERSION
from ispalier.api.kinds import BY_NAME
from ispalier.kube.sockets import Sockets

Body: TypeAlias = dict[str, Any]
CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Api:
    """The API server as its administrator."""

    session: aiohttp.ClientSession
    url: str

    async def create(self, body: Body) -> Body:
        """POST an object."""
        return await self._call("POST", collection(body), body)

    async def patch(self, body: Body, change: Body, subresource: str = "") -> Body:
        """Merge-patch an object, or its status."""
        path = f"{collection(body)}/{body['metadata']['name']}{subresource}"
        return await self._call("PATCH", path, change)

    async def list(self, path: str) -> list[Body]:
        """Every object of a collection."""
        items: list[Body] = (await self._call("GET", path))["items"]
        return items

    async def delete(self, path: str) -> None:
        """DELETE an object."""
        await self._call("DELETE", path)

    async def watch(self, path: str, version: str = "0") -> AsyncIterator[Body]:
        """Objects as they change, the present ones first."""
        query = f"{self.url}{path}?watch=true&resourceVersion={version}"
        timeout = aiohttp.ClientTimeout(total=None)
        async with self.session.get(query, timeout=timeout) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] in ("ADDED", "MODIFIED"):
                    yield event["object"]

    async def _call(self, method: str, path: str, body: Body | None = None) -> Body:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        data = json.dumps(body) if body is not None else None
        async with self.session.request(
            method, self.url + path, data=data, headers={"Content-Type": kind}
        ) as answer:
            text = await answer.text()
            if answer.status >= 400:  # noqa: PLR2004 - the first status that is an error
                message = f"{method} {path}: {answer.status}: {text[:300]}"
                raise RuntimeError(message)
            result: Body = json.loads(text)
            return result


@asynccontextmanager
async def connected(cluster: ControlPlane) -> AsyncIterator[Api]:
    """A session with as many connections as the load asks for."""
    context = ssl.create_default_context(cafile=str(cluster.ca_file))
    sockets = Sockets()
    connector = aiohttp.TCPConnector(ssl=context, limit=0, socket_factory=sockets)
    headers = {"Authorization": f"Bearer {cluster.token}"}
    try:
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            yield Api(session, cluster.url)
    finally:
        await sockets.close()


def collection(body: Body) -> str:
    """The path of the collection that an object belongs to."""
    namespace = body["metadata"].get("namespace")
    if body["apiVersion"] == "v1":
        plural = f"{body['kind'].lower()}s"
        return f"/api/v1/namespaces/{namespace}/{plural}" if namespace else f"/api/v1/{plural}"
    plural = BY_NAME[body["kind"]].plural
    space = f"namespaces/{namespace}/" if namespace else ""
    return f"/apis/{API_VERSION}/{space}{plural}"


async def spread(
    bodies: Iterable[Body], act: Callable[[Body], Any], connections: int = CONNECTIONS
) -> None:
    """Act on every object, so many at a time."""
    waiting = list(reversed(list(bodies)))

    async def work() -> None:
        while waiting:
            await act(waiting.pop())

    await asyncio.gather(*(work() for _ in range(connections)))


async def prepare(api: Api, bodies: Iterable[Body]) -> None:
    """Create namespaces, then what is in them."""
    every = list(bodies)
    await spread((each for each in every if each["kind"] == "Namespace"), api.create)
    await spread((each for each in every if each["kind"] != "Namespace"), api.create)


def is_ready(body: Mapping[str, Any]) -> bool:
    """Whether the status tells of this very generation that it is Ready."""
    status = body.get("status") or {}
    return status.get("observedGeneration") == body["metadata"]["generation"] and any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in status.get("conditions", ())
    )


async def all_ready(api: Api, kinds: Iterable[str], count: int, prefix: str) -> None:
    """Return when so many objects in namespaces of a prefix are Ready."""
    ready: set[tuple[str, str, str]] = set()
    done = asyncio.Event()

    async def follow(kind: str) -> None:
        async for body in api.watch(f"/apis/{API_VERSION}/{BY_NAME[kind].plural}"):
            meta = body["metadata"]
            key = (kind, meta.get("namespace", ""), meta["name"])
            if key[1].startswith(prefix):
                (ready.add if is_ready(body) else ready.discard)(key)
            if len(ready) >= count:
                done.set()

    tasks = [asyncio.create_task(follow(kind)) for kind in kinds]
    try:
        async with asyncio.timeout(300):
            await done.wait()
    except TimeoutError as error:
        message = f"only {len(ready)} of {count} objects were Ready after 300 s"
        raise RuntimeError(message) from error
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
