"""A real API server with our kinds in it."""

import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.api.generate import ROOT


@pytest.fixture(scope="session")
def kinds(controlplane: ControlPlane) -> ControlPlane:
    crds = str(ROOT / "crds")
    controlplane.run_kubectl("apply", "--server-side", "-f", crds)
    controlplane.run_kubectl("wait", "--for=condition=Established", "-f", crds)
    return controlplane
