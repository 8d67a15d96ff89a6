"""Two replicas on a journal on PostgreSQL: how long until the other one acts, and what it repeats."""

import asyncio
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from typing import Any, TypeAlias

from hack.bench import resources
from hack.bench.api import Api, all_ready, collection, connected, is_ready, prepare, spread
from hack.bench.report import figure
from hack.stack import operator
from hack.stack.faultproxy import FaultProxy
from hack.stack.operator import Operator
from hack.stack.stack import Stack

Body: TypeAlias = dict[str, Any]
TENANTS = 30
PER_TENANT = {"logins": 1, "mailboxes": 1, "records": 1}
KINDS = ("Tenant", "Subscription", "Domain", "RecordSet", "MailDomain", "Mailbox", "Login")
EDITS = {
    "RecordSet": {"ttl": 77},
    "Mailbox": {"quotaMiB": 777},
    "Login": {"macAddresses": ["02:00:00:00:00:77"]},
}
UNDER_WAY = 0.3
"""Seconds after the first edit when the acting replica is killed."""
SETTLE = 10.0
"""Seconds after the last Ready in which a second write would show."""


async def run(stack: Stack) -> None:
    """The figure of this module."""
    journal = stack.postgres.create_database("replicas")
    env = {"ISPALIER_JOURNAL_URL": journal}
    async with connected(stack.controlplane) as api:
        with ExitStack() as end:
            proxy = end.enter_context(FaultProxy(stack.powerdns.api_url))
            await spread(
                (_through(each, proxy) for each in resources.provider(stack)), api.create, 1
            )
            both = [
                operator.prepare(stack.workspace, stack.controlplane, env, name=f"operator-{name}")
                for name in ("a", "b")
            ]
            for each in both:
                end.callback(each.kill)
                await asyncio.to_thread(each.start)
            await _take_over(api, proxy, both)


async def _take_over(api: Api, proxy: FaultProxy, both: list[Operator]) -> None:
    """Three edits of each of 30 tenants; while they are served who serves them is killed."""
    names = [f"two{number:03}" for number in range(TENANTS)]
    await prepare(api, (each for name in names for each in resources.secrets(name)))
    bodies = [
        each
        for number, name in enumerate(names)
        for each in (
            *resources.tenant(name, f"two{number}"),
            *resources.services(name, **PER_TENANT),
        )
    ]
    await spread(bodies, api.create)
    await all_ready(api, KINDS, len(bodies), "two")
    edited = [each for each in bodies if each["kind"] in EDITS]
    before = len(proxy.writes())
    versions: dict[tuple[str, str], set[str]] = defaultdict(set)
    ready: dict[tuple[str, str], float] = {}
    follow = [asyncio.create_task(_follow(api, kind, versions, ready)) for kind in EDITS]
    first = next(each for each in both if each.is_acting())
    other = next(each for each in both if each is not first)
    edits = asyncio.create_task(
        spread(edited, lambda body: api.patch(body, {"spec": EDITS[body["kind"]]}))
    )
    await asyncio.sleep(UNDER_WAY)
    await asyncio.to_thread(first.kill)
    began = time.monotonic()
    while not await asyncio.to_thread(other.is_acting):  # noqa: ASYNC110 - of a process
        await asyncio.sleep(0.05)
    acting = time.monotonic() - began
    await edits
    async with asyncio.timeout(120):
        while len(ready) < len(edited):  # noqa: ASYNC110 - followed by many tasks
            await asyncio.sleep(0.05)
    await asyncio.sleep(SETTLE)
    for task in follow:
        task.cancel()
    await asyncio.gather(*follow, return_exceptions=True)
    zones = Counter(each.path for each in proxy.writes()[before:])
    figure(
        "take-over after kill -9 of the acting replica (15 s lease)",
        seconds=acting,
        all_ready_seconds=max(ready.values()) - began,
        first_ready_seconds=min(each for each in ready.values() if each > began) - began,
        bar_seconds=20.0,
        served_before=sum(1 for each in ready.values() if each < began),
        edits=len(edited),
        double_writes_powerdns=sum(zones.values()) - len(zones),
        double_statuses=sum(len(each) - 2 for each in versions.values()),
        bar_double_writes=0.0,
    )


def _through(body: Body, proxy: FaultProxy) -> Body:
    """The same; a name server is reached through the proxy."""
    if "dns" in body.get("spec", {}):
        body["spec"]["dns"]["url"] = proxy.url
    return body


async def _follow(
    api: Api,
    kind: str,
    versions: dict[tuple[str, str], set[str]],
    ready: dict[tuple[str, str], float],
) -> None:
    """Every version of the second generation of each object, and when it was Ready."""
    async for body in api.watch(collection(resources.body(kind, "x", {}))):
        meta = body["metadata"]
        if meta["generation"] == 2:  # noqa: PLR2004 - that of the edit
            versions[kind, meta["namespace"]].add(meta["resourceVersion"])
            if is_ready(body):
                ready.setdefault((kind, meta["namespace"]), time.monotonic())
