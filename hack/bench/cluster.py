"""In a cluster: cold convergence, the latency of a change, a restart, memory."""

import asyncio
import time
from collections.abc import Sequence
from itertools import chain
from statistics import mean
from typing import Any, NamedTuple, TypeAlias

from hack.bench import resources
from hack.bench.api import Api, all_ready, collection, connected, is_ready, prepare, spread
from hack.bench.report import figure, quantile
from hack.stack.operator import Operator, running
from hack.stack.stack import Stack

Body: TypeAlias = dict[str, Any]


class Fleet(NamedTuple):
    """How much there is, and the bars for it."""

    tenants: int
    ready_seconds: float
    """Bar of a restart."""
    memory_mb: float

    @property
    def resources(self) -> int:
        """All resources of all tenants."""
        return self.tenants * RESOURCES

    def __str__(self) -> str:
        """In the names of figures."""
        return f"{self.resources:,} resources"


RESOURCES = 20
"""Of a tenant."""
UNBRAKED = {"ISPALIER_BRAKE_INTERRUPT_MINIMUM": "1000000"}
"""A load of edits interrupts more customers than a brake would let anybody do."""
SMALL = Fleet(100, ready_seconds=10.0, memory_mb=200.0)
LARGE = Fleet(500, ready_seconds=15.0, memory_mb=150.0 + 10_000 * 0.004)
PER_TENANT = {"logins": 6, "mailboxes": 5, "records": 5}
KINDS = ("Tenant", "Subscription", "Domain", "RecordSet", "MailDomain", "Mailbox", "Login")
CHANGEABLE = ("RecordSet", "Mailbox", "Login")
CHANGES, FLOOR_CHANGES, PER_SECOND = 300, 100, 5
SETTLE = 12.0
"""Seconds after a restart in which a write would show."""
API_WRITES = "ispalier_status_writes_total"
BACKEND_WRITES = "ispalier_backend_changes_total"
STATUS = {
    "observedGeneration": 1,
    "conditions": [
        {
            "type": "Ready",
            "status": "True",
            "observedGeneration": 1,
            "lastTransitionTime": "2026-01-01T00:00:00Z",
            "reason": "Ready",
            "message": "",
        }
    ],
}


def load(prefix: str, tenants: int = SMALL.tenants) -> tuple[list[Body], list[Body]]:
    """Namespaces and secrets; then the 20 resources of every tenant."""
    names = [f"{prefix}{number:03}" for number in range(tenants)]
    before = chain.from_iterable(resources.secrets(name) for name in names)
    bodies = chain.from_iterable(
        (*resources.tenant(name, f"{prefix}{n}"), *resources.services(name, **PER_TENANT))
        for n, name in enumerate(names)
    )
    return list(before), list(bodies)


async def floor(api: Api, prefix: str, fleet: Fleet = SMALL) -> tuple[float, list[float]]:
    """Nobody else at work: seconds for all creates and a status write each; for single changes."""
    before, bodies = load(prefix, fleet.tenants)
    await prepare(api, before)
    begin = time.monotonic()
    await spread(bodies, api.create)
    await spread(bodies, lambda body: api.patch(body, {"status": STATUS}, "/status"))
    seconds = time.monotonic() - begin
    changes: list[float] = []
    for number, body in enumerate(_changeable(bodies)[:FLOOR_CHANGES]):
        begin = time.monotonic()
        await api.patch(body, {"spec": _edit(body, number)})
        await api.patch(body, {"status": STATUS}, "/status")
        changes.append(time.monotonic() - begin)
        await asyncio.sleep(1 / PER_SECOND)
    await spread(bodies, lambda b: api.delete(f"{collection(b)}/{b['metadata']['name']}"))
    return seconds, changes


async def cold(api: Api, operator: Operator, fleet: Fleet = SMALL) -> dict[str, float]:
    """All resources, from the first create to all Ready."""
    before, bodies = load("cold", fleet.tenants)
    await prepare(api, before)
    writes = operator.metric(API_WRITES)
    begin = time.monotonic()
    ready = asyncio.create_task(all_ready(api, KINDS, len(bodies), "cold"))
    await spread(bodies, api.create)
    created = time.monotonic() - begin
    await ready
    return {
        "seconds": time.monotonic() - begin,
        "created_seconds": created,
        "api_writes": operator.metric(API_WRITES) - writes,
        "rss_mb": operator.memory_mb(),
    }


