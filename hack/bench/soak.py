"""A soak: changes for half an hour while API server and name server fail; memory, age of the queue."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

from hack.bench import resources
from hack.bench.api import Api, Body, all_ready, connected, is_ready, prepare, spread
from hack.bench.cluster import CHANGEABLE, KINDS, UNBRAKED, load
from hack.bench.report import figure
from hack.stack import operator as operators
from hack.stack.faultproxy import Delay, Effect, Fault, FaultProxy, Lose, Refuse, api_error
from hack.stack.operator import Operator
from hack.stack.stack import Stack
from ispalier.api.kinds import BY_NAME

TENANTS = 50
PER_SECOND = 10
SECONDS = float(os.environ.get("ISPALIER_SOAK_SECONDS", "1800"))
WARM_UP = 0.2
"""Share of the time after which memory should not grow any more."""
EVERY = 5.0
"""Seconds between two looks, and on average between two faults."""
CALM = 20.0
"""Seconds after the last fault until all must be right."""


@dataclass(slots=True)
class Seen:
    """What the operator showed over time."""

    memory: list[float] = field(default_factory=list)
    oldest: list[float] = field(default_factory=list)


async def run(stack: Stack) -> None:
    """Soak, and print what was seen."""
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)  # noqa: S311 - a schedule
    cluster = stack.controlplane
    with ExitStack() as end:
        api_proxy = end.enter_context(FaultProxy(cluster.url, cluster.ca_file, cluster.key_file))
        dns_proxy = end.enter_context(FaultProxy(stack.powerdns.api_url))
        async with connected(cluster) as api:
            await spread(_provider(stack, dns_proxy.url), api.create, 1)
            before, bodies = load("soak", TENANTS)
            await prepare(api, before)
            operator = operators.prepare(stack.workspace, cluster, UNBRAKED, through=api_proxy.url)
            operator.start()
            try:
                ready = asyncio.create_task(all_ready(api, KINDS, len(bodies), "soak"))
                await spread(bodies, api.create)
                await ready
                seen, begun = Seen(), time.monotonic()
                async with _looking(operator, seen), _failing([api_proxy, dns_proxy], chance):
                    await _change(api, bodies, chance)
                await asyncio.sleep(CALM)
                left = await _unready(api)
            finally:
                operator.stop()
    warm = seen.memory[int(len(seen.memory) * WARM_UP) :]
    share = max(1, len(warm) // 5)
    figure(
        f"soak, {PER_SECOND} changes a second with faults",
        seconds=time.monotonic() - begun,
        seed=seed,
        growth_mb=median(warm[-share:]) - median(warm[:share]),
        bar_growth_mb=5.0,
        rss_mb=warm[-1],
        queue_oldest_seconds=max(seen.oldest),
        bar_oldest_seconds=5.0,
        not_ready_after=float(left),
    )


async def _change(api: Api, bodies: list[Body], chance: random.Random) -> None:
    changeable = [each for each in bodies if each["kind"] in CHANGEABLE]
    end, number = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        number += 1
        body = chance.choice(changeable)
        await asyncio.gather(
            api.patch(body, {"spec": _edit(body, number)}), asyncio.sleep(1 / PER_SECOND)
        )


def _edit(body: Body, number: int) -> Body:
    match body["kind"]:
        case "RecordSet":
            return {"ttl": 300 + number % 1000}
        case "Mailbox":
            return {"quotaMiB": 2000 + number % 1000}
        case _:
            number %= 65536
            return {"macAddresses": [f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"]}


@asynccontextmanager
async def _looking(operator: Operator, seen: Seen) -> AsyncIterator[None]:
    async def look() -> None:
        while True:
            seen.memory.append(operator.memory_mb())
            oldest = await asyncio.to_thread(operator.metric, "ispalier_queue_oldest_seconds")
            seen.oldest.append(oldest)
            await asyncio.sleep(EVERY)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _failing(proxies: list[FaultProxy], chance: random.Random) -> AsyncIterator[None]:
    """Now and then a fault for a while; none any more at the end."""

    async def fail() -> None:
        while True:
            await asyncio.sleep(chance.expovariate(1 / EVERY))
            proxy, effect = chance.choice(proxies), chance.choice(EFFECTS)
            with proxy.fault(Fault(effect, times=chance.randrange(1, 10))):
                proxy.break_watches()
                await asyncio.sleep(chance.random() * 2)

    task = asyncio.create_task(fail())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


EFFECTS: list[Effect] = [
    Refuse(),
    Lose(),
    Delay(1.0),
    api_error(409, "Conflict"),
    api_error(410, "Expired"),
    api_error(429, "TooManyRequests", retry_after=1),
    api_error(500, "InternalError"),
]


async def _unready(api: Api) -> int:
    count = 0
    for kind in KINDS:
        path = f"/apis/ispalier.dev/v1alpha1/{BY_NAME[kind].plural}"
        count += sum(not is_ready(each) for each in await api.list(path))
    return count


def _provider(stack: Stack, url: str) -> list[Body]:
    """The provider's own, with the name server behind the proxy."""
    bodies = list(resources.provider(stack))
    for each in bodies:
        if "dns" in each.get("spec", {}):
            each["spec"]["dns"]["url"] = url
    return bodies
