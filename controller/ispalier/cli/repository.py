"""Which source a folder is: the repository, by its first commit, and where in it.

All checkouts and branches of a repository have that in common, and no other repository has it,
although the root file may have been copied.
"""

from pathlib import Path

from ispalier.cli.git import git
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
    return [*git(folder, *words, about=f"which repository {folder} is").decode().split("\n"), ""]