def compared(found: dict[str, float], floors: Sequence[float], fleet: Fleet = SMALL) -> None:
    """The cold figure beside the floor, which is measured before and after it.

    An API server slows down with what it has seen; the mean is that of the same age.
    """
    raw = mean(floors)
    figure(
        f"cold converge, {fleet} in {fleet.tenants} tenants",
        **found,
        floor_seconds=raw,
        floor_before_seconds=floors[0],
        floor_after_seconds=floors[-1],
        ratio=found["seconds"] / raw,
        bar_ratio=2.0,
    )


async def change(api: Api, floors: list[float]) -> None:
    """One resource changes, 5 a second for a minute: from the write to its Ready."""
    _, bodies = load("cold")
    records = _changeable(bodies)
    ready: dict[tuple[str, str, str, int], float] = {}
    tasks = [asyncio.create_task(_follow(api, kind, ready)) for kind in CHANGEABLE]
    begun: dict[tuple[str, str, str, int], float] = {}

    async def one(number: int) -> None:
        await asyncio.sleep(number / PER_SECOND)
        body = records[number * 7 % len(records)]
        begin = time.monotonic()
        answer = await api.patch(body, {"spec": _edit(body, number)})
        begun[_key(answer)] = begin

    await asyncio.gather(*(one(number) for number in range(CHANGES)))
    async with asyncio.timeout(60):
        while not begun.keys() <= ready.keys():  # noqa: ASYNC110 - watched by many tasks
            await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    latencies = [ready[key] - begin for key, begin in begun.items()]
    p50, floor_p50 = quantile(latencies, 0.5), quantile(floors, 0.5)
    figure(
        "change of one resource to Ready, 5/s for a minute at 2,000 resources",
        p50_ms=p50 * 1000,
        p99_ms=quantile(latencies, 0.99) * 1000,
        floor_p50_ms=floor_p50 * 1000,
        floor_p99_ms=quantile(floors, 0.99) * 1000,
        ratio=p50 / floor_p50,
        bar_ratio=3.0,
        bar_p99_ms=250.0,
    )


def restart(operator: Operator, fleet: Fleet = SMALL) -> None:
    """Stop and start with nothing changed: seconds to ready, writes after a full sweep."""
    operator.stop()
    seconds = operator.start()
    time.sleep(SETTLE)
    figure(
        f"restart with nothing changed, {fleet}",
        ready_seconds=seconds,
        bar_seconds=fleet.ready_seconds,
        api_writes=operator.metric(API_WRITES),
        backend_writes=operator.metric(BACKEND_WRITES),
        bar_writes=0.0,
    )
    figure(f"memory at {fleet}", rss_mb=operator.memory_mb(), bar_mb=fleet.memory_mb)


async def run(stack: Stack) -> None:
    """All figures of this module, one after the other on one cluster."""
    async with connected(stack.controlplane) as api:
        await spread(resources.provider(stack), api.create, 1)
        raw, changes = await floor(api, "floor")
        with running(stack.workspace, stack.controlplane, UNBRAKED) as operator:
            found = await cold(api, operator)
            await change(api, changes)
            restart(operator)
        compared(found, [raw, (await floor(api, "again"))[0]])


async def run_large(stack: Stack) -> None:
    """The same without single changes, for a fleet five times as large."""
    async with connected(stack.controlplane) as api:
        await spread(resources.provider(stack), api.create, 1)
        raw, _ = await floor(api, "floor", LARGE)
        with running(stack.workspace, stack.controlplane, UNBRAKED) as operator:
            found = await cold(api, operator, LARGE)
            restart(operator, LARGE)
        compared(found, [raw, (await floor(api, "again", LARGE))[0]], LARGE)


async def _follow(api: Api, kind: str, ready: dict[tuple[str, str, str, int], float]) -> None:
    async for body in api.watch(collection(resources.body(kind, "x", {}))):
        if is_ready(body):
            ready.setdefault(_key(body), time.monotonic())


def _key(body: Body) -> tuple[str, str, str, int]:
    meta = body["metadata"]
    return body["kind"], meta["namespace"], meta["name"], meta["generation"]


def _changeable(bodies: list[Body]) -> list[Body]:
    return [body for body in bodies if body["kind"] in CHANGEABLE]


def _edit(body: Body, number: int) -> Body:
    match body["kind"]:
        case "RecordSet":
            return {"ttl": 300 + number}
        case "Mailbox":
            return {"quotaMiB": 2000 + number}
        case _:
            return {"macAddresses": [f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"]}
