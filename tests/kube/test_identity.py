"""The installation's identity is made once, and the operator needs no more rights than it has."""

from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.api.generate import ROOT
from ispalier.core.gather import Identity
from ispalier.kube.client import cluster_uid
from ispalier.kube.identity import NAME, create_identity, read_identity
from ispalier.world.errors import Conflict
from ispalier.world.secret import Secret
from tests.builders import login, plan, pool, profile, subscription, tenant, unit
from tests.inmemory import Memory
from tests.operators import cluster_of, operator

PLACE = f"/api/v1/namespaces/ispalier/secrets/{NAME}"


def test_the_identity_is_made_once_and_read_back(kinds: ControlPlane) -> None:
    made = Identity("here", Secret("a key"), "ispalier")

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            before = await read_identity(cluster.client, "ispalier")
            await create_identity(cluster.client, made)
            after = await read_identity(cluster.client, "ispalier")
            with pytest.raises(Conflict, match="this cluster has its installation"):
                await create_identity(cluster.client, made)
            await cluster.client.request("DELETE", PLACE)

            assert before is None
            assert after == made

    anyio.run(story)


def test_a_cluster_has_a_name_of_its_own(kinds: ControlPlane) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            uid = kinds.run_kubectl("get", "ns", "kube-system", "-o", "jsonpath={.metadata.uid}")

            assert uid == await cluster_uid(cluster.client)

    anyio.run(story)


def test_the_rights_of_its_service_account_are_enough(kinds: ControlPlane, tmp_path: Path) -> None:
    kinds.run_kubectl("apply", "-f", str(ROOT / "rbac.yaml"))
    kubeconfig = kinds.service_account_kubeconfig("ispalier", "ispalier")
    made = login("rui", password={"generate": {"secretName": "made"}})

    async def story() -> None:
        async with cluster_of(kinds) as cluster, operator(kubeconfig, tmp_path, Memory()):
            await cluster.secret("silva", "passwords", label=False, login="wireless")
            await cluster.create(
                unit(), profile(), plan(), pool(), tenant(), subscription(), login("joao")
            )
            await cluster.create(made)
            await cluster.all_ready()
            await cluster.client.request("DELETE", "/api/v1/namespaces/silva/secrets/made")

    anyio.run(story)
