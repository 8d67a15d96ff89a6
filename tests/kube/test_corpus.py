"""The API server and `validate` agree on the corpus, file by file."""

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.world.findings import shown
from ispalier.world.manifests import declared
from tests.golden.api.mistakes import INVALID, MORE, VALID, read
from tests.kube.test_validity import Server, we_take, with_namespace

NAMESPACE = "validity"


@pytest.fixture(scope="module")
def server(kinds: ControlPlane) -> Iterator[Server]:
    with_namespace(kinds)
    server = Server(kinds)
    yield server
    server.close()


@pytest.mark.parametrize(
    "path", sorted([*VALID.glob("*.yaml"), *MORE.glob("*.yaml")]), ids=lambda path: path.stem
)
def test_both_take_what_is_right(server: Server, path: Path) -> None:
    value = read(path)
    if "namespace" in value["metadata"]:
        value["metadata"]["namespace"] = NAMESPACE

    assert server.takes(value)
    assert we_take(value)


@pytest.mark.parametrize("path", sorted(INVALID.glob("*.yaml")), ids=lambda path: path.stem)
def test_both_refuse_what_is_wrong_for_the_same_field(server: Server, path: Path) -> None:
    value = read(path)
    if "namespace" in value["metadata"]:
        value["metadata"]["namespace"] = NAMESPACE

    ours = {shown(each.path) for each in declared(copy.deepcopy(value)).findings}
    assert ours & server.refused(value)
