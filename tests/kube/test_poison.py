"""A host that hangs for one customer alone serves all others, and is not asked for that one for ever."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from hack.stack.controlplane import ControlPlane
from ispalier.core.circuit import FIRST
from ispalier.core.items import Item
from ispalier.core.patience import FLOOR
from ispalier.core.room import Scope
from tests.builders import login, plan, profile, subscription, tenant, unit
from tests.charted import account_of
from tests.inmemory import Memory
from tests.operators import Cluster, cluster_of, operator

SILVA = (tenant(), subscription(), login("joao"))
POISON = (tenant("souza", "10043"), subscription("souza"), login("eva", "souza"))
EDITS = 4


@dataclass(slots=True)
class Poisoned(Memory):
    """A back end that hangs whenever it is asked about one customer."""

    hung: int = 0
    poisoned: set[str] = field(default_factory=set)

    async def observe(self, scope: Scope) -> Sequence[Item]:
        if self.poisoned & scope.customers:
            self.hung += 1
            await anyio.sleep_forever()
        return await Memory.observe(self, scope)


async def edit(cluster: Cluster, number: int) -> float:
    """Change silva's login; how many seconds until it is Ready."""
    clock = asyncio.get_running_loop()
    began = clock.time()
    mac = {"macAddresses": [f"02:00:00:00:00:{number:02x}"]}
    await cluster.patch("Login", "silva", "joao", mac)
    async with asyncio.timeout(10):
        while not await _is_as_edited(cluster):  # noqa: ASYNC110 - an API server sets no Event here
            await asyncio.sleep(0.02)
    return clock.time() - began


async def _is_as_edited(cluster: Cluster) -> bool:
    body = await cluster.get("Login", "silva", "joao")
    status = body["status"]
    is_new = status["observedGeneration"] == body["metadata"]["generation"]
    return bool(is_new and status["conditions"][0]["status"] == "True")


def test_who_makes_a_host_hang_does_so_less_and_less_and_others_are_served(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    memory = Poisoned()

    async def story() -> list[float]:
        async with cluster_of(kinds) as cluster:
            for each in ("silva", "souza"):
                await cluster.secret(each, "passwords", login="wireless")
            await cluster.create(unit(), profile(), plan(), *SILVA)
            async with operator(account_of(kinds), tmp_path, memory):
                await cluster.all_ready()
                memory.poisoned = {"10043"}
                await cluster.create(*POISON)
                await cluster.is_ready("Login", "souza", "eva", "False BackendUnavailable")
                return [await _paced(cluster, number) for number in range(EDITS)]

    seconds = anyio.run(story)

    assert max(seconds) < FIRST + 2 * FLOOR
    assert memory.hung <= EDITS


async def _paced(cluster: Cluster, number: int) -> float:
    await anyio.sleep(1.5)
    return await edit(cluster, number)
