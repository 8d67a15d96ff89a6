"""What the examples say to Flux and Argo CD, by the definitions of their kinds."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hack.install.definitions import GITOPS
from hack.stack.controlplane import ControlPlane
from hack.stack.errors import StackError
from ispalier.api.base import Resource
from ispalier.world.load import Loaded, load
from ispalier.world.snapshot import ident
from tests.charted import knowing

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*/clusters/*.yaml"))


@pytest.fixture(scope="module")
def gitops(controlplane: ControlPlane) -> Iterator[ControlPlane]:
    """An API server that knows the kinds of Flux and Argo CD, and their namespaces."""
    with knowing(controlplane, GITOPS):
        for name in ("flux-system", "argocd"):
            controlplane.run_kubectl("create", "namespace", name)
        yield controlplane
    controlplane.run_kubectl("delete", "--wait=false", "namespace", "flux-system", "argocd")


def test_each_example_has_both() -> None:
    assert len(FILES) == 10
    assert {"flux.yaml", "argo-cd.yaml"} == {each.name for each in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda each: "/".join(each.parts[-3::2]))
def test_the_api_server_takes_it_with_every_field(file: Path, gitops: ControlPlane) -> None:
    words = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", str(file))
    told = gitops.run_kubectl(*words)

    assert "serverside-applied (server dry run)" in str(told)


def test_a_field_that_is_none_is_refused(gitops: ControlPlane, tmp_path: Path) -> None:
    text = (EXAMPLES / "home-fibre" / "clusters" / "flux.yaml").read_text()
    (tmp_path / "flux.yaml").write_text(text.replace("prune: true", "prunes: true"))
    words = ("apply", "--server-side", "--dry-run=server", "--validate=strict")

    with pytest.raises(StackError, match="prunes"):
        gitops.run_kubectl(*words, "-f", str(tmp_path / "flux.yaml"))


def test_the_patch_of_argo_cd_is_one(gitops: ControlPlane) -> None:
    gitops.run_kubectl("create", "configmap", "argocd-cm", "-n", "argocd")
    patch = str(EXAMPLES.parent / "hack" / "kit" / "argocd-cm.yaml")
    told = gitops.run_kubectl(
        "patch", "configmap", "argocd-cm", "-n", "argocd", "--patch-file", patch
    )

    assert "configmap/argocd-cm patched" in str(told)


FOLDERS = sorted(
    EXAMPLES / file.parts[-3] / each["spec"]["path"]
    for file in FILES
    for each in yaml.safe_load_all(file.read_text())
    if each["kind"] == "Kustomization"
)


@pytest.mark.parametrize("kept", FOLDERS, ids=lambda each: "/".join(each.parts[-2:]))
def test_what_flux_builds_of_a_folder_says_what_the_folder_says(
    kept: Path, controlplane: ControlPlane, tmp_path: Path
) -> None:
    shutil.copytree(kept, tmp_path / "in")
    files = sorted(each.relative_to(tmp_path / "in") for each in (tmp_path / "in").rglob("*.yaml"))
    told = yaml.safe_dump({"resources": [str(each) for each in files]})
    (tmp_path / "in" / "kustomization.yaml").write_text(told)
    (tmp_path / "built.yaml").write_text(
        controlplane.run_kubectl("kustomize", str(tmp_path / "in"))
    )

    assert specs(load([kept])) == specs(load([tmp_path / "built.yaml"]))


def specs(loaded: Loaded) -> dict[str, Any]:
    assert loaded.errors == []
    return {
        str(ident(each)): getattr(each, "spec", None)
        for each in loaded.world.everything()
        if isinstance(each, Resource)
    }
