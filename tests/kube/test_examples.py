"""The examples on a real API server, in any order."""

from pathlib import Path
from random import Random
from typing import Any

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.api.kinds import BY_NAME
from ispalier.kube.client import path_to
from ispalier.world.documents import documents
from ispalier.world.folder import files
from ispalier.world.snapshot import Ident
from tests.charted import account_of
from tests.gitops import argo_health, flux_health, flux_kinds
from tests.inmemory import Memory
from tests.operators import Cluster, cluster_of, operator, until

EXAMPLES = Path(__file__).parents[2] / "examples"
STORIES = sorted(each.name for each in EXAMPLES.iterdir())
WITHOUT_ROOMS = {"Site", "FTPUser", "Database", "Server", "Partner", "CommissionSchedule"}


def objects(story: str) -> list[dict[str, Any]]:
    found = []
    for file in files([EXAMPLES / story]):
        for document in documents(file.read_bytes()):
            assert isinstance(document.value, dict)
            found.append(dict(document.value))
    return [each for each in found if each["kind"] in BY_NAME]


async def declare(cluster: Cluster, body: dict[str, Any]) -> None:
    space = body["metadata"].get("namespace", "")
    await cluster.namespace(space)
    which = Ident(body["kind"], space, body["metadata"]["name"])
    path = path_to(BY_NAME[body["kind"]], which).rpartition("/")[0]
    await cluster.client.request("POST", path, body=body)


async def got(cluster: Cluster, body: dict[str, Any]) -> dict[str, Any]:
    meta = body["metadata"]
    return await cluster.get(body["kind"], meta.get("namespace", ""), meta["name"])


def conditions(body: dict[str, Any]) -> dict[str, str]:
    return {
        each["type"]: f"{each['status']} {each['reason']}" for each in body["status"]["conditions"]
    }


def argued(body: dict[str, Any]) -> str:
    """What Argo CD should show."""
    told = conditions(body)
    match told["Ready"].split(" "), told.get("Stalled"), body["status"].get("state"):
        case _, str(), _:
            return "Degraded"
        case ["False", "NotYetActedUpon"], _, _:
            return "Suspended"
        case ["False", _], _, _:
            return "Progressing"
        case _, _, "Ordered" | "Suspended":
            return "Suspended"
        case _:
            return "Healthy"


def fluxed(body: dict[str, Any]) -> str:
    """What Flux should make of it."""
    shown = {"Degraded": "Failed", "Progressing": "InProgress"}
    return shown.get(argued(body), "Current")


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("story", STORIES)
def test_it_is_taken_in_any_order_and_everything_is_told_of(
    story: str, seed: int, kinds: ControlPlane, tmp_path: Path
) -> None:
    bodies = objects(story)
    Random(seed).shuffle(bodies)  # noqa: S311 - not for secrets

    async def told(cluster: Cluster, body: dict[str, Any]) -> str:
        meta = body["metadata"]
        return await cluster.ready(body["kind"], meta.get("namespace", ""), meta["name"])

    async def all_told(cluster: Cluster) -> bool:
        return all([await told(cluster, each) for each in bodies])

    async def story_() -> None:
        async with cluster_of(kinds) as cluster, operator(account_of(kinds), tmp_path, Memory()):
            for each in bodies:
                await declare(cluster, each)
            await until(lambda: all_told(cluster))
            without = [each for each in bodies if each["kind"] in WITHOUT_ROOMS]
            for each in without:
                meta = each["metadata"]
                space, name = meta.get("namespace", ""), meta["name"]
                await cluster.is_ready(each["kind"], space, name, "False NotYetActedUpon")
            there = [await got(cluster, each) for each in bodies]

        assert [argued(each) for each in there] == [argo_health(each)[0] for each in there]
        assert [fluxed(each) for each in there] == [flux_health(story, each) for each in there]
        assert flux_kinds(story) == {each["kind"] for each in there}

    anyio.run(story_)
