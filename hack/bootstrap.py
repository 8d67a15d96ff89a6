"""Makes this machine able to run the project: `python3 hack/bootstrap.py --for demo`.

It needs a Python of 3.11 or newer and nothing else, and does only what is missing.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Protocol

if sys.version_info < (3, 11):  # noqa: UP036 - says it where make would fail without a word
    raise SystemExit(
        "Python 3.11 or newer is needed and this is "
        + sys.version.split()[0]
        + ": run make PYTHON=python3.11 ... with the path of a newer one"
    )
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file, not as a module

from hack.install import charts, controlplane, debian, definitions, environment, golang, needs, sops
from hack.install.terminal import InstallError, say
from hack.stack.places import radius_copy, radius_stock


class Buildable(Protocol):
    """Programs that are built from sources."""

    def is_there(self) -> bool:
        """Whether they are there."""

    def build(self) -> None:
        """Build them."""


_STOCK = "/etc/freeradius/3.0"


def main() -> int:
    """Install what is missing; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--for", dest="purpose", default="test", choices=sorted(_PURPOSES))
    parser.add_argument("--yes", action="store_true", help="do not ask before installing packages")
    options = parser.parse_args()
    began = time.monotonic()
    try:
        did_something = _PURPOSES[options.purpose](ask=not options.yes)
    except InstallError as error:
        print(f"bootstrap: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbootstrap: interrupted; what is done stays done", file=sys.stderr)
        return 130
    if did_something:
        golang.forget_borrowed()
        say(f"everything is installed, after {time.monotonic() - began:.0f} s")
    return 0


def _for_checks(*, ask: bool) -> bool:
    return _packages([needs.VENV], ask=ask) | _environment()


def _for_servers(*more: needs.Need, ask: bool) -> bool:
    if sys.platform != "linux":
        raise InstallError(
            f"the servers of tests and demo run on Linux only, and this is {sys.platform}: "
            "use a virtual machine or a container; `make check` works here"
        )
    installed = _packages([needs.VENV, *needs.SERVERS, *more], ask=ask) | _radius_files()
    return installed | _environment() | _built(controlplane)


def _for_tests(*, ask: bool) -> bool:
    servers = _for_servers(needs.PROMTOOL, ask=ask)
    return servers | _built(sops) | _built(charts) | _built(definitions)


def _for_benches(*, ask: bool) -> bool:
    return _for_servers(ask=ask) | _built(charts)


_PURPOSES = {
    "check": _for_checks,
    "test": _for_tests,
    "bench": _for_benches,
    "demo": _for_servers,
}


def _packages(wanted: list[needs.Need], *, ask: bool) -> bool:
    missing = [need for need in wanted if not need.is_there()]
    if missing:
        debian.install(missing, ask=ask)
    return bool(missing)


def _radius_files() -> bool:
    if radius_stock() is not None:
        return False
    radius_copy().parent.mkdir(parents=True, exist_ok=True)
    say("FreeRADIUS' stock files can be read by root only: they are copied to the cache")
    debian.privileged("copy", _STOCK, str(radius_copy()), task="copying FreeRADIUS' stock files")
    return True


def _environment() -> bool:
    if environment.is_current():
        return False
    environment.make()
    return True


def _built(module: Buildable) -> bool:
    if module.is_there():
        return False
    module.build()
    return True


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
