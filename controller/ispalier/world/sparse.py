"""Sparse checkouts: a git work tree in which a part of the files is left out on purpose."""

import re
from collections.abc import Iterator
from pathlib import Path

_SWITCHED_ON = re.compile(
    r"^\s*sparseCheckout\s*=\s*(true|yes|on|1)\s*$", re.MULTILINE | re.IGNORECASE
)


def is_sparse(folder: Path) -> bool:
    """Whether a folder is in such a work tree, by git's own configuration of it."""
    return any(
        _SWITCHED_ON.search(_text(place / name))
        for place in _git_folders(folder.resolve())
        for name in ("config", "config.worktree")
    )


def _git_folders(folder: Path) -> Iterator[Path]:
    """The git folder of the work tree; of a linked one also what all of them share."""
    for each in (folder, *folder.parents):
        git = each / ".git"
        if git.is_dir():
            yield git
            return
        if git.is_file():
            own = each / _text(git).removeprefix("gitdir:").strip()
            yield own
            yield own / _text(own / "commondir").strip()
            return


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
