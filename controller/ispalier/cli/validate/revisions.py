"""Files as they were at a revision of git, or as they come by standard input."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ispalier.cli.git import beginnings, check_revision, git
from ispalier.cli.validate.asked import STDIN
from ispalier.world.errors import Invalid
from ispalier.world.findings import Problem

PATIENCE = 120.0
"""Seconds that git may take to write a whole revision."""


@contextmanager
def at_revision(
    paths: Sequence[Path], revision: str, change: str | None = None
) -> Iterator[Mapping[Path, str]]:
    """Some paths as they were: where they are now, and how they were called; raises Invalid.

    What was not there yet is left out. With a `change`, a revision or empty for what stands there
    now, it is as that change found it: others may have gone on.
    """
    with tempfile.TemporaryDirectory(prefix="ispalier-") as folder:
        found: dict[Path, str] = {}
        tops: dict[Path, Path] = {}
        for path in paths:
            real = path.resolve()
            here = real if real.is_dir() else real.parent
            about = f"of which repository {path} is"
            told = git(here, "rev-parse", "--show-toplevel", about=about)
            top = Path(told.decode().rstrip("\n"))
            if top not in tops:
                check_revision(top, revision)
                tops[top] = Path(folder) / str(len(tops))
                _extract(top, began(top, revision, change), tops[top])
            then = tops[top] / real.relative_to(top)
            if then.exists():
                found[then] = str(path)
        yield found


@contextmanager
def given(paths: Sequence[Path], stdin: bytes) -> Iterator[Mapping[Path, str]]:
    """Some paths, of which `-` is what comes by standard input."""
    with tempfile.TemporaryDirectory(prefix="ispalier-") as folder:
        found: dict[Path, str] = {}
        for path in paths:
            if path == STDIN:
                file = Path(folder) / "stdin.yaml"
                file.write_bytes(stdin)
                found[file] = "-"
            else:
                found[path] = str(path)
        yield found


def began(top: Path, since: str, change: str | None) -> str:
    """Where a change left a revision; that itself where git cannot tell or there is none."""
    if change is None:
        return since
    until = change or "HEAD"
    about = f"where the change since {since} began"
    try:
        found = beginnings(top, since, until, about=about)
        [tip] = git(top, "rev-parse", "--verify", f"{until}^{{commit}}", about=about).split()
    except Invalid:
        return since
    is_behind = bool(change) and found == [tip.decode()]
    return found[0] if len(found) == 1 and not is_behind else since


def called(problem: Problem, names: Mapping[Path, str]) -> Problem:
    """The same problem with the file as whoever asked calls it."""
    file = Path(problem.position.file)
    for path, name in names.items():
        if file == path or path in file.parents:
            told = name if file == path else str(Path(name) / file.relative_to(path))
            what = problem.what.replace(str(path), name)
            return problem._replace(position=problem.position._replace(file=told), what=what)
    return problem


def _extract(top: Path, revision: str, into: Path) -> None:
    about, tree = f"how {top} was at {revision}", f"{revision}^{{tree}}"
    whole = git(top, "rev-parse", "--verify", "--end-of-options", tree, about=about)
    # Not git archive: it leaves out what .gitattributes says is not to be exported.
    index = into.with_suffix(".index")
    git(
        top,
        "read-tree",
        "--no-sparse-checkout",
        whole.decode().strip(),
        about=about,
        index=index,
    )
    words = ("checkout-index", "--all", f"--prefix={into}/")
    into.mkdir()
    git(top, *words, about=about, seconds=PATIENCE, index=index)
    for file in _links(into):
        if not Path(os.path.realpath(file)).is_relative_to(into.resolve()):
            file.unlink()  # it leads out of the revision, and nobody knows how that was


def _links(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        paths = (Path(place, name) for name in (*folders, *files))
        yield from (each for each in paths if each.is_symlink())
