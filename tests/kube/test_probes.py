"""What probes and Prometheus are told."""

from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.world.errors import Invalid
from tests.builders import login, plan, profile, subscription, tenant, unit
from tests.inmemory import Memory
from tests.operators import cluster_of, operator

SILVA = (unit(), profile(), plan(), tenant(), subscription(), login("joao"))


def test_prometheus_sees_what_was_done(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        async with (
            cluster_of(kinds) as cluster,
            operator(kinds.kubeconfig, tmp_path, Memory()) as it,
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


def test_an_address_that_is_taken_is_said(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        async with operator(kinds.kubeconfig, tmp_path, Memory()) as it:
            await it.ready()
            other = tmp_path / "other"
            other.mkdir()
            with pytest.raises(Invalid, match="cannot listen on"):
                async with operator(kinds.kubeconfig, other, Memory(), listen=it.listen) as twin:
                    await twin.stopped()

    anyio.run(story)
