"""Files as they were at a revision of git, or as they come by standard input."""

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from ispalier.cli.validate import STDIN
from ispalier.world.errors import Invalid
from ispalier.world.findings import Problem


@contextmanager
def at_revision(paths: Sequence[Path], revision: str) -> Iterator[Mapping[Path, str]]:
    """Some paths as they were: where they are now, and how they were called; raises Invalid.

    What was not there yet is left out.
    """
    with tempfile.TemporaryDirectory(prefix="ispalier-") as folder:
        found: dict[Path, str] = {}
        tops: dict[Path, Path] = {}
        for path in paths:
            real = path.resolve()
            here = real if real.is_dir() else real.parent
            top = Path(_git(here, "rev-parse", "--show-toplevel").decode().rstrip("\n"))
            if top not in tops:
                tops[top] = Path(folder) / str(len(tops))
                _extract(top, revision, tops[top])
            then = tops[top] / real.relative_to(top)
            if then.exists():
                found[then] = str(path)
        yield found


@contextmanager
def given(paths: Sequence[Path]) -> Iterator[Mapping[Path, str]]:
    """Some paths, of which `-` is what comes by standard input."""
    with tempfile.TemporaryDirectory(prefix="ispalier-") as folder:
        found: dict[Path, str] = {}
        for path in paths:
            if path == STDIN:
                file = Path(folder) / "stdin.yaml"
                file.write_bytes(sys.stdin.buffer.read())
                found[file] = "-"
            else:
                found[path] = str(path)
        yield found


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
    whole = _git(
        top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}"
    )
    archive = _git(top, "archive", "--format=tar", whole.decode().strip())
    into.mkdir()
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        tar.extractall(into, filter="data")


def _git(folder: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - revisions come after --end-of-options
            ["git", "-C", folder, *words],  # noqa: S607 - the one of the PATH
            capture_output=True,
            check=False,
            timeout=120,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Invalid(f"git is needed to see how {folder} was: {error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        reason = said[0] if said else f"it has no revision {words[-1].partition('^')[0]}"
        raise Invalid(f"git does not tell how {folder} was: {reason}")
    return done.stdout
