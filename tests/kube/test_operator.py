"""The operator against a real API server: what is declared is served, and told once."""

import asyncio
import json
import random
import signal
from collections.abc import Iterable
from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.api.access import NAS, Login
from ispalier.api.base import Resource
from ispalier.api.generate import ROOT
from ispalier.core.items import Item
from ispalier.core.room import Backend, Room, Wiring
from ispalier.kube.client import ApiError
from ispalier.world.errors import Unavailable
from ispalier.world.view import View
from tests.builders import claim, login, nas, plan, pool, profile, subscription, tenant, unit
from tests.charted import account_of
from tests.inmemory import Line, Memory
from tests.operators import SOON, Cluster, Running, cluster_of, operator, proxy_of, until

PROVIDER = (unit(), profile(), plan(), pool())
SILVA = (tenant(), subscription(), login("joao"), login("ana"), claim("joao", "joao"))
SOUZA = (tenant("souza", "10043"), subscription("souza"), login("eva", "souza"))
EVERYTHING = (*PROVIDER, *SILVA, *SOUZA)
JOAO = ("line", "joao")


async def declare(cluster: Cluster) -> None:
    await cluster.secret("silva", "passwords", login="wireless")
    await cluster.secret("souza", "passwords", login="wireless")
    await cluster.create(*EVERYTHING)


def _nowhere(wiring: Wiring) -> Backend:
    raise NotImplementedError


async def _has(memory: Memory, name: str) -> bool:
    return ("line", name) in memory.items


def line(running: Running, name: str) -> Line:
    item = running.memory.items[("line", name)]
    assert isinstance(item, Line)
    return item


