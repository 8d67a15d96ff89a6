"""A cluster that was lost and is made again from git: the same journal, the same services."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.operator import Operator, prepare
from hack.stack.places import RADIUS_QUERIES, radius_stock
from hack.stack.stack import Stack
from ispalier.api.generate import ROOT
from ispalier.core.gather import Identity
from ispalier.kube.client import cluster_uid
from ispalier.kube.identity import create_identity
from ispalier.radius.schema import DDL
from ispalier.world.errors import Conflict
from ispalier.world.state import State
from tests.builders import (
    access_point,
    claim,
    login,
    nas,
    plan,
    pool,
    profile,
    service_host,
    subscription,
    tenant,
    unit,
)
from tests.charted import account_of
from tests.inmemory import HOME, KEY, Memory
from tests.operators import Cluster, Running, cluster_of, operator, until

MADE = login("rui", password={"generate": {"secretName": "made"}})
EVERYTHING = (
    *(unit(), profile(), plan(), pool(), tenant(), subscription()),
    *(login("joao"), claim("joao", "joao"), MADE),
)
ANA = login("ana")
SWIFT = {"sweep_interval": 0.5, "retire_after": 0}


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Stack]:
    """A second cluster with our kinds in it, and systems of its own."""
    with Stack() as stack:
        crds = str(ROOT / "crds")
        stack.controlplane.run_kubectl("apply", "--server-side", "-f", crds)
        stack.controlplane.run_kubectl("wait", "--for=condition=Established", "-f", crds)
        yield stack


@pytest.fixture(scope="module")
def another(elsewhere: Stack) -> ControlPlane:
    """The second cluster."""
    return elsewhere.controlplane


def ispalier(folder: Path, *words: str, journal: str = "ispalier.db") -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603 - our own command
        [Path(sys.executable).with_name("ispalier"), *words],
        cwd=folder,
        env={**os.environ, "ISPALIER_JOURNAL_URL": f"sqlite:///{folder / journal}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


async def source(cluster: Cluster) -> str:
    return f"cluster:{await cluster_uid(cluster.client)}"


async def secret(cluster: Cluster) -> str:
    raw = await cluster.client.request("GET", "/api/v1/namespaces/silva/secrets/made")
    return base64.b64decode(raw["data"]["password"]).decode()


async def address(cluster: Cluster) -> str:
    return str((await cluster.get("IPClaim", "silva", "joao"))["status"]["address"])


def ana(memory: Memory) -> State:
    return memory.items["line", "ana"].state


async def compared(folder: Path) -> None:
    """Wait until a sweep has compared everything."""

    async def is_shown() -> bool:
        words = ("journal", "confirm", "--folder", ".")
        _, said = await anyio.to_thread.run_sync(ispalier, folder, *words)
        return "not everything was compared" not in said

    await until(is_shown)


def test_a_cluster_made_again_from_git_has_the_same_addresses_and_passwords(
    kinds: ControlPlane, another: ControlPlane, tmp_path: Path
) -> None:
    memory = Memory()
    folder = str(tmp_path)

    async def first() -> tuple[str, str]:
        async with cluster_of(kinds) as cluster:
            async with operator(account_of(kinds), tmp_path, memory, source=await source(cluster)):
                await cluster.secret("silva", "passwords", login="wireless")
                await cluster.create(*EVERYTHING, ANA)
                await cluster.all_ready()
            return await secret(cluster), await address(cluster)

    async def second(given: tuple[str, str]) -> None:
        async with cluster_of(another) as cluster:
            await create_identity(cluster.client, Identity(HOME.installation, KEY))
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*EVERYTHING)
            ours = await source(cluster)
            with pytest.raises(Conflict, match="the journal serves the cluster whose"):
                async with operator(account_of(another), tmp_path, memory, source=ours):
                    pass
            words = ("--kubeconfig", str(another.kubeconfig), "--why", "etcd was lost")
            assert ispalier(tmp_path, "journal", "rebind", *words)[0] == 0
            async with operator(account_of(another), tmp_path, memory, source=ours, **SWIFT):
                await cluster.all_ready()
                await compared(tmp_path)
                await anyio.sleep(2)

                assert memory.writes == writes
                assert ana(memory) is State.ACTIVE
                assert given == (await secret(cluster), await address(cluster))

                confirm = ("journal", "confirm", "--yes", "--folder", folder)
                code, said = ispalier(tmp_path, *confirm)
                assert (code, "missing: 1 Login of 1 customer" in said) == (0, True)
                await until(lambda: _is(memory, State.RETIRED))

    given = anyio.run(first)
    writes = memory.writes
    anyio.run(second, given)


async def _is(memory: Memory, state: State) -> bool:
    return ana(memory) is state


def test_an_empty_journal_before_hosts_that_know_us_is_not_ready_until_it_is_rebuilt(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    memory = Memory()
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*EVERYTHING)
            async with operator(account_of(kinds), here, memory):
                await cluster.all_ready()
            writes = memory.writes
            async with operator(account_of(kinds), there, memory) as running:
                await until(lambda: _says(running, "ispalier journal rebuild"))

                assert memory.writes == writes
                assert (await running.answer("/readyz"))[0] == 503

    anyio.run(story)


async def _says(running: Running, text: str) -> bool:
    return text in (await running.answer("/readyz"))[1]


def test_a_lost_journal_of_a_cluster_is_rebuilt_while_the_operator_waits(elsewhere: Stack) -> None:
    postgres, cluster = elsewhere.postgres, elsewhere.controlplane
    stock = radius_stock()
    assert stock is not None
    schema = (stock / RADIUS_QUERIES / "schema.sql").read_text()
    url = postgres.create_database("rebuilt", schema + DDL)
    running = prepare(elsewhere.workspace, cluster, {"ISPALIER_SWEEP_INTERVAL": "2"})
    words = ("journal", "rebuild", "--kubeconfig", str(cluster.kubeconfig))
    tables = ("radcheck", "radreply", "radusergroup", "radgroupreply", "nas", "ispalier_owner")
    everything = (
        *(service_host("radius-1", "RADIUS"), nas(), access_point()),
        *(
            unit(),
            profile(),
            plan(),
            pool(),
            tenant(),
            subscription(accessPointRef={"name": "hill"}),
        ),
        *(login("joao"), claim("joao", "joao"), MADE, claim("rui", "rui")),
    )

    def rows() -> list[object]:
        every = (f"SELECT '{each}', xmin::text, t::text FROM {each} t" for each in tables)  # noqa: S608
        return [postgres.rows("rebuilt", f"{each} ORDER BY 3") for each in every]

    async def story() -> None:
        async with cluster_of(cluster) as there:
            await there.secret("ispalier", "radius-1", url=url)
            await there.secret("ispalier", "nas", secret="between us")
            await there.secret("silva", "passwords", login="wireless")
            await there.create(*everything)
            await anyio.to_thread.run_sync(running.start)
            await there.all_ready()
            running.stop()
            before, given = rows(), (await secret(there), await address(there))
            for file in running.folder.glob("journal.db*"):
                file.unlink()
            running.process.start(lambda: True)
            await until(lambda: _is_told(running))
            still = rows()
            code, said = await anyio.to_thread.run_sync(
                lambda: ispalier(running.folder, *words, journal="journal.db")
            )
            await until(lambda: _is_open(running), seconds=60)
            await anyio.sleep(3)
            running.stop()

            assert still == before
            assert code == 0, said
            assert "bound again: 2 IP addresses" in said
            assert "read again: 1 generated password" in said
            assert rows() == before
            assert given == (await secret(there), await address(there))

    anyio.run(story)


async def _is_told(running: Operator) -> bool:
    log = (running.folder / "operator.log").read_text()
    return "ispalier journal rebuild" in log


async def _is_open(running: Operator) -> bool:
    return running.is_ready()
