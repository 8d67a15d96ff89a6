"""What the examples say to Flux and Argo CD, by the definitions of their kinds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hack.install.gitops import folder
from hack.stack.controlplane import ControlPlane
from hack.stack.errors import StackError

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*/clusters/*.yaml"))


@pytest.fixture(scope="module")
def gitops(controlplane: ControlPlane) -> Iterator[ControlPlane]:
    """An API server that knows the kinds of Flux and Argo CD, and their namespaces."""
    definitions = str(folder())
    controlplane.run_kubectl("apply", "--server-side", "-f", definitions)
    controlplane.run_kubectl("wait", "--for=condition=Established", "-f", definitions)
    for name in ("flux-system", "argocd"):
        controlplane.run_kubectl("create", "namespace", name)
    yield controlplane
    controlplane.run_kubectl("delete", "-f", definitions)
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
