"""What git says, or why it does not."""

import difflib
import os
import subprocess
from pathlib import Path

from ispalier.world.errors import Invalid

_SHOWN = 5
"""Names of a list that may be long."""


def git(
    folder: Path,
    *words: str,
    about: str,
    seconds: float = 60,
    given: bytes = b"",
    index: Path | None = None,
) -> bytes:
    """What it prints in a folder, with an index of its own if need be; raises Invalid, which says `about` what it was asked."""
    try:
        done = subprocess.run(  # noqa: S603 - what users name comes after --end-of-options
            ["git", "-C", folder, *words],  # noqa: S607 - the one of the PATH
            input=given,
            capture_output=True,
            check=False,
            timeout=seconds,
            env={**os.environ, "GIT_INDEX_FILE": str(index)} if index else None,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Invalid(f"git is needed to tell {about}: {error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise Invalid(f"git does not tell {about}: {said[0] if said else 'no reason'}")
    return done.stdout


def beginnings(folder: Path, since: str, until: str, *, about: str) -> list[str]:
    """The newest commits that two revisions have in common: usually one; raises Invalid."""
    words = ("merge-base", "--all", "--end-of-options", since, until)
    return git(folder, *words, about=about).decode().split()


def named(folder: Path) -> list[str]:
    """Branches and tags of a repository, also those of others that were fetched; raises Invalid."""
    words = ("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
    return git(folder, *words, about="which branches there are").decode().split()


def check_revision(top: Path, revision: str) -> None:
    """Raise Invalid for a revision that is not in a repository, with those that are near."""
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}")
    try:
        git(top, *asked, about=f"what {revision} is")
    except Invalid as error:
        raise Invalid(
            f"there is no revision '{revision}' in {top}: {_remedy(top, revision)}"
        ) from error


def _remedy(top: Path, revision: str) -> str:
    """The nearest names, else how to get it or what there is."""
    names = named(top)
    if near := difflib.get_close_matches(revision, names, n=3):
        return f"did you mean {' or '.join(near)}?"
    if git(top, "rev-parse", "--is-shallow-repository", about="its depth").strip() == b"true":
        return "fetch more of its history, by `git fetch --unshallow`, or in CI with a fetch depth of 0"
    some = ", ".join(names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")
    return f"fetch it, or name one of {some}" if some else "nothing is committed here yet"
