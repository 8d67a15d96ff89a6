"""What git says, or why it does not."""

import os
import subprocess
from pathlib import Path

from ispalier.world.errors import Invalid


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
