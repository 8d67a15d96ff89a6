"""Looking inside a cluster: who edited what, one line per change set, and the fleet at a glance."""

import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from hack.stack.controlplane import ControlPlane
from ispalier.api.kinds import BY_NAME
from ispalier.cli.main import app
from ispalier.core.gather import Identity
from ispalier.journal.history import History
from ispalier.journal.journal import Journal
from ispalier.kube.client import MERGE_PATCH, path_to
from ispalier.kube.identity import create_identity
from ispalier.world.errors import Unavailable
from ispalier.world.snapshot import Ident
from tests.builders import claim, login, plan, pool, profile, subscription, tenant, unit
from tests.charted import account_of
from tests.inmemory import HOME, KEY, Memory
from tests.operators import Cluster, Running, cluster_of, operator, until

EVERYTHING = (
    *(unit(), profile(), plan(), pool()),
    *(tenant(), subscription(), login("joao"), claim("joao", "joao")),
)


async def declare(cluster: Cluster) -> None:
    await cluster.secret("silva", "passwords", login="wireless")
    await cluster.create(*EVERYTHING)


async def suspend_as(cluster: Cluster, manager: str) -> None:
    """Suspend the contract as a field manager."""
    path = path_to(BY_NAME["Subscription"], Ident("Subscription", "silva", "home"))
    body = {"spec": {"suspensions": [{"reason": "Unpaid", "since": "2026-11-01"}]}}
    await cluster.client.request(
        "PATCH", f"{path}?fieldManager={manager}", body=body, content=MERGE_PATCH
    )


def history(running: Running) -> History:
    assert isinstance(running.engine.journal, Journal)
    return History(running.engine.journal.engine)


async def ispalier(env: dict[str, str], *words: str) -> Result:
    """Run a command beside the loop that talks to the cluster."""
    return await anyio.to_thread.run_sync(lambda: CliRunner().invoke(app, words, env=env))


def test_a_change_is_told_with_the_field_manager_who_edited_and_logged_in_one_line(
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
            with capture_logs() as logs:
                await suspend_as(cluster, "collections-office")
                await until(lambda: _is_suspended(history(it)))
                await until(lambda: _is_logged(logs))  # the journal has it first
            row = history(it).of("10042", "Login", "joao", 1)[0]

        (line,) = [each for each in logs if each["event"] == "applied"]
        assert (row.verb, row.cause, row.item) == ("suspend", "Edit", "line joao")
        assert row.detail.startswith("Subscription/home: collections-office at 20")
        assert ", generation 2, version " in row.detail
        assert (line["unit"], line["room"], line["host"], line["suspend"]) == (
            *("10042", "memory", "memory", 1),
        )
        assert line["digest"] == row.digest
        assert line["cause"] == f"Edit: {row.detail}"
        assert 0 <= line["seconds"] < 5
        assert "wireless" not in str(logs)

    anyio.run(story)


async def _is_logged(logs: Sequence[Mapping[str, Any]]) -> bool:
    return any(each["event"] == "applied" for each in logs)


async def _is_suspended(found: History) -> bool:
    return found.of("10042", "Login", "joao", 1)[0].verb == "suspend"


def test_status_and_drift_read_the_cluster_and_ask_the_operator(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        memory = Memory()
        namespace = f"own-{uuid.uuid4().hex[:8]}"
        where = ("--kubeconfig", str(kinds.kubeconfig), "--format", "json")
        async with (
            cluster_of(kinds) as cluster,
            operator(account_of(kinds), tmp_path, memory, sweep_interval=0.2) as it,
        ):
            await create_identity(cluster.client, Identity(HOME.installation, KEY, namespace))
            await declare(cluster)
            await cluster.all_ready()
            await until(lambda: _has_swept(it))
            env = {
                "ISPALIER_JOURNAL_URL": f"sqlite:///{tmp_path / 'ispalier.db'}",
                "ISPALIER_NAMESPACE": namespace,
                "ISPALIER_LISTEN": it.listen,
            }
            status = await ispalier(env, "status", *where)
            table = await ispalier(env, "status", *where[:2])
            drift = await ispalier(env, "drift", *where)
            why = await ispalier(env, "why", "Login/joao", *where[:2])
            unit = json.loads((await ispalier(env, "why", "BusinessUnit/londrina", *where)).stdout)
            memory.fail = lambda _: Unavailable("memory is full of holes")
            await until(lambda: _is_down(it))
            down = await ispalier(env, "status", *where)
            alone = await ispalier({**env, "ISPALIER_LISTEN": "127.0.0.1:1"}, "status", *where)

        told = json.loads(status.stdout)
        hosts = {each["host"]: each for each in told["hosts"]}
        compared = json.loads(drift.stdout)
        problems = {each["resource"]: each["message"] for each in compared["problems"]}
        assert status.exit_code == 0, status.output
        assert {each["kind"]: each["ready"] for each in told["resources"]}["Login"] == 1
        assert (hosts["memory"]["items"], hosts["memory"]["differing"]) == (2, 0)
        assert told["controller"]["ready"]
        assert told["controller"]["lastSweep"]
        assert told["controller"]["waiting"] == 0
        assert "Controller    127.0.0.1:" in table.stdout
        assert why.stdout.startswith("Login/joao of customer 10042 is declared, and served so")
        assert "\n  Ready True, Ready\n" in why.stdout
        assert [each["type"] for each in unit["conditions"]] == ["Ready"]
        assert compared["changes"] == []
        assert {"Login/joao"} <= problems.keys()
        assert "wireless" not in drift.output
        (lost,) = (each for each in json.loads(down.stdout)["hosts"] if each["host"] == "memory")
        assert (lost["reachable"], lost["circuitOpen"]) == (False, False)
        assert "its last call failed" in lost["problem"]
        assert json.loads(alone.stdout)["controller"] is None

    with capture_logs():  # else what the operator logs is in the output of the commands
        anyio.run(story)


async def _is_down(running: Running) -> bool:
    _, text = await running.answer("/metrics")
    return 'ispalier_backend_up{host="memory",room="memory"} 0.0' in text


async def _has_swept(running: Running) -> bool:
    _, text = await running.answer("/metrics")
    return 'ispalier_items{host="memory",room="memory"} 2.0' in text
