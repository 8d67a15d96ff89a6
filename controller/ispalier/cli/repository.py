"""Which source a folder is: the repository, by its first commit, and where in it.

All checkouts and branches of a repository have that in common, and no other repository has it,
although the root file may have been copied.
"""

import subprocess
from pathlib import Path

from ispalier.journal.identity import FOLDER, GIT
from ispalier.world.errors import Invalid


def source_of(folder: Path) -> str:
    """`git:FIRST-COMMIT:FOLDER`, or `folder` where no repository is, or nothing is committed yet.

    Raises Invalid where git cannot tell.
    """
    here = folder.resolve()
    if not any((each / ".git").exists() for each in (here, *here.parents)):
        return FOLDER
    shallow, within = _git(here, "rev-parse", "--is-shallow-repository", "--show-prefix")[:2]
    if shallow == "true":
        raise Invalid(
            f"{folder} is a shallow clone, which does not tell which repository it is: fetch all"
            " of its history, by `git fetch --unshallow`, or in CI with a fetch depth of 0"
        )
    if not _git(here, "rev-list", "--all", "--max-count=1")[0]:
        return FOLDER
    (first, *_) = _git(here, "rev-list", "--max-parents=0", "--first-parent", "HEAD")
    return f"{GIT}:{first}:{within.rstrip('/')}"


def _git(folder: Path, *words: str) -> list[str]:
    """The lines that git prints; one empty one more at the end."""
    try:
        done = subprocess.run(  # noqa: S603 - no input is part of it
            ["git", "-C", str(folder), *words],  # noqa: S607 - the one of the PATH
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Invalid(f"git is needed to tell which repository {folder} is: {error}") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Invalid(
            f"git does not tell which repository {folder} is: {said[0] if said else 'no reason'}"
        )
    return [*done.stdout.split("\n"), ""]
