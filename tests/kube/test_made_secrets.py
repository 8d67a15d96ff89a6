"""Generated passwords are written into Secrets that were made for them, and into no other."""

import json
from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.api.base import Resource
from ispalier.core.engine import SecretOut
from ispalier.core.gather import Identity
from ispalier.kube.client import MERGE_PATCH, ApiError
from ispalier.kube.identity import NAME, create_identity
from ispalier.kube.secret_objects import LABELS, MADE_FOR, SecretObjects
from ispalier.world.secret import MadeFor, Secret
from ispalier.world.snapshot import Snapshot
from tests.builders import login, plan, pool, profile, resource, subscription, tenant, unit
from tests.charted import HOME, account_of
from tests.inmemory import Memory
from tests.operators import Body, Cluster, cluster_of, operator, until

PLACE = f"/api/v1/namespaces/{HOME}/secrets"
PROVIDER = (unit(), profile(), plan(), pool())
RUI = MadeFor("10042", "Login", "rui")


def generating(
    username: str,
    secret: str,
    key: str = "password",
    name: str | None = None,
    contract: str = "home",
) -> Resource:
    wish = {"generate": {"secretName": secret, "key": key}}
    return login(username, HOME, name, password=wish, subscriptionRef={"name": contract})


async def planted(cluster: Cluster, name: str, **data: str) -> Body:
    """A Secret of importance that bears the very labels of ours."""
    body = {"metadata": {"name": name, "labels": LABELS}, "stringData": data}
    found: Body = await cluster.client.request("POST", PLACE, body=body)
    return found


async def secret(cluster: Cluster, name: str) -> Body:
    found: Body = await cluster.client.request("GET", f"{PLACE}/{name}")
    return found


