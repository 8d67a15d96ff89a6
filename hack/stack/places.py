"""Where things are that are shared between runs: built programs, stock configuration.

Only the standard library is used here: the installer reads it before anything is installed.
"""

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
RADIUS_QUERIES = "mods-config/sql/main/postgresql"


def cache_folder() -> Path:
    """Return ISPALIER_CACHE, else `ispalier` in the user's cache folder (XDG)."""
    own = os.environ.get("ISPALIER_CACHE")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ispalier"


_MODULES = {"charts": "controlplane"}


def module_of(programs: str) -> Path:
    """Return the folder of the Go module from which a set of programs is built."""
    return ROOT / "hack" / _MODULES.get(programs, programs)


def built(programs: str) -> Path:
    """Return where a set of programs built from a Go module of hack/ is kept, there or not yet."""
    sums = (module_of(programs) / "go.sum").read_bytes()
    return cache_folder() / f"{programs}-{hashlib.sha256(sums).hexdigest()[:12]}"


def radius_stock() -> Path | None:
    """Return FreeRADIUS' own configuration folder, or the readable copy made of it.

    Debian keeps the folder from everybody but freerad and root.
    """
    places = [Path("/etc/freeradius/3.0"), Path("/etc/raddb"), radius_copy()]
    readable = (place for place in places if _can_read(place / RADIUS_QUERIES / "schema.sql"))
    return next(readable, None)


def radius_copy() -> Path:
    """Return where the installer copies FreeRADIUS' configuration for ordinary users."""
    return cache_folder() / "freeradius"


def _can_read(file: Path) -> bool:
    return os.access(file, os.R_OK)
