"""An edit of the provider's: who does not have it yet, and when all have."""

from pathlib import Path

import anyio

from hack.stack.controlplane import ControlPlane
from ispalier.core.limits import Limits
from ispalier.world.errors import Unavailable
from tests.builders import profile
from tests.charted import account_of
from tests.inmemory import Memory
from tests.kube.test_operator import declare, is_idle
from tests.operators import Cluster, cluster_of, operator, proxy_of, until

HELD = (
    "False NotInPlace it is not in place yet: see Ready of it, and of plans, profiles and pools"
    " that use it"
)


def test_an_edit_of_a_plan_says_who_does_not_have_it_yet_and_when_all_have(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        memory = Memory()
        async with (
            cluster_of(kinds) as cluster,
            operator(account_of(kinds), tmp_path, memory) as it,
        ):
            await declare(cluster)
            await cluster.all_ready()
            await until(lambda: rolled_out(cluster, "True RolledOut "))
            memory.fail = lambda _: Unavailable("memory is full of holes")
            await cluster.patch("Plan", "", "fibra-300", {"includes": {"mailboxes": 7}})
            behind = "False RollingOut 2 of 2 customers do not have it yet: 10042, 10043"
            await until(lambda: rolled_out(cluster, behind))
            memory.fail = lambda _: None
            await until(lambda: rolled_out(cluster, "True RolledOut "))
            assert it.engine.rollouts.are_over

    anyio.run(story)


def test_an_edit_that_a_brake_holds_back_is_not_rolled_out_and_a_restart_writes_nothing(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        memory = Memory()
        strict = Limits(interrupted_always=0, interrupted_percent=0)
        async with cluster_of(kinds) as cluster:
            await declare(cluster)
            await cluster.create(profile("100m", "100M"))
            async with operator(account_of(kinds), tmp_path, memory) as it:
                await cluster.all_ready()
                await until(lambda: rolled_out(cluster, "True RolledOut "))
                it.engine.limits = strict
                await cluster.patch("Plan", "", "fibra-300", _at("100m"))
                await until(lambda: rolled_out(cluster, HELD))
            with proxy_of(kinds) as proxy:
                through = account_of(kinds, proxy.url)
                async with operator(through, tmp_path, memory) as again:
                    again.engine.limits = strict
                    await again.ready()
                    await until(lambda: is_idle(again))

                    written = [each.path for each in proxy.writes()]
                    assert [each for each in written if "/ispalier.dev/" in each] == []
                    await cluster.patch("Plan", "", "fibra-300", _at("300m"))
                    await until(lambda: rolled_out(cluster, "True RolledOut "))

    anyio.run(story)


def _at(speed: str) -> dict[str, object]:
    return {"access": {"profileRef": {"name": speed}}}


async def rolled_out(cluster: Cluster, told: str) -> bool:
    """Whether the plan says this of its newest generation."""
    there = await cluster.get("Plan", "", "fibra-300")
    generations = {each["observedGeneration"] for each in there["status"]["conditions"]}
    said = await cluster.condition("Plan", "", "fibra-300", "RolledOut")
    return said == told and generations == {there["metadata"]["generation"]}
