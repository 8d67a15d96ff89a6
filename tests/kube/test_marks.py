"""What others write in the journal is acted on within a second by an operator that runs."""

import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio

from hack.stack.controlplane import ControlPlane
from ispalier.world.state import State
from tests.builders import login, plan, pool, profile, subscription, tenant, unit
from tests.charted import account_of
from tests.inmemory import Memory
from tests.operators import cluster_of, operator, until

SILVA = (unit(), profile(), plan(), pool(), tenant(), subscription(), login("joao"), login("ana"))
JOAO = ("line", "joao")
AT_ONCE = 2.0
"""Seconds: the one that is promised, and one for a machine that is busy with tests."""


async def command(folder: Path, *words: str) -> None:
    """Run a command on the journal of a folder; one that fails fails the test."""
    await anyio.to_thread.run_sync(_command, folder, words)


def _command(folder: Path, words: tuple[str, ...]) -> None:
    subprocess.run(  # noqa: S603 - our own command
        [Path(sys.executable).with_name("ispalier"), *words],
        env={**os.environ, "ISPALIER_JOURNAL_URL": f"sqlite:///{folder / 'ispalier.db'}"},
        check=True,
        timeout=60,
    )


def test_what_is_purged_by_a_command_is_deleted_within_a_second(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        memory = Memory()

        async def is_off() -> bool:
            return memory.items[JOAO].state is State.RETIRED

        async def is_deleted() -> bool:
            return JOAO not in memory.items

        async with cluster_of(kinds) as cluster:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)
            async with operator(account_of(kinds), tmp_path, memory, retire_after=0):
                await cluster.all_ready()
                await cluster.delete("Login", "silva", "joao")
                await until(is_off)
                await command(tmp_path, "purge", "Login/joao", "--customer", "10042", "--yes")

                assert await seconds(is_deleted) < AT_ONCE

    anyio.run(story)


def test_a_hold_refuses_within_a_second_and_its_release_serves_again(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        memory = Memory()

        async def is_refused() -> bool:
            return memory.items[JOAO].state is State.SUSPENDED

        async def serves() -> bool:
            return memory.items[JOAO].state is State.ACTIVE

        async def is_told() -> bool:
            return await cluster.condition("Subscription", "silva", "home", "Suspended") == (
                "True Suspended dunning: Invoice 17 is overdue"
            )

        async with cluster_of(kinds) as cluster:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)
            async with operator(account_of(kinds), tmp_path, memory):
                await cluster.all_ready()
                why = ("--reason", "Invoice 17 is overdue", "--source", "dunning")
                await command(tmp_path, "hold", "Tenant/silva", "--effect", "Refuse", *why)
                held = await seconds(is_refused)
                await until(is_told)
                await command(tmp_path, "release", "Tenant/silva", "--source", "dunning")
                released = await seconds(serves)

                assert held < AT_ONCE
                assert released < AT_ONCE

    anyio.run(story)


async def seconds(true: Callable[[], Awaitable[bool]]) -> float:
    """How long it takes until something is true."""
    began = time.monotonic()
    await until(true)
    return time.monotonic() - began
