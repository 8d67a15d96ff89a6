"""The API server and `validate` agree on the corpus, file by file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hack.stack.controlplane import ControlPlane
from tests.golden.api.mistakes import INVALID, VALID
from tests.golden.api.test_corpus import read
from tests.kube.test_validity import Server, we_take, with_namespace

NAMESPACE = "validity"


@pytest.fixture(scope="module")
def server(kinds: ControlPlane) -> Iterator[Server]:
    with_namespace(kinds)
    server = Server(kinds)
    yield server
    server.close()


@pytest.mark.parametrize("path", sorted(VALID.glob("*.yaml")), ids=lambda path: path.stem)
def test_both_take_what_is_right(server: Server, path: Path) -> None:
    value = read(path)
    if "namespace" in value["metadata"]:
        value["metadata"]["namespace"] = NAMESPACE

    assert server.takes(value)
    assert we_take(value)


@pytest.mark.parametrize("path", sorted(INVALID.glob("*.yaml")), ids=lambda path: path.stem)
def test_both_refuse_what_is_wrong(server: Server, path: Path) -> None:
    value = read(path)
    if "namespace" in value["metadata"]:
        value["metadata"]["namespace"] = NAMESPACE

    assert not server.takes(value)
    assert not we_take(value)
