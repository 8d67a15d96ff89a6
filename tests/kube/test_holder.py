"""One installation serves a cluster, and another one is told so before it does anything."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.core.gather import Identity
from ispalier.kube.client import MERGE_PATCH, Access, Client
from ispalier.kube.holder import check_cluster, hold_cluster, stay_holder
from ispalier.kube.identity import NAME, create_identity
from ispalier.world.errors import Conflict, Unavailable
from ispalier.world.secret import Secret
from tests.charted import account_of
from tests.inmemory import HOME, Memory
from tests.operators import LEASE, Cluster, cluster_of, operator, until

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


def test_who_runs_ends_when_another_serves_and_takes_back_what_was_deleted(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    found: list[str] = []

    async def served(cluster: Cluster) -> None:
        async with operator(account_of(kinds), tmp_path, Memory(), lease=1) as running:
            await running.ready()
            await until(lambda: cluster.maybe("GET", LEASE))
            found.append(await holder(cluster))
            await cluster.client.request("DELETE", LEASE)
            await until(lambda: cluster.maybe("GET", LEASE))
            found.append(await holder(cluster))
            spec = {"spec": {"holderIdentity": "second/two"}}
            await cluster.client.request("PATCH", LEASE, body=spec, content=MERGE_PATCH)
            await running.stopped()

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            with pytest.raises(Conflict, match="served by the installation second/two"):
                await served(cluster)

            assert [f"ispalier/{HOME.installation}"] * 2 == found

    anyio.run(story)


def test_a_lease_that_cannot_be_seen_ends_nobody(kinds: ControlPlane) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.namespace("second")
            kinds.run_kubectl("create", "serviceaccount", "blind", "-n", "second")
            blind = Access(kinds.service_account_kubeconfig("second", "blind"))
            client = await Client.connect(blind)
            try:
                with pytest.raises(Unavailable, match="the right to get it comes with the chart"):
                    await check_cluster(client, FIRST)
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.5):
                        await stay_holder(client, FIRST, 0.05)
            finally:
                await client.close()

    anyio.run(story)


def said(kinds: ControlPlane, folder: Path, *words: str) -> tuple[int, str]:
    """What a command of the second installation says, and how it ends."""
    ispalier = Path(sys.executable).with_name("ispalier")
    journal = f"sqlite:///{folder}/journal.db"
    done = subprocess.run(  # noqa: S603 - our own command
        [ispalier, *words, "--kubeconfig", kinds.kubeconfig],
        env={**os.environ, "ISPALIER_NAMESPACE": "second", "ISPALIER_JOURNAL_URL": journal},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.returncode, " ".join(done.stderr.split())


@pytest.mark.parametrize("words", ["run", "journal rebuild"])
def test_a_second_installation_neither_runs_nor_rebuilds_and_gets_no_journal(
    kinds: ControlPlane, tmp_path: Path, words: str
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await hold_cluster(cluster.client, FIRST)
            await cluster.namespace("second")
            await create_identity(cluster.client, SECOND)
            code, told = await anyio.to_thread.run_sync(said, kinds, tmp_path, *words.split())
            path = f"/api/v1/namespaces/second/secrets/{NAME}"
            await cluster.client.request("DELETE", path)

            assert code == 1
            assert "this cluster is served by the installation first/one" in told
            assert "kubectl delete lease ispalier -n kube-public" in told

    anyio.run(story)

    assert not list(tmp_path.iterdir())
