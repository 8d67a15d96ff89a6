"""Finds the programs of the stack: built ones, on the PATH, where distributions keep servers."""

import functools
import os
import re
import shutil
from pathlib import Path

from hack.stack.errors import StackError
from hack.stack.places import built

_PLACES = ("/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/lib/postfix/sbin", "/usr/libexec/postfix")
_VERSIONED = ("/usr/lib/postgresql", "*/bin")


@functools.cache
def find(*names: str) -> Path:
    """Return the first of these programs that this machine has."""
    for name in names:
        found = lookup(name)
        if found:
            return found
    raise StackError(f"{' or '.join(names)} was not found: run python3 hack/bootstrap.py")


def lookup(name: str) -> Path | None:
    """Return this program, or None when this machine has none of that name.

    KUBEBUILDER_ASSETS, the folder that Kubernetes developers have, comes before what was built.
    """
    places = [
        os.environ.get("KUBEBUILDER_ASSETS", ""),
        *(str(built(programs)) for programs in ("controlplane", "charts", "sops")),
        os.environ.get("PATH", ""),
        *_PLACES,
        *_newest_first(*_VERSIONED),
    ]
    found = shutil.which(name, path=os.pathsep.join(filter(None, places)))
    return Path(found) if found else None


def _newest_first(folder: str, pattern: str) -> list[str]:
    found = [str(place) for place in Path(folder).glob(pattern)]
    return sorted(
        found, key=lambda place: [int(n) for n in re.findall(r"\d+", place)], reverse=True
    )
