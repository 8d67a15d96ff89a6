"""What is written as the name of a Secret leads nowhere but to a Secret of that namespace."""

import anyio

from hack.stack.controlplane import ControlPlane
from ispalier.kube.secret_objects import SecretObjects
from ispalier.world.snapshot import Snapshot
from tests.operators import cluster_of

ELSEWHERE = "../../silva/secrets/passwords"
"""From the Secrets of one customer to those of another, as a path goes."""


def test_a_name_leads_to_no_other_namespace(kinds: ControlPlane) -> None:
    world = Snapshot()

    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.secret("souza", "passwords", login="cable")
            places = [("souza", "passwords"), ("souza", ELSEWHERE)]
            await SecretObjects(cluster.client, world).read(places)

    anyio.run(story)

    assert world.secret("souza", "passwords", "login") is not None
    assert world.secret("souza", ELSEWHERE, "login") is None
