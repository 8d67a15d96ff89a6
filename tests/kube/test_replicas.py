"""Two replicas: one acts, the other takes over, and nothing is written twice or too late."""

import asyncio
import random
import time

import anyio
import psycopg
import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.errors import StackError
from hack.stack.faultproxy import Delay, Fault
from hack.stack.operator import Operator, journal_url, prepare
from hack.stack.stack import Stack
from ispalier.kube.identity import NAME
from tests.kube.replicas import EDITED, LEASE, Replicas, ended, replicas
from tests.operators import until

SLACK = 5.0
"""Seconds that two cores with much else to do may take beyond the lease."""
LOST = "we may not write any more"


def log_of(one: Operator) -> str:
    return (one.folder / "operator.log").read_text()


@pytest.mark.parametrize("seed", range(2))
def test_killed_while_it_works_it_is_followed_and_nothing_is_written_twice(
    stack: Stack, kinds: ControlPlane, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - not for secrets

    async def story() -> None:
        async with replicas(stack, kinds, tenants=6) as at:
            first = at.acting()
            other, before = at.other(first), len(at.dns.writes())
            stands_by = await asyncio.to_thread(other.metric, "ispalier_backend_changes_total")
            edits = asyncio.create_task(at.edit_all(7))
            await asyncio.sleep(chance.uniform(0, 0.3))
            first.kill()
            began = time.monotonic()
            await at.has_taken_over(other)
            seconds = time.monotonic() - began
            await edits
            await at.all_served()
            await asyncio.sleep(LEASE)  # whatever the sweep after a take-over finds

            macs, quotas = at.written("radius"), at.written("mail")
            assert stands_by == 0
            assert seconds < LEASE + SLACK
            assert [macs[f"{each} ^(02-00-00-00-00-07)$"] for each in at.names] == [1] * 6
            quota = 1007 * 1024 * 1024
            assert [quotas[f"one@{each}.replica.test {quota}"] for each in at.names] == [1] * 6
            assert {f"{each}.replica.test.": 1 for each in at.names} == at.zones_written(before)
            assert {key: 2 for key in at.versions if key[2] == 2} == {
                key: len(found) for key, found in at.versions.items() if key[2] == 2
            }
            assert len([key for key in at.versions if key[2] == 2]) == 6 * len(EDITED)

    anyio.run(story)


def test_ended_politely_it_is_followed_at_once_and_nothing_is_written(
    stack: Stack, kinds: ControlPlane
) -> None:
    async def story() -> None:
        async with replicas(stack, kinds, tenants=1, lease=60) as at:
            first = at.acting()
            other, before = at.other(first), len(at.dns.writes())
            ready = await asyncio.to_thread(other.metric, "leader_election_master_status")
            await asyncio.to_thread(first.stop)
            began = time.monotonic()
            await at.has_taken_over(other)
            seconds = time.monotonic() - began
            await at.edit("RecordSet", at.names[0], 1)
            await at.is_served("RecordSet", at.names[0])

            assert ready == 0
            assert seconds < SLACK
            assert len(at.dns.writes()) == before + 1
            assert await asyncio.to_thread(other.metric, "ispalier_backend_changes_total") == 1

    anyio.run(story)


@pytest.mark.parametrize(
    ("room", "kind", "row"),
    [
        ("radius", "Login", "SELECT FROM radcheck WHERE username = %s FOR UPDATE"),
        ("mail", "Mailbox", "SELECT FROM mailbox WHERE address = %s FOR UPDATE"),
    ],
)
def test_stopped_within_a_batch_for_a_database_it_writes_nothing_when_it_goes_on(
    stack: Stack, kinds: ControlPlane, room: str, kind: str, row: str
) -> None:
    async def story() -> None:
        async with replicas(stack, kinds, tenants=1) as at:
            name, first = at.names[0], at.acting()
            other, key = at.other(first), name if room == "radius" else f"one@{name}.replica.test"
            url = stack.postgres.url(at.databases[room])
            async with await psycopg.AsyncConnection.connect(url) as somebody:
                await somebody.execute(row.encode(), [key])
                await at.edit(kind, name, 1)
                await is_waited_for(at, room)
                first.pause()
            await at.edit(kind, name, 2)
            await at.has_taken_over(other)
            await at.is_served(kind, name)
            before = at.written(room)
            first.resume()
            code = await ended(first)

            assert code == 1
            assert LOST in log_of(first)
            assert before == at.written(room)

    anyio.run(story)


def test_on_sqlite_a_second_one_refuses_at_once_and_a_killed_one_is_followed_at_once(
    stack: Stack, kinds: ControlPlane
) -> None:
    first = prepare(stack.workspace, kinds, name="operator-alone")
    same = {"ISPALIER_JOURNAL_URL": journal_url(first.folder)}
    second = prepare(stack.workspace, kinds, same, name="operator-beside")
    try:
        first.start()
        with pytest.raises(StackError, match="where a second replica stands by") as refused:
            second.start()
        first.kill()
        second.start()
        acts = second.is_acting()
    finally:
        first.kill()
        second.kill()
        kinds.run_kubectl("delete", "secret", NAME, "-n", "ispalier")

    assert "ended by itself with code 1" in str(refused.value)
    assert "the back ends are written by ispalier run (process" in str(refused.value)
    assert acts


async def is_waited_for(at: Replicas, room: str) -> None:
    """Wait until somebody waits for a row in the database of a room."""
    here = "datname = current_database()"
    query = f"SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND {here}"  # noqa: S608 - text of ours
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(at.rows, room, query):  # noqa: ASYNC110 - of a database
            await asyncio.sleep(0.02)


def test_stopped_within_a_call_of_powerdns_it_writes_nothing_when_it_goes_on(
    stack: Stack, kinds: ControlPlane
) -> None:
    late = Fault(Delay(0.85 * LEASE), method="PATCH")  # it arrives when the lease ends

    async def story() -> None:
        async with replicas(stack, kinds, tenants=1) as at:
            name, first = at.names[0], at.acting()
            other = at.other(first)
            with at.dns.fault(late):
                await at.edit("RecordSet", name, 1)
                async with asyncio.timeout(10):
                    while not late.hits:  # noqa: ASYNC110 - counted in a thread
                        await asyncio.sleep(0.01)
                first.pause()
                await at.edit("RecordSet", name, 2)
                await at.has_taken_over(other)
                await at.is_served("RecordSet", name)
                before, served = len(at.dns.writes()), at.ttl(name)
                first.resume()
                code = await ended(first)

            assert code == 1
            assert LOST in log_of(first)
            assert (served, at.ttl(name)) == (302, 302)
            assert before == len(at.dns.writes())

    anyio.run(story)


def test_a_call_that_arrives_long_after_the_take_over_is_mended_by_the_sweep_that_follows(
    stack: Stack, kinds: ControlPlane
) -> None:
    late = Fault(Delay(1.5 * LEASE), method="PATCH")

    async def story() -> None:
        async with replicas(stack, kinds, tenants=1) as at:
            name, first = at.names[0], at.acting()
            other, before = at.other(first), len(at.dns.writes())

            async def came() -> bool:
                return len(at.dns.writes()) > before + 1

            async def is_right() -> bool:
                return await asyncio.to_thread(at.ttl, name) == 302

            with at.dns.fault(late):
                await at.edit("RecordSet", name, 1)
                async with asyncio.timeout(10):
                    while not late.hits:  # noqa: ASYNC110 - counted in a thread
                        await asyncio.sleep(0.01)
                first.pause()
                await at.edit("RecordSet", name, 2)
                await at.has_taken_over(other)
                await until(came)
                await until(is_right)

    anyio.run(story)
