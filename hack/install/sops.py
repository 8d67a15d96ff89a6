"""SOPS and the key generator of age, for tests of encrypted Secrets; built from hack/sops."""

from pathlib import Path

from hack.install import golang
from hack.install.golang import Go
from hack.install.terminal import Task, run
from hack.stack.programs import lookup

_MODULE = "sops"
_PACKAGES = {
    "sops": "github.com/getsops/sops/v3/cmd/sops",
    "age-keygen": "filippo.io/age/cmd/age-keygen",
}


def is_there() -> bool:
    """Whether both are in the cache or on the PATH."""
    return all(lookup(name) for name in _PACKAGES)


def build() -> None:
    """Build both."""
    golang.build(_MODULE, "SOPS (about 2 minutes)", _make)


def _make(go: Go, target: Path) -> None:
    with Task("compiling") as task:
        argv, env = go.command(
            _MODULE,
            "build",
            "-v",
            "-trimpath",
            "-ldflags=-s -w",
            "-o",
            f"{target}/",
            *_PACKAGES.values(),
        )
        run(argv, env=env, task=task)
