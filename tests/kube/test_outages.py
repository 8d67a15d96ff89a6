"""Systems that are away, full or lie for a while: everything is right afterwards, without a person."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.faultproxy import Answer, Fault
from hack.stack.stack import Stack
from tests.kube.replicas import Replicas, replicas
from tests.operators import until

OUTAGE = float(os.environ.get("ISPALIER_OUTAGE_SECONDS", "2"))
LEASE = 120.0
"""Seconds; the journal may be away, too."""
LATEST = 9
"""The number of the edits that must be in force at the end."""


@contextmanager
def postgres_is_away(stack: Stack, _: ControlPlane) -> Iterator[None]:
    """Two of the systems, and the journal with them."""
    stack.postgres.stop()
    try:
        yield
    finally:
        stack.postgres.start()


@contextmanager
def powerdns_is_away(stack: Stack, _: ControlPlane) -> Iterator[None]:
    stack.powerdns.stop()
    try:
        yield
    finally:
        stack.powerdns.start()


@contextmanager
def api_server_hangs(_: Stack, cluster: ControlPlane) -> Iterator[None]:
    pid = cluster.processes[1].pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("away", [postgres_is_away, powerdns_is_away, api_server_hangs])
def test_what_is_edited_while_a_system_is_away_is_right_afterwards(
    stack: Stack, kinds: ControlPlane, away: Callable[..., AbstractContextManager[None]]
) -> None:
    async def story() -> None:
        async with replicas(stack, kinds, tenants=3, count=1, lease=LEASE) as at:
            with away(stack, kinds):
                edits = asyncio.create_task(at.edit_all(LATEST))
                await asyncio.sleep(OUTAGE)
            await edits
            await at.all_served()
            await asyncio.to_thread(check, at)

    anyio.run(story)


def check(at: Replicas) -> None:
    """What the systems hold is what was declared last."""
    macs = at.rows("radius", "SELECT value FROM radcheck WHERE attribute = 'Calling-Station-Id'")
    quotas = at.rows("mail", "SELECT quota_bytes FROM mailbox")
    assert {value for (value,) in macs} == {f"^(02-00-00-00-00-{LATEST:02})$"}
    assert {value for (value,) in quotas} == {(1000 + LATEST) * 1024 * 1024}
    assert {at.ttl(name) for name in at.names} == {300 + LATEST}


def test_who_says_that_it_is_done_and_did_not_do_it_is_found_out(
    stack: Stack, kinds: ControlPlane
) -> None:
    lie = Fault(Answer(204), method="PATCH")

    async def story() -> None:
        async with replicas(stack, kinds, tenants=1, count=1, sweep_interval=1) as at:
            name = at.names[0]
            with at.dns.fault(lie):
                await at.edit("RecordSet", name, LATEST)
                await at.is_served("RecordSet", name)  # it was believed

            async def is_right() -> bool:
                return await asyncio.to_thread(at.ttl, name) == 300 + LATEST

            await until(is_right)
            assert lie.hits == 1

    anyio.run(story)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_while_the_journals_disk_is_full_nothing_is_changed_and_then_it_goes_on(
    stack: Stack, kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story(disk: Path) -> None:
        url = f"sqlite:///{disk / 'journal.db'}"
        async with replicas(stack, kinds, tenants=2, count=1, journal_url=url) as at:
            filler = disk / "filler"
            fill(filler)
            await at.edit_all(LATEST)
            await asyncio.sleep(OUTAGE)
            left = await at.cluster.unready()
            filler.unlink()
            await at.all_served()
            await asyncio.to_thread(check, at)

            assert left  # it could not have been done without the journal

    with small_disk(tmp_path / "disk") as disk:
        anyio.run(story, disk)


@contextmanager
def small_disk(path: Path) -> Iterator[Path]:
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "ispalier-test", path], check=True)  # noqa: S603, S607 - a folder of the test
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)  # noqa: S603, S607 - a folder of the test


def fill(file: Path) -> None:
    """Take all the room that is left on a disk."""
    with file.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(bytes(4096))
        except OSError:
            return
