"""Operations in a cluster: asked for in one's own name, carried out once, told in the status."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.errors import StackError
from ispalier.api.acts import Operation
from ispalier.api.generate import ROOT
from ispalier.core.limits import Limits
from ispalier.journal.journal import Journal
from ispalier.journal.pending import Pending
from ispalier.kube.client import path_of
from ispalier.world.state import State
from tests.builders import login, plan, profile, subscription, tenant, unit
from tests.charted import account_of
from tests.inmemory import Memory
from tests.operators import Cluster, cluster_of, operator, until

SILVA = (unit(), profile(), plan(), tenant(), subscription(), login("joao"), login("ana"))
JOAO = ("line", "joao")
PURGE = {"purge": {"customer": "10042", "kind": "Login", "name": "joao"}}
RESTORE = {"restore": {"customer": "10042", "kind": "Login", "name": "joao"}}


def manifest(name: str, act: dict[str, Any], namespace: str, by: str = "admin") -> dict[str, Any]:
    return {
        "apiVersion": "ispalier.dev/v1alpha1",
        "kind": "Operation",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"requestedBy": by, "why": "he left", **act},
    }


async def ask(cluster: Cluster, name: str, act: dict[str, Any], namespace: str = "silva") -> None:
    await cluster.namespace(namespace)
    body = manifest(name, act, namespace)
    await cluster.client.request("POST", path(namespace), body=body)


def path(namespace: str, name: str = "") -> str:
    group, _, plural = path_of(Operation).rpartition("/")
    return f"{group}/namespaces/{namespace}/{plural}" + (f"/{name}" if name else "")


async def told(cluster: Cluster, name: str, namespace: str = "silva") -> tuple[str, str]:
    """Reason of Ready, and the result, once there are any."""
    status: dict[str, Any] = {}

    async def is_told() -> bool:
        nonlocal status
        status = (await cluster.client.request("GET", path(namespace, name)))["status"]
        return "result" in status

    await until(is_told)
    (reason,) = (each["reason"] for each in status["conditions"] if each["type"] == "Ready")
    return reason, status["result"]


def test_what_is_purged_by_an_operation_is_deleted_once_and_at_once(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        memory = Memory()

        async def is_off() -> bool:
            return memory.items[JOAO].state is State.RETIRED

        async def is_deleted() -> bool:
            return JOAO not in memory.items

        async def serves() -> bool:
            return JOAO in memory.items

        async with cluster_of(kinds) as cluster:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)
            async with operator(account_of(kinds), tmp_path, memory, retire_after=0):
                await cluster.all_ready()
                await cluster.delete("Login", "silva", "joao")
                await until(is_off)
                began = time.monotonic()
                await ask(cluster, "purge-joao", PURGE)
                await until(is_deleted)
                assert time.monotonic() - began < 1.5
                assert (await told(cluster, "purge-joao"))[0] == "Done"

                await cluster.client.request("DELETE", path("silva", "purge-joao"))
                await cluster.create(login("joao"))
                await until(serves)
                await cluster.delete("Login", "silva", "joao")
                await until(is_off)
                await ask(cluster, "purge-joao", PURGE)
                assert (await told(cluster, "purge-joao"))[0] == "Done"
                await anyio.sleep(1)
                assert memory.items[JOAO].state is State.RETIRED  # it was done before

    anyio.run(story)


def test_what_is_gone_is_served_again_until_it_is_declared(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        memory = Memory()

        async def is_off() -> bool:
            return memory.items[JOAO].state is State.RETIRED

        async def serves() -> bool:
            return memory.items[JOAO].state is State.ACTIVE

        async with cluster_of(kinds) as cluster:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)
            async with operator(account_of(kinds), tmp_path, memory, retire_after=0):
                await cluster.all_ready()
                await cluster.delete("Login", "silva", "joao")
                await until(is_off)
                await ask(cluster, "restore-joao", RESTORE)
                await until(serves)
            async with operator(account_of(kinds), tmp_path, memory, retire_after=0) as again:
                await again.ready()
                await anyio.sleep(1)
                assert await serves()  # it is remembered
                await cluster.create(login("joao"))
                await cluster.all_ready()

            assert (await told(cluster, "restore-joao"))[0] == "Done"

    anyio.run(story)


def test_what_a_brake_holds_back_is_told_by_an_event_and_let_go_by_an_operation(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        memory, events = Memory(), "/apis/events.k8s.io/v1/namespaces/ispalier/events"

        async def is_off() -> bool:
            return memory.items[JOAO].state is State.RETIRED

        async with cluster_of(kinds) as cluster:
            await cluster.namespace("ispalier")
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)
            async with operator(account_of(kinds), tmp_path, memory, retire_after=0) as it:
                it.engine.limits = limits = Limits(always=0)
                journal = it.engine.journal
                assert isinstance(journal, Journal)
                await cluster.all_ready()
                await cluster.delete("Login", "silva", "joao")

                async def is_told() -> bool:
                    found = (await cluster.client.request("GET", events))["items"]
                    return any("1 of 2 Login resources" in each["note"] for each in found)

                await until(is_told)
                assert not await is_off()
                (held,) = Pending(journal.engine).sets(limits, datetime.now(UTC))
                await ask(cluster, "approve", {"approve": {"digest": held.digest}}, "ispalier")
                await until(is_off)
                assert await told(cluster, "approve", "ispalier") == (
                    "Done",
                    "1 resource may go: missing Login",
                )

    anyio.run(story)


def test_who_writes_in_a_namespace_speaks_for_it_alone(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.create(*SILVA)
            async with operator(account_of(kinds), tmp_path, Memory()) as it:
                await it.ready()
                await ask(cluster, "not-mine", PURGE, "lopes")
                await ask(cluster, "not-there", PURGE, "ispalier")

                reason, result = await told(cluster, "not-mine", "lopes")
                assert (reason, result) == (
                    "Failed",
                    "not done: this may be asked for in namespace 'ispalier' only",
                )
                _, result = await told(cluster, "not-there", "ispalier")
                assert result == "not done: Login/joao is not gone: see `ispalier retired`"

    anyio.run(story)


def test_nobody_asks_in_somebody_elses_name(kinds: ControlPlane, tmp_path: Path) -> None:
    kinds.run_kubectl("apply", "-f", str(ROOT / "admission.yaml"))
    file = tmp_path / "operation.json"

    def create(by: str) -> str:

        file.write_text(json.dumps(manifest("forged", PURGE, "default", by)))
        return kinds.run_kubectl("create", "-f", str(file), "--dry-run=server")

    def is_taken(by: str) -> bool:
        try:
            create(by)
        except StackError:
            return False
        return True

    try:
        deadline = time.monotonic() + 20
        while is_taken("somebody"):  # the API server takes a moment to know a new policy
            assert time.monotonic() < deadline
            time.sleep(0.2)
        with pytest.raises(StackError, match=r"spec\.requestedBy must be you: write admin"):
            create("somebody")
        assert is_taken("admin")
    finally:
        kinds.run_kubectl("delete", "-f", str(ROOT / "admission.yaml"))


def test_an_operation_is_never_edited(kinds: ControlPlane) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await ask(cluster, "fixed", PURGE)
            try:
                patch = '{"spec":{"why":"another"}}'
                words = ("patch", "operation", "fixed", "-n", "silva", "--type=merge", "-p", patch)
                with pytest.raises(StackError, match="is immutable: make a new Operation"):
                    kinds.run_kubectl(*words)
            finally:
                await cluster.client.request("DELETE", path("silva", "fixed"))

    anyio.run(story)
