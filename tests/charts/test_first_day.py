"""What the README tells who installs is done, line by line, in an empty cluster."""

import shlex
from collections.abc import Iterator

import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.process import call
from hack.stack.stack import Stack
from ispalier.api.generate import ROOT, TOP

HEADING = "## Install in a cluster\n"


@pytest.fixture(scope="module")
def cluster() -> Iterator[ControlPlane]:
    with Stack() as stack:
        crds = str(ROOT / "crds")
        stack.controlplane.run_kubectl("apply", "--server-side", "-f", crds)
        stack.controlplane.run_kubectl("wait", "--for=condition=Established", "-f", crds)
        yield stack.controlplane


def advised() -> list[list[str]]:
    """Lines of the README that write what is declared into the cluster."""
    _, _, text = (TOP / "README.md").read_text().partition(HEADING)
    lines = text.split("```")[1].splitlines()
    written = ("kubectl create ", "kubectl apply ")
    return [shlex.split(each, comments=True)[1:] for each in lines if each.startswith(written)]


def followed(cluster: ControlPlane) -> None:
    """Do what is advised; raises StackError with what kubectl refused."""
    for words in advised():
        call([cluster.kubectl, f"--kubeconfig={cluster.kubeconfig}", *words], cwd=TOP)


def test_the_example_is_declared_at_the_first_try(cluster: ControlPlane) -> None:
    followed(cluster)

    names = cluster.run_kubectl("get", "mailboxes", "-n", "silva", "-o", "name")
    assert "mailbox.ispalier.dev/maria" in names
