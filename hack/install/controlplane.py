"""The Kubernetes control plane, built from hack/controlplane."""

import re
from pathlib import Path

from hack.install import golang
from hack.install.golang import Go
from hack.install.terminal import InstallError, Task, run
from hack.stack.places import ROOT
from hack.stack.programs import lookup

_MODULE = "controlplane"
_PROGRAMS = ("kube-apiserver", "etcd", "kubectl")
_KUBERNETES = tuple(
    f"k8s.io/kubernetes/cmd/{name}"
    for name in ("kube-apiserver", "kube-controller-manager", "kubectl")
)
_ETCD = "go.etcd.io/etcd/server/v3"


def is_there() -> bool:
    """Whether every program is in KUBEBUILDER_ASSETS, in the cache or on the PATH."""
    return all(lookup(name) for name in _PROGRAMS)


def build() -> None:
    """Build the programs."""
    golang.build(_MODULE, "a Kubernetes control plane (about 10 minutes)", _make)


def _make(go: Go, target: Path) -> None:
    with Task("downloading the sources (2 GB unpacked)") as task:
        argv, env = go.command(_MODULE, "list", "-deps", *_KUBERNETES, _ETCD)
        packages = run(argv, env=env, task=task)
    with Task("compiling") as task:
        task.total = len(packages)
        # -v prints a line for each package that is compiled.
        flags = f"-ldflags={version_flags()}"
        argv, env = go.command(
            _MODULE, "build", "-v", "-trimpath", flags, "-o", f"{target}/", *_KUBERNETES
        )
        run(argv, env=env, task=task)
        flags = "-ldflags=-s -w"
        argv, env = go.command(
            _MODULE, "build", "-v", "-trimpath", flags, "-o", target / "etcd", _ETCD
        )
        run(argv, env=env, task=task)


def version_flags() -> str:
    """Tell the programs their version: one of their own makes clients refuse them."""
    sources = (ROOT / "hack" / _MODULE / "go.mod").read_text()
    found = re.search(r"^\s*k8s\.io/kubernetes (v(\d+)\.(\d+)\.\S+)", sources, re.MULTILINE)
    if found is None:
        raise InstallError(f"hack/{_MODULE}/go.mod does not require k8s.io/kubernetes")
    version, major, minor = found.groups()
    package = "k8s.io/component-base/version"
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    return " ".join(["-s -w", *(f"-X {package}.{name}={it}" for name, it in values.items())])
