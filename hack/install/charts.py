"""Helm, for the charts, and kubeconform, a peer of our checks: of the control plane's module."""

from pathlib import Path

from hack.install import golang
from hack.install.controlplane import version_flags
from hack.install.golang import Go
from hack.install.terminal import Task, run
from hack.stack.programs import lookup

_PACKAGES = {
    "helm": "helm.sh/helm/v4/cmd/helm",
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform",
}


def is_there() -> bool:
    """Whether both are in the cache or on the PATH."""
    return all(lookup(name) for name in _PACKAGES)


def build() -> None:
    """Build both."""
    golang.build("charts", "Helm and kubeconform (about 3 minutes)", _make)


def _make(go: Go, target: Path) -> None:
    with Task("compiling") as task:
        flags = f"-ldflags={version_flags()}"
        packages = _PACKAGES.values()
        argv, env = go.command(
            "charts", "build", "-v", "-trimpath", flags, "-o", f"{target}/", *packages
        )
        run(argv, env=env, task=task)
