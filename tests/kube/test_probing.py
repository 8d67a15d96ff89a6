"""The operator asks a real FreeRADIUS, and the conditions tell whether it serves as declared."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.freeradius import Radius
from hack.stack.ports import HOST, free_port
from hack.stack.postgres import Postgres
from ispalier.api.base import Resource
from ispalier.assembly import build
from ispalier.journal.journal import Journal
from ispalier.kube.client import Access
from ispalier.kube.run import run
from ispalier.radius.schema import DDL
from ispalier.settings import Settings
from ispalier.world.snapshot import Snapshot
from tests.builders import login, nas, plan, profile, service_host, subscription, tenant, unit
from tests.charted import account_of
from tests.inmemory import HOME, KEY, Memory
from tests.operators import Cluster, Running, cluster_of, until, writer_of

STOCK = ("radcheck", "radreply", "radusergroup", "radgroupcheck", "radgroupreply", "nas")
UNPAID = {"suspensions": [{"reason": "Unpaid", "since": "2026-11-01"}]}
CLIENT = "INSERT INTO nas (nasname, shortname, secret) VALUES ('127.0.0.1', 'tower', 'shared')"


@pytest.fixture(autouse=True)
def tables(radius: Radius, postgres: Postgres) -> Iterator[None]:
    """The server's tables, empty, and beside them a database that it does not read."""
    name = radius.database_url.rpartition("/")[2]
    empty = f"TRUNCATE {', '.join(STOCK)}, ispalier_owner;"
    postgres.execute(name, DDL + empty)
    postgres.drop_database("elsewhere")
    postgres.create_database("elsewhere", _stock(postgres) + DDL)
    yield
    postgres.drop_database("elsewhere")
    postgres.execute(name, empty)


def _stock(postgres: Postgres) -> str:
    """The stock tables once more."""
    columns = "SELECT column_name, data_type, column_default FROM information_schema.columns"
    return "".join(
        f"CREATE TABLE {table} ("
        + ", ".join(
            f"{name} {'serial' if 'nextval' in str(default) else kind} "
            for name, kind, default in postgres.rows(
                "radius", f"{columns} WHERE table_name = '{table}' ORDER BY ordinal_position"
            )
        )
        + ");"
        for table in STOCK
    )


async def declare(cluster: Cluster, radius: Radius, database: str) -> None:
    url = radius.database_url.replace("/radius", f"/{database}")
    await cluster.secret("ispalier", "one", url=url.replace("postgresql:", "postgresql+psycopg:"))
    await cluster.secret("ispalier", "nas", secret="shared")
    await cluster.secret("silva", "passwords", login="wireless")
    await cluster.create(
        unit(), profile(), plan(), host(radius), nas(), tenant(), subscription(), login("joao")
    )


def host(radius: Radius) -> Resource:
    probe = {"address": f"{HOST}:{radius.auth_port}", "secretRef": {"name": "nas", "key": "secret"}}
    database = {"urlSecretRef": {"name": "one", "key": "url"}}
    return service_host("one", "RADIUS", radius={"database": database, "probe": probe})


@asynccontextmanager
async def probing(kinds: ControlPlane, folder: Path) -> AsyncIterator[Running]:
    """The operator with its real rooms, in a hurry."""
    url = f"sqlite:///{folder / 'ispalier.db'}"
    settings = Settings(
        listen=f"{HOST}:{free_port()}",
        journal_url=url,
        probe_interval=0.5,
        probe_rate=50,
        probe_failures=2,
    )
    journal = Journal.open(url, KEY, HOME.installation)
    engine, stop = build(Snapshot(), journal, settings, HOME), asyncio.Event()
    with closing(journal), writer_of(engine) as writer:
        task = asyncio.create_task(run(settings, engine, Access(account_of(kinds)), writer, stop))
        try:
            yield Running(engine, Memory(), settings.listen, stop, task)
        finally:
            stop.set()
            await task


async def told(cluster: Cluster, kind: str, name: str, type_: str = "Probed") -> str:
    status = (await cluster.get(kind, "silva", name))["status"]
    found = (each for each in status.get("conditions", ()) if each["type"] == type_)
    return next((f"{each['status']} {each['reason']}" for each in found), "")


async def says(cluster: Cluster, expected: str) -> None:
    """Wait until the login, its contract and its tenant tell this."""

    async def is_told() -> bool:
        return [expected] * 3 == [
            await told(cluster, "Login", "joao"),
            await told(cluster, "Subscription", "home", "RADIUSProbed"),
            await told(cluster, "Tenant", "silva", "RADIUSProbed"),
        ]

    await until(is_told, 40)


async def changes(it: Running) -> float:
    """How many changes were made in back ends so far."""
    _, text = await it.answer("/metrics")
    made = [each for each in text.splitlines() if each.startswith("ispalier_backend_changes_total")]
    return sum(float(each.rpartition(" ")[2]) for each in made)


def test_a_server_that_stops_is_told_and_writes_nothing_and_so_is_its_return(
    kinds: ControlPlane, radius: Radius, tmp_path: Path
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster, probing(kinds, tmp_path) as it:
            await declare(cluster, radius, "radius")
            await says(cluster, "True Answers")
            before = await changes(it)
            radius.stop()
            try:
                await says(cluster, "False NoAnswer")
                _, metrics = await it.answer("/metrics")
                ready = await cluster.ready("Login", "silva", "joao")
            finally:
                radius.start()
            await says(cluster, "True Answers")

            assert 'ispalier_probe_failures{host="one",room="radius"} 1.0' in metrics
            assert ready == "True Ready"
            assert await changes(it) == before

    anyio.run(story)


def test_a_server_that_reads_another_database_is_told_and_nothing_is_written(
    kinds: ControlPlane, radius: Radius, postgres: Postgres, tmp_path: Path
) -> None:
    async def story() -> None:
        postgres.execute("radius", CLIENT)
        async with cluster_of(kinds) as cluster, probing(kinds, tmp_path) as it:
            await declare(cluster, radius, "elsewhere")
            await says(cluster, "False WrongAnswer")
            before = await changes(it)
            await asyncio.sleep(2)

            assert await cluster.ready("Login", "silva", "joao") == "True Ready"
            assert await changes(it) == before

    anyio.run(story)


def test_a_suspension_is_asked_for_anew_and_answers_by_its_message(
    kinds: ControlPlane, radius: Radius, postgres: Postgres, tmp_path: Path
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster, probing(kinds, tmp_path) as it:
            await declare(cluster, radius, "radius")
            await says(cluster, "True Answers")
            await cluster.patch("Subscription", "silva", "home", UNPAID)
            await until(lambda: _is_suspended(cluster))
            await says(cluster, "True Answers")
            postgres.execute("radius", "UPDATE radgroupreply SET value = 'Come in.'")
            await says(cluster, "False WrongAnswer")

            assert it.engine.verdicts.failing() == {("radius", "one"): 1}

    anyio.run(story)


async def _is_suspended(cluster: Cluster) -> bool:
    return await told(cluster, "Login", "joao", "Suspended") == "True Suspended"
