"""One installation serves a cluster, and another one is told so before it does anything."""

import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.core.gather import Identity
from ispalier.kube.client import Client
from ispalier.kube.holder import hold_cluster
from ispalier.kube.identity import NAME, create_identity
from ispalier.world.errors import Conflict
from ispalier.world.secret import Secret
from tests.operators import LEASE, Cluster, cluster_of

KEY = Secret("a key")
FIRST, SECOND = Identity("one", KEY, "first"), Identity("two", KEY, "second")


async def tried(client: Client, who: Identity, held: list[str]) -> None:
    try:
        await hold_cluster(client, who)
    except Conflict:
        return
    held.append(who.installation)


async def holder(cluster: Cluster) -> str:
    lease = await cluster.client.request("GET", LEASE)
    return str(lease["spec"]["holderIdentity"])


def test_who_was_first_may_start_again_and_nobody_else(kinds: ControlPlane) -> None:
    copied = Identity("one", KEY, "second")

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await hold_cluster(cluster.client, FIRST)
            await hold_cluster(cluster.client, FIRST)
            with pytest.raises(Conflict, match="served by the installation first/one"):
                await hold_cluster(cluster.client, SECOND)
            with pytest.raises(Conflict, match="and this is second/one"):
                await hold_cluster(cluster.client, copied)

            assert await holder(cluster) == "first/one"

    anyio.run(story)


def test_of_many_that_start_at_once_one_serves(kinds: ControlPlane) -> None:
    held: list[str] = []

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            async with anyio.create_task_group() as group:
                for number in range(8):
                    who = Identity(f"id-{number}", KEY, "somewhere")
                    group.start_soon(tried, cluster.client, who, held)
            found = await holder(cluster)

            assert [found] == [f"somewhere/{each}" for each in held]

    anyio.run(story)


def run(kinds: ControlPlane, folder: Path) -> tuple[int, str]:
    """What the second controller says, and how it ends."""
    ispalier = Path(sys.executable).with_name("ispalier")
    journal = f"sqlite:///{folder}/journal.db"
    done = subprocess.run(  # noqa: S603 - our own command
        [ispalier, "run", "--kubeconfig", kinds.kubeconfig],
        env={**os.environ, "ISPALIER_NAMESPACE": "second", "ISPALIER_JOURNAL_URL": journal},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.returncode, " ".join(done.stderr.split())


def test_the_controller_of_a_second_installation_ends_before_it_has_a_journal(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await hold_cluster(cluster.client, FIRST)
            await cluster.namespace("second")
            await create_identity(cluster.client, SECOND)
            code, said = await anyio.to_thread.run_sync(run, kinds, tmp_path)
            path = f"/api/v1/namespaces/second/secrets/{NAME}"
            await cluster.client.request("DELETE", path)

            assert code == 1
            assert "this cluster is served by the installation first/one" in said
            assert "kubectl delete lease ispalier -n kube-public" in said

    anyio.run(story)

    assert not list(tmp_path.iterdir())
