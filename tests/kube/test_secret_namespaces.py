"""Secrets of named namespaces only: what is elsewhere waits, and everything else is served."""

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from tests.builders import login, plan, pool, profile, subscription, tenant, unit
from tests.charted import account_of, applied, name_of, rights
from tests.inmemory import Line, Memory
from tests.operators import cluster_of, operator, until

NARROW = "narrow"
"""A release that may read the Secrets of silva, and of its own namespace."""
SOUZA = (tenant("souza", "10043"), subscription("souza"), login("eva", "souza"))
SILVA = (unit(), profile(), plan(), pool(), tenant(), subscription(), login("joao"))
EVA = ("Login", "souza", "eva")
ADD = "may not be read: add it to the value secrets.namespaces of the chart"
MADE = login("rui", password={"generate": {"secretName": "made"}})


@pytest.fixture
def account(kinds: ControlPlane) -> Iterator[Path]:
    values = ("--set", "secrets.scope=Namespaces", "--set", "secrets.namespaces={silva}")
    applied(kinds, [SPACE, *rights(NARROW, *values)])
    yield account_of(kinds, release=NARROW)
    kinds.run_kubectl("delete", "role,rolebinding", "-n", "silva", f"{name_of(NARROW)}-secrets")


SPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "silva"}}


def test_a_tenant_whose_secrets_may_not_be_read_waits_and_keeps_what_it_has(
    kinds: ControlPlane, account: Path, tmp_path: Path
) -> None:
    memory = Memory()

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.secret("souza", "passwords", login="wireless")
            await cluster.create(*SILVA, *SOUZA)
            async with operator(account_of(kinds), tmp_path, memory):
                await cluster.all_ready()
            before = memory.items["line", "eva"]
            async with operator(account, tmp_path, memory, secret_namespaces=["silva"]) as it:
                await it.ready()
                await cluster.is_ready(*EVA, "False Waiting")
                await cluster.create(MADE)
                await cluster.is_ready("Login", "silva", "rui", "True Ready")
                told = await cluster.condition(*EVA, "Ready")
                await cluster.secret("silva", "passwords", login="another")
                await until(lambda: has_changed(memory))
            await cluster.client.request("DELETE", "/api/v1/namespaces/silva/secrets/made")

            assert ADD in told
            assert before == memory.items["line", "eva"]

    anyio.run(story)


def test_a_namespace_that_went_with_its_role_keeps_nobody_else_waiting(
    kinds: ControlPlane, account: Path, tmp_path: Path
) -> None:
    spaces = ["silva", "gone"]

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)
            async with operator(account, tmp_path, Memory(), secret_namespaces=spaces) as it:
                await it.ready()
                await cluster.all_ready()

    anyio.run(story)


async def has_changed(memory: Memory) -> bool:
    line = memory.items["line", "joao"]
    assert isinstance(line, Line)
    return line.password.reveal() == "another"
