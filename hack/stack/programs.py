"""Finds the programs of the stack: on the PATH and where distributions keep servers."""

import functools
import os
import re
import shutil
from pathlib import Path

from hack.stack.errors import StackError

_PLACES = ("/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/lib/postfix/sbin", "/usr/libexec/postfix")
_VERSIONED = ("/usr/lib/postgresql", "*/bin")


@functools.cache
def find(*names: str) -> Path:
    """Return the first of these programs that this machine has."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *_PLACES, *_newest_first(*_VERSIONED)])
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return Path(found)
    raise StackError(f"{' or '.join(names)} was not found: run python3 hack/bootstrap.py")


def _newest_first(folder: str, pattern: str) -> list[str]:
    found = [str(place) for place in Path(folder).glob(pattern)]
    return sorted(
        found, key=lambda place: [int(n) for n in re.findall(r"\d+", place)], reverse=True
    )