def test_labels_alone_make_no_secret_ours_where_a_tenant_lives_beside_the_controller(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster, operator(account_of(kinds), tmp_path, Memory()):
            await cluster.namespace(HOME)
            before = await planted(cluster, "journal", url="postgresql://books")
            await cluster.create(*PROVIDER, tenant(HOME), subscription(HOME))
            await cluster.create(generating("rui", "journal", "url"), generating("eva", "journal"))
            await cluster.is_ready("Login", HOME, "rui", "False Conflict")
            await cluster.is_ready("Login", HOME, "eva", "False Conflict")
            told = await cluster.condition("Login", HOME, "rui", "Ready")

            assert before == await secret(cluster, "journal")
            assert "secret 'journal' is there already and was not made for this" in told

    anyio.run(story)


def test_a_secret_is_of_one_customer_and_says_for_whom_each_value_was_made(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    souza = resource("Tenant", "souza", {**_spec(), "number": "10043"}, HOME)
    home = subscription(HOME, tenantRef={"name": HOME})
    other = subscription(HOME, "other", tenantRef={"name": "souza"})

    async def story() -> None:
        async with cluster_of(kinds) as cluster, operator(account_of(kinds), tmp_path, Memory()):
            await cluster.create(*PROVIDER, tenant(HOME), souza, home, other)
            await cluster.create(generating("rui", "made"))
            await cluster.all_ready()
            await cluster.create(generating("eva", "made", "eva"))
            await cluster.all_ready()
            await cluster.create(generating("ana", "made", "ana", contract="other"))
            await cluster.is_ready("Login", HOME, "ana", "False Conflict")
            found = await secret(cluster, "made")
            told = json.loads(found["metadata"]["annotations"][MADE_FOR])

            assert {"password", "eva"} == found["data"].keys()
            assert told == {"password": "10042/Login/rui", "eva": "10042/Login/eva"}

    anyio.run(story)


def test_who_is_renamed_keeps_password_and_secret(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster, operator(account_of(kinds), tmp_path, Memory()):
            await cluster.create(*PROVIDER, tenant(HOME), subscription(HOME))
            await cluster.create(generating("rui", "made"))
            await cluster.all_ready()
            before = await secret(cluster, "made")
            await cluster.delete("Login", HOME, "rui")
            await cluster.create(generating("rui", "made", name="rui-home"))
            await cluster.all_ready()

            assert before["data"] == (await secret(cluster, "made"))["data"]

    anyio.run(story)


def test_a_secret_of_a_time_before_marks_is_marked_and_a_lost_journal_reads_it_back(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    memory = Memory()
    for each in ("first", "second"):
        (tmp_path / each).mkdir()

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            async with operator(account_of(kinds), tmp_path / "first", memory):
                await cluster.create(*PROVIDER, tenant(HOME), subscription(HOME))
                await cluster.create(generating("rui", "made"))
                await cluster.all_ready()
                before = await secret(cluster, "made")
                await unmarked(cluster, "made")
                await until(lambda: is_marked(cluster, "made"))
            async with operator(account_of(kinds), tmp_path / "second", Memory()):
                await cluster.patch("Login", HOME, "rui", {"notes": "with another journal"})
                await cluster.all_ready()

            after = await secret(cluster, "made")
            assert before["data"] == after["data"]
            assert before["metadata"]["annotations"] == after["metadata"]["annotations"]

    anyio.run(story)


def test_what_bears_our_labels_and_holds_another_value_is_not_marked(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            async with operator(account_of(kinds), tmp_path, Memory()):
                await cluster.create(*PROVIDER, tenant(HOME), subscription(HOME))
                await cluster.create(generating("rui", "made"))
                await cluster.all_ready()
                await cluster.client.request("DELETE", f"{PLACE}/made")
                before = await planted(cluster, "made", password="theirs")
                await cluster.is_ready("Login", HOME, "rui", "False Conflict")

            assert before == await secret(cluster, "made")

    anyio.run(story)


def test_no_resource_names_the_secret_of_the_installation(kinds: ControlPlane) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            with pytest.raises(ApiError, match="is the Secret of the installation's own id and k"):
                await cluster.create(generating("rui", NAME))
            read = {"secretRef": {"name": NAME, "key": "key"}}
            with pytest.raises(ApiError, match="is the Secret of the installation's own id and k"):
                await cluster.create(login("rui", HOME, password=read))

    anyio.run(story)


@pytest.mark.parametrize("is_read_first", [True, False])
def test_the_secret_of_the_installation_is_neither_written_nor_read_as_one(
    kinds: ControlPlane, *, is_read_first: bool
) -> None:
    world = Snapshot()
    out = SecretOut(HOME, NAME, "key", Secret("chosen by a customer"), RUI)

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await create_identity(cluster.client, Identity("here", Secret("a key"), HOME))
            before = await secret(cluster, NAME)
            secrets = SecretObjects(cluster.client, world)
            try:
                await secrets.read([(HOME, NAME)] if is_read_first else [])
                await tried(secrets, out)
                after = await secret(cluster, NAME)
            finally:
                await cluster.client.request("DELETE", f"{PLACE}/{NAME}")

            assert before == after
            assert world.is_foreign_secret(*out[:3], RUI)
            assert world.secret(*out[:3]) is None

    anyio.run(story)


def test_a_secret_that_became_another_since_it_was_seen_is_not_written(
    kinds: ControlPlane,
) -> None:
    world = Snapshot()
    out = SecretOut(HOME, "made", "password", Secret("generated"), RUI)

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.namespace(HOME)
            secrets = SecretObjects(cluster.client, world)
            await secrets.write(out, 5)
            await cluster.client.request("DELETE", f"{PLACE}/made")
            before = await planted(cluster, "made", password="theirs")
            await tried(secrets, out)

            assert before == await secret(cluster, "made")

    anyio.run(story)


@pytest.mark.parametrize("text", ["[" * 2000, "[]", '{"a": 1}', '{"a": "b/c"}', "no JSON"])
def test_what_somebody_wrote_where_we_say_for_whom_ends_nothing(
    kinds: ControlPlane, text: str
) -> None:
    world = Snapshot()

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.namespace(HOME)
            metadata = {"name": "odd", "labels": LABELS, "annotations": {MADE_FOR: text}}
            await cluster.client.request("POST", PLACE, body={"metadata": metadata})
            try:
                await SecretObjects(cluster.client, world).read([(HOME, "odd")])
            finally:
                await cluster.client.request("DELETE", f"{PLACE}/odd")

    anyio.run(story)

    assert world.is_foreign_secret(HOME, "odd", "password", RUI)


async def unmarked(cluster: Cluster, name: str) -> None:
    """As an earlier version left it: with our labels, and nothing said of whose it is."""
    body = {"metadata": {"annotations": {MADE_FOR: None}}}
    path = f"{PLACE}/{name}"
    await cluster.client.request("PATCH", path, body=body, content=MERGE_PATCH)


async def is_marked(cluster: Cluster, name: str) -> bool:
    return MADE_FOR in (await secret(cluster, name))["metadata"].get("annotations", {})


async def tried(secrets: SecretObjects, out: SecretOut) -> None:
    """Write, as a pass does: who is refused is asked again by the next one."""
    try:
        await secrets.write(out, 5)
    except ApiError as error:
        assert error.status == 409  # noqa: PT017 - not to be raised where nothing is sent


def _spec() -> Body:
    return {"displayName": "souza", "businessUnitRef": {"name": "londrina"}}
