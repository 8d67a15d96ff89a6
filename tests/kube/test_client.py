"""The client leaves no socket behind, and waits for nothing for long."""

import asyncio
import os
import random
import time
from pathlib import Path

import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.faultproxy import Delay, Fault, FaultProxy
from ispalier.kube.client import BEGINNING, Access, ApiError, Client
from ispalier.world.errors import Invalid

WATCH = {"watch": "true", "timeoutSeconds": "60"}
NAMESPACES = "/api/v1/namespaces"
DISCOVERY = "/openapi/v2"  # megabytes: it is still being read when it is left


async def _follow(client: Client) -> None:
    async with client.stream(NAMESPACES, WATCH) as events:
        async for _ in events:
            pass


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names are enough


def test_a_kubeconfig_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "kubeconfig"
    broken.write_text("clusters: [")

    with pytest.raises(Invalid, match="cannot be read: while parsing"):
        asyncio.run(Access(broken, None).load())


@pytest.mark.parametrize("seed", range(5))
def test_requests_that_are_cancelled_leave_no_socket(controlplane: ControlPlane, seed: int) -> None:
    async def story() -> None:
        before, chance = _open_files(), random.Random(seed)  # noqa: S311 - which moment
        client = await Client.connect(Access(Path(controlplane.kubeconfig), None))
        every = [
            asyncio.create_task(each)
            for _ in range(10)
            for each in (_follow(client), client.request("GET", DISCOVERY))
        ]
        await asyncio.sleep(chance.random() / 4)
        during = _open_files()
        for task in every:
            task.cancel()
        await asyncio.gather(*every, return_exceptions=True)

        await client.close()

        assert during > before
        assert _open_files() == before

    asyncio.run(story())


def test_a_watch_whose_answer_never_comes_is_given_up_in_seconds(
    controlplane: ControlPlane,
) -> None:
    never = Fault(Delay(2 * BEGINNING), path="watch=true")

    async def story() -> float:
        with FaultProxy(controlplane.url, controlplane.ca_file, controlplane.key_file) as proxy:
            through = controlplane.kubeconfig_through(proxy.url, "silent")
            client = await Client.connect(Access(through, None))
            begun = time.monotonic()
            with proxy.fault(never), pytest.raises(ApiError, match="the watch broke"):
                await _follow(client)
            took = time.monotonic() - begun
            await client.close()
            return took

    assert asyncio.run(story()) < 1.5 * BEGINNING
