"""Fields by which kubectl and portals ask for some objects of a kind."""

from urllib.parse import quote

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.api.kinds import BY_NAME, KINDS
from ispalier.kube.client import path_of
from ispalier.world.manifests import declared
from tests.golden.api.mistakes import VALID, read
from tests.operators import cluster_of

FIELDS = [(kind.__name__, path.removeprefix(".")) for kind in KINDS for path in kind.selectable]


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_objects_are_found_by_what_their_field_says(
    kinds: ControlPlane, kind: str, field: str
) -> None:
    written = read(VALID / f"{kind.lower()}.yaml")
    value = written
    for part in field.split("."):
        value = value[part]

    async def story() -> list[list[str]]:
        async with cluster_of(kinds) as cluster:
            resource = declared(written).resource
            assert resource is not None
            await cluster.create(resource)
            paths = [
                f"{path_of(BY_NAME[kind])}?fieldSelector={quote(f'{field}={each}')}"
                for each in (value, "other")
            ]
            answers = [await cluster.client.request("GET", path) for path in paths]
            return [[each["metadata"]["name"] for each in one["items"]] for one in answers]

    assert [[written["metadata"]["name"]], []] == anyio.run(story)


def test_services_are_found_by_their_contract() -> None:
    served = {kind for kind, field in FIELDS if field == "spec.subscriptionRef.name"}

    assert served == {
        kind.__name__
        for kind in KINDS
        if "subscription_ref" in getattr(kind.model_fields["spec"].annotation, "model_fields", ())
    }
