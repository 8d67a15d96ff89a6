"""Where programs built once are kept between runs, outside the repository."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return ISPALIER_CACHE, else `ispalier` in the user's cache folder (XDG)."""
    own = os.environ.get("ISPALIER_CACHE")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ispalier"
