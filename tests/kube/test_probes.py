"""What probes and Prometheus are told."""

import time
from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.faultproxy import Answer, Fault
from ispalier.billing.ledger import Ledger
from ispalier.core.limits import Limits
from ispalier.core.memory import Billed
from ispalier.journal.journal import Journal
from ispalier.world.errors import Invalid, Unavailable
from tests.builders import NOW, login, plan, profile, subscription, tenant, unit
from tests.charted import account_of
from tests.charts.queries import asked, of_alerts, of_dashboard, promtool, told, unknown
from tests.inmemory import Memory
from tests.operators import Running, cluster_of, operator, proxy_of, until

ELSEWHERE = {
    "ALERTS",  # Prometheus' own
    "ispalier_probe_failures",  # tests/kube/test_probing.py: this room asks nothing
    "ispalier_source_held_namespaces",  # tests/files/test_source.py: only of files
    "ispalier_source_up",
}
SILVA = (unit(), profile(), plan(), tenant(), subscription(), login("joao"))


def test_prometheus_sees_what_was_done(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        async with (
            cluster_of(kinds) as cluster,
            operator(account_of(kinds), tmp_path, Memory()) as it,
        ):
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)
            await cluster.all_ready()
            health = await it.answer("/healthz")
            _, text = await it.answer("/metrics")

        lines = set(text.splitlines())
        assert health == (200, "ok\n")
        assert {
            'workqueue_depth{name="ispalier"} 0.0',
            'ispalier_objects{kind="Login",ready="True"} 1.0',
            'ispalier_backend_circuit_open{host="memory",room="memory"} 0.0',
            'ispalier_backend_up{host="memory",room="memory"} 1.0',
            'ispalier_view_complete{kind="Login"} 1.0',
            "ispalier_ready 1.0",
            'ispalier_backend_calls_in_flight{host="memory",room="memory"} 0.0',
            'ispalier_backend_call_waits_total{host="memory",room="memory"} 0.0',
            'ispalier_backend_call_seconds_count{host="memory",room="memory",verb="apply"} 2.0',
            'ispalier_backend_changes_total{cause="Edit",host="memory",room="memory",verb="create"} 2.0',
            'rest_client_requests_total{code="200",method="WATCH"} 26.0',
        } <= lines
        assert {"workqueue_adds_total", "controller_runtime_reconcile_total"} <= {
            line.partition("{")[0] for line in lines
        }

    anyio.run(story)


def test_everything_that_alerts_and_dashboard_ask_for_is_told(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        memory = Memory()
        async with (
            cluster_of(kinds) as cluster,
            operator(account_of(kinds), tmp_path, memory, sweep_interval=0.5) as it,
        ):
            bill(it, "londrina")
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)
            await cluster.all_ready()
            it.engine.limits = Limits(interrupted_always=0, interrupted_percent=0)
            since = {"reason": "Unpaid", "since": "2026-01-01"}
            await cluster.patch("Subscription", "silva", "home", {"suspensions": [since]})
            await says(it, 'ispalier_pending{cause="Edit",kind="Login"} 1.0')
            await says(it, 'ispalier_billing_unbilled_contracts{unit="londrina"} 2.0')
            memory.fail = lambda _: Unavailable("memory is full of holes")
            await says(it, 'ispalier_backend_up{host="memory",room="memory"} 0.0')
            _, text = await it.answer("/metrics")

        series = asked([*of_alerts(), *of_dashboard()])
        assert promtool("check", "metrics", text=text) == ""
        assert unknown(series, told(text)) == ELSEWHERE

    anyio.run(story)


def bill(running: Running, unit_name: str) -> None:
    """Note a billing run, as `ispalier bill` does at its end."""
    assert isinstance(running.engine.journal, Journal)
    with Ledger(running.engine.journal.engine).writing() as page:
        page.finish({unit_name: Billed(NOW, NOW.date(), 2)})


async def says(running: Running, line: str) -> None:
    """Wait until the metrics tell this."""

    async def does() -> bool:
        return line in (await running.answer("/metrics"))[1].splitlines()

    await until(does)


def test_an_address_that_is_taken_is_said(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        async with operator(account_of(kinds), tmp_path, Memory()) as it:
            await it.ready()
            other = tmp_path / "other"
            other.mkdir()
            with pytest.raises(Invalid, match="cannot listen on"):
                async with operator(account_of(kinds), other, Memory(), listen=it.listen) as twin:
                    await twin.stopped()

    anyio.run(story)


def test_who_is_stopped_before_everything_was_seen_ends_at_once(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    refused = Fault(Answer(403), path="/plans", times=None)

    async def story() -> float:
        with proxy_of(kinds) as proxy, proxy.fault(refused):
            async with operator(account_of(kinds, proxy.url), tmp_path, Memory()) as it:
                await until(lambda: lacks_plans_only(it))
                began = time.monotonic()
            assert {each.path for each in proxy.seen}.isdisjoint({"/api", "/apis"})
            return time.monotonic() - began

    async def lacks_plans_only(it: Running) -> bool:
        _, told = await it.answer("/readyz")
        missing = [line for line in told.splitlines() if "never seen completely" in line]
        return [line.partition(" ")[0] for line in missing] == ["Plan"]

    assert anyio.run(story) < 3  # seconds; kopf would wait 5 for what it asked itself
