"""The environment, for what has to be known before the settings can be read.

To read and check all of them takes the models.
"""

import os
from collections.abc import Mapping
from pathlib import Path

PREFIX = "ISPALIER_"
SECRETS_FOLDER = Path("secrets")
CACHE_FOLDER = Path("~/.cache/ispalier")


def named() -> Mapping[str, str]:
    """What the environment sets, without prefix; its spelling does not count, as for Settings."""
    upper = {name.upper(): value for name, value in os.environ.items()}
    return {
        name.removeprefix(PREFIX): each for name, each in upper.items() if name.startswith(PREFIX)
    }


def secrets_folder(root: Path | None) -> Path:
    """Where secrets are, beside the root file unless the environment says where."""
    return Path(named().get("SECRETS_FOLDER", (root or Path()) / SECRETS_FOLDER))


def cache_folder() -> Path:
    """Where copies and memories are kept."""
    return Path(named().get("CACHE_FOLDER", CACHE_FOLDER)).expanduser()
