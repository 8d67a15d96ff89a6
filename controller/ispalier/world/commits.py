"""Commits: by whom files of a folder were edited last, if git keeps them."""

import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ispalier.world.load import Loaded, Origin
from ispalier.world.snapshot import Ident

PATIENCE = 20.0
"""Seconds after which it is not waited for what git knows."""
FEW = 200
"""Files that git is asked for by name; of more, all of its history is read."""
FORMAT = "--format=%x01%H%x02%an%x02%s"
_GIT = (
    "git",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=false",
    "--no-optional-locks",
    "--literal-pathspecs",
)


class Commit(NamedTuple):
    """The revision that touched a file last."""

    revision: str
    author: str
    subject: str

    def __str__(self) -> str:
        """In one line."""
        return f"commit {self.revision[:12]} by {self.author}: {self.subject}"


@dataclass(slots=True)
class FileEdits:
    """Tells by whom resources that were read from files were edited; asks git once per file."""

    origins: Mapping[Ident, Origin]
    _known: dict[Path, str] = field(default_factory=dict)

    def __call__(self, which: Collection[Ident]) -> Mapping[Ident, str]:
        """By whom each was edited: the commit, and the file with the line."""
        there = {each: self.origins[each] for each in which if each in self.origins}
        self._learn({each.file for each in there.values()})
        loaded = Loaded(origins=dict(there))
        return {
            each: f"{self._known[origin.file]}{_line(loaded, each)}"
            for each, origin in there.items()
        }

    def _learn(self, files: Iterable[Path]) -> None:
        by_folder: dict[Path, list[Path]] = {}
        for file in files:
            if file not in self._known:
                by_folder.setdefault(file.resolve().parent, []).append(file)
        for top, some in _by_repository(by_folder).items():
            if top is None:
                self._known |= {each: str(each) for each in some}
                continue
            real = {each.resolve().relative_to(top).as_posix(): each for each in some}
            found = dict(_commits(top, real))
            for name, file in real.items():
                self._known[file] = f"{found[name]}; {name}" if name in found else str(file)


def _line(loaded: Loaded, which: Ident) -> str:
    """The line of an object, if its file is still as it was."""
    try:
        return f":{loaded.where(which).line}"
    except (OSError, IndexError):
        return ""


def _by_repository(folders: Mapping[Path, list[Path]]) -> Mapping[Path | None, list[Path]]:
    """Files by the top of the repository that keeps them."""
    found: dict[Path | None, list[Path]] = {}
    for folder, files in folders.items():
        above = (folder, *folder.parents)
        top = next(
            (each for each in above if (each / ".git").exists()), None
        )  # resolved, as folders are
        found.setdefault(top, []).extend(files)
    return found


def _commits(top: Path, files: Collection[str]) -> Iterator[tuple[str, Commit | str]]:
    """The last commit of every file; of one that differs from it that it does."""
    wanted = set(files)
    changed = wanted & set(_run(top, "diff", "--name-only", "-z", "HEAD", "--").split("\0"))
    yield from dict.fromkeys(changed, "not committed yet").items()
    wanted -= changed
    few = sorted(wanted) if len(wanted) <= FEW else ()
    words = ("log", "-z", "--name-only", "--no-renames", FORMAT, "--", *few)
    for entry in _run(top, *words).split("\1") if wanted else ():
        head, _, names = entry.partition("\n")
        if head.count("\2") == 2:  # noqa: PLR2004 - revision, author, subject
            touched = wanted & set(names.split("\0"))
            yield from dict.fromkeys(touched, Commit(*head.strip("\0").split("\2"))).items()
            wanted -= touched


def _run(top: Path, *words: str) -> str:
    """What git says; nothing where it cannot or will not."""
    try:
        done = subprocess.run(  # noqa: S603 - git, told what to do by us alone
            [*_GIT, "-C", str(top), *words],
            capture_output=True,
            check=True,
            timeout=PATIENCE,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode(errors="replace")
