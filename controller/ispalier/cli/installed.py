"""Where an installation is: its root file says so, whatever folder a command runs in."""

from collections.abc import Sequence
from pathlib import Path

from ispalier.world.root import NAME


def root_folder(paths: Sequence[Path]) -> Path | None:
    """The folder of the root file: one of these, or the nearest above the first of them."""
    for path in paths:
        folder = path if path.is_dir() else path.parent
        if (folder / NAME).is_file():
            return folder
    start, here = paths[0].resolve(), Path.cwd()
    for folder in start.parents:
        if (folder / NAME).is_file():
            return folder.relative_to(here) if folder.is_relative_to(here) else folder
    return None
