"""The API server and `validate` agree on the corpus, file by file."""

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.api.kinds import ACTS
from ispalier.world.findings import shown
from ispalier.world.manifests import declared
from tests.golden.api.making import made
from tests.golden.api.mistakes import (
    HERE,
    INVALID,
    MISSING,
    MORE,
    VALID,
    Mistake,
    Rule,
    mistakes,
    read,
)
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


S = "spec"
ACTED: tuple[Mistake | Rule, ...] = (
    *mistakes([kind.__name__ for kind in ACTS]),
    Rule("Operation", "two-acts", {(S, "restore", "customer"): "10042"}),
    Rule("Operation", "no-act", {(S, "approve"): MISSING}),
)


@pytest.mark.parametrize("wrong", ACTED, ids=lambda each: f"{each.kind}-{each.word}")
def test_an_act_that_is_wrong_is_refused_for_its_field(
    server: Server, wrong: Mistake | Rule
) -> None:
    value = made(wrong)
    value["metadata"]["namespace"] = NAMESPACE

    at = wrong.way if isinstance(wrong, Mistake) else (S,)
    assert shown(at) in server.refused(value)


def test_of_one_resource_to_restore_kind_and_name_are_told(server: Server) -> None:
    value = read(HERE / "acts" / "operation-restore.yaml")
    del value["spec"]["restore"]["name"]
    value["metadata"]["namespace"] = NAMESPACE

    assert server.refused(value) == {"spec.restore"}


@pytest.mark.parametrize("path", sorted((HERE / "acts").glob("*.yaml")), ids=lambda each: each.stem)
def test_an_act_that_is_right_is_taken(server: Server, path: Path) -> None:
    value = read(path)
    value["metadata"]["namespace"] = NAMESPACE

    assert server.takes(value)