def test_a_customer_on_whom_our_own_code_breaks_does_not_stop_the_others(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    def breaks(view: View, found: Login) -> Iterable[Item]:
        assert found.name != "joao" or view.tenant is None
        return ()

    async def story() -> None:
        memory = Memory()
        async with cluster_of(kinds) as cluster:
            await declare(cluster)
            async with operator(account_of(kinds), tmp_path, memory) as it:
                whole = it.engine.rooms
                it.engine.rooms = (*whole, Room("fault", _nowhere, desired={Login: breaks}))
                await it.ready()
                await until(lambda: _has(memory, "eva"))
                broken = ("line", "joao") in memory.items
                it.engine.rooms = whole
                await cluster.all_ready()

        assert not broken

    anyio.run(story)


@pytest.mark.parametrize("seed", range(3))
def test_applied_in_any_order_everything_gets_ready(
    kinds: ControlPlane, tmp_path: Path, seed: int
) -> None:
    async def story() -> None:
        memory = Memory()
        shuffled = random.Random(seed).sample(EVERYTHING, len(EVERYTHING))  # noqa: S311 - a test
        async with (
            cluster_of(kinds) as cluster,
            operator(account_of(kinds), tmp_path, memory) as it,
        ):
            await it.ready()
            await cluster.create(*shuffled)
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.secret("souza", "passwords", login="wireless")
            await cluster.all_ready()

        assert {"joao", "ana", "eva"} == {
            each.name for each in memory.items.values() if isinstance(each, Line) and each.plan
        }

    anyio.run(story)


def test_a_restart_with_nothing_changed_writes_nothing(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        memory = Memory()
        nowhere = {"secretRef": {"name": "passwords", "key": "nowhere"}}
        async with cluster_of(kinds) as cluster:
            await declare(cluster)
            async with operator(account_of(kinds), tmp_path, memory) as first:
                await cluster.all_ready()
                waiting = (login("zoe", password=nowhere), login("abe", password=nowhere))
                await cluster.create(*waiting)
                await cluster.is_ready("Tenant", "silva", "silva", "False Waiting")
                await until(lambda: has_told(first))
            written = memory.writes
            with proxy_of(kinds) as proxy:
                through = account_of(kinds, proxy.url)
                async with operator(through, tmp_path, memory) as again:
                    await again.ready()
                    await until(lambda: is_idle(again))

                assert proxy.writes() == []
            assert written == memory.writes

    anyio.run(story)


async def has_told(running: Running) -> bool:
    """Whether the Tenant says that two of its logins wait."""
    (tenant,) = running.engine.world.tenants("10042")
    return "(and 1 more)" in tenant.status.conditions[0].message


async def is_idle(running: Running) -> bool:
    """Whether every unit (two tenants, the provider) had a pass and none waits."""
    _, text = await running.answer("/metrics")
    passes = 'controller_runtime_reconcile_total{controller="ispalier",result="success"} 3.0'
    return passes in text and 'workqueue_depth{name="ispalier"} 0.0' in text


def test_a_changed_plan_reaches_its_users(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        async with (
            cluster_of(kinds) as cluster,
            operator(account_of(kinds), tmp_path, Memory()) as it,
        ):
            await declare(cluster)
            await cluster.all_ready()
            await cluster.create(profile("600m", "600M"))
            await cluster.patch(
                "Plan", "", "fibra-300", {"access": {"profileRef": {"name": "600m"}}}
            )

            async def faster() -> bool:
                return line(it, "plan:fibra-300").speed == "600m"

            await until(faster)
            await cluster.all_ready()

    anyio.run(story)


def test_a_changed_secret_is_applied_at_once(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        async with (
            cluster_of(kinds) as cluster,
            operator(account_of(kinds), tmp_path, Memory()) as it,
        ):
            await declare(cluster)
            await cluster.all_ready()
            await cluster.secret("silva", "passwords", login="cable")

            async def changed() -> bool:
                return line(it, "joao").password.reveal() == "cable"

            await until(changed)
            assert line(it, "eva").password.reveal() == "wireless"

    anyio.run(story)


def test_a_secret_without_label_is_read_when_it_is_named(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster, operator(account_of(kinds), tmp_path, Memory()):
            await cluster.secret("silva", "passwords", label=False, login="wireless")
            await cluster.create(*PROVIDER, *SILVA)
            await cluster.all_ready()

    anyio.run(story)


def test_a_generated_password_is_written_and_written_again(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    secret = "/api/v1/namespaces/silva/secrets/made"
    made = login("rui", password={"generate": {"secretName": "made"}})

    async def story() -> None:
        async with cluster_of(kinds) as cluster, operator(account_of(kinds), tmp_path, Memory()):
            await cluster.create(*PROVIDER, tenant(), subscription(), made)
            await cluster.all_ready()
            first = await cluster.client.request("GET", secret)
            await cluster.client.request("DELETE", secret)
            await until(lambda: cluster.maybe("GET", secret))
            second = await cluster.client.request("GET", secret)
            await cluster.client.request("DELETE", secret)

            assert first["data"] == second["data"]
            assert second["metadata"]["labels"] == {
                "ispalier.dev/secret": "true",
                "app.kubernetes.io/managed-by": "ispalier",
            }

    anyio.run(story)


def test_a_secret_of_somebody_else_is_never_overwritten(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    secret = "/api/v1/namespaces/silva/secrets/theirs"
    made = login("rui", password={"generate": {"secretName": "theirs"}})

    async def story() -> None:
        async with (
            cluster_of(kinds) as cluster,
            operator(account_of(kinds), tmp_path, Memory(), sweep_interval=0.5),
        ):
            await cluster.secret("silva", "theirs", label=False, password="not ours")
            before = await cluster.client.request("GET", secret)
            await cluster.create(*PROVIDER, tenant(), subscription(), made)
            await cluster.is_ready("Login", "silva", "rui", "False Conflict")
            after = await cluster.client.request("GET", secret)
            await cluster.client.request("DELETE", secret)
            await cluster.is_ready("Login", "silva", "rui", "True Ready")
            ours = await cluster.client.request("GET", secret)
            await cluster.client.request("DELETE", secret)

            assert before == after
            assert ours["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "ispalier"

    anyio.run(story)


def test_what_a_status_no_longer_says_is_taken_out_of_it(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster, operator(account_of(kinds), tmp_path, Memory()):
            await declare(cluster)
            since = {"reason": "Unpaid", "since": "2026-01-01"}
            await cluster.patch("Subscription", "silva", "home", {"suspensions": [since]})
            await cluster.all_ready()
            before = (await cluster.get("Subscription", "silva", "home"))["status"]
            await cluster.patch("Subscription", "silva", "home", {"suspensions": []})
            await cluster.all_ready()
            after = (await cluster.get("Subscription", "silva", "home"))["status"]

            assert before["suspended"] == "Unpaid"
            assert "suspended" not in after

    anyio.run(story)


def test_what_leads_to_no_tenant_waits_and_says_for_what(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster, operator(account_of(kinds), tmp_path, Memory()):
            await cluster.create(*PROVIDER, *SILVA[1:])
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.is_ready("Login", "silva", "joao", "False Waiting")
            status = (await cluster.get("Login", "silva", "joao"))["status"]
            await cluster.create(tenant())
            await cluster.all_ready()

            assert (
                (status["conditions"][0]["message"])
                == "there is no Tenant in namespace 'silva' (yet): create one"
            )

    anyio.run(story)


def test_what_was_written_under_other_rules_and_cannot_be_read_says_so(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    fine, crd = nas(), str(ROOT / "crds" / "nases.yaml")
    assert isinstance(fine, NAS)
    bad = fine.model_copy(update={"spec": fine.spec.model_copy(update={"addresses": ("nowhere",)})})
    rule = (
        "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/addresses"
        "/items/x-kubernetes-validations"
    )
    patch = json.dumps([{"op": "remove", "path": rule}])

    async def story() -> None:
        async with cluster_of(kinds) as cluster, operator(account_of(kinds), tmp_path, Memory()):
            kinds.run_kubectl("patch", "crd", "nases.ispalier.dev", "--type=json", f"-p={patch}")
            try:
                await until(lambda: accepted(cluster, bad))
                await cluster.is_ready("NAS", "", "tower", "False Invalid")
                status = (await cluster.get("NAS", "", "tower"))["status"]
            finally:
                kinds.run_kubectl("apply", "--server-side", "--force-conflicts", "-f", crd)
            await cluster.patch("NAS", "", "tower", {"addresses": ["192.0.2.1"]})
            await cluster.secret("ispalier", "nas", secret="testing123")
            await cluster.is_ready("NAS", "", "tower", "True Ready")

            message = status["conditions"][0]["message"]
            assert message.startswith("cannot be read: spec.addresses: Value error, 'nowhere'")

    anyio.run(story)


async def accepted(cluster: Cluster, resource: Resource) -> bool:
    """Whether the API server takes a resource."""
    try:
        await cluster.create(resource)
    except ApiError:
        return False
    return True


def test_a_back_end_that_is_down_is_said_and_tried_again(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        memory = Memory(fail=lambda _: Unavailable("memory is full of holes"))
        async with (
            cluster_of(kinds) as cluster,
            operator(account_of(kinds), tmp_path, memory) as it,
        ):
            await declare(cluster)
            await cluster.is_ready("Login", "silva", "joao", "False BackendUnavailable")
            await cluster.is_ready("IPPool", "", "homes", "True Ready")
            _, text = await it.answer("/metrics")
            memory.fail = lambda _: None
            await cluster.all_ready()

        assert 'ispalier_backend_up{host="memory",room="memory"} 0.0' in text.splitlines()
        assert '_failures_total{host="memory",reason="BackendUnavailable",room="memory"' in text

    anyio.run(story)


def test_sigterm_finishes_work_in_hand(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        memory = Memory()
        async with (
            cluster_of(kinds) as cluster,
            operator(account_of(kinds), tmp_path, memory) as it,
        ):
            await declare(cluster)
            await it.ready()
            signal.raise_signal(signal.SIGTERM)
            await asyncio.wait_for(it.stop.wait(), SOON)

    anyio.run(story)
