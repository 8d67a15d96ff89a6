"""What is known of files from the last look at them: digests, traits, and what was wrong.

It only saves work: whatever in it is damaged, of another version or cannot be read counts as
unknown, and where it cannot be written nothing is kept.
"""

import marshal
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ispalier.cli.validate.asked import Verdict
from ispalier.cli.validate.digests import SIZE, digest
from ispalier.world.findings import Level, Position, Problem
from ispalier.world.touching import Traits

RACY = 2_000_000_000
"""Nanoseconds: a file changed so shortly before it was read may change again unnoticed."""
TREES = 16
"""How many are kept; those that were looked at last."""


class Stat(NamedTuple):
    """By what git, too, sees that a file is as it was."""

    modified: int
    changed: int
    size: int
    inode: int


Row: TypeAlias = tuple[int, int, int, int, bytes, int]
"""A file as it is kept: stat, digest, and which traits; ten thousand are read as they stand."""


class Known(NamedTuple):
    """A file as it was read."""

    stat: Stat
    digest: bytes
    traits: Traits


def stat_of(file: str) -> Stat | None:
    """Look at a file; None if it cannot be looked at."""
    try:
        found = os.stat(file)  # noqa: PTH116 - ten thousand of them
    except OSError:
        return None
    return Stat(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def version() -> bytes:
    """A digest of the program itself, and of where its libraries are installed."""
    package = Path(__file__).parents[2]
    stats = [sys.version, str(package)]
    for folder, _, names in os.walk(package):
        sources = (f"{folder}/{name}" for name in names if name.endswith(".py"))
        stats.extend(f"{each} {stat_of(each)}" for each in sources)
    library = find_spec("pydantic")
    if library is not None and library.origin is not None:
        stats.append(str(stat_of(str(Path(library.origin).parents[2]))))
    return digest(*(each.encode() for each in sorted(stats)))


@dataclass(slots=True)
class Store:
    """What is known of one tree; of the last look and of this one."""

    file: Path
    began: int = field(default_factory=time.time_ns)
    files: dict[str, Row] = field(default_factory=dict)
    verdicts: dict[bytes, Verdict] = field(default_factory=dict)
    packed: bytes = b""
    """The files as they are kept."""
    _taken: int = 0
    _traits: Sequence[Traits] = ()
    """Each once, for most files are like others."""
    _by_content: dict[bytes, Traits] | None = None

    @classmethod
    def of(cls, folder: Path, tree: Iterable[bytes]) -> "Store":
        """What is known of a tree, which is called by all that its verdicts depend on."""
        store = cls(folder / f"{digest(*tree).hex()}.tree")
        with suppress(OSError, ValueError, EOFError, TypeError, LookupError):
            store._load(store.file.read_bytes())
        return store

    def unchanged(self, file: str, stat: Stat | None) -> Known | None:
        """What is known of a file that is as it was; one changed just before it was read is not."""
        row = self.files.get(file)
        if row is None or stat is None or row[:4] != stat:
            return None
        is_settled = max(stat.modified, stat.changed) + RACY < self._taken
        return Known(stat, row[4], self._traits[row[5]]) if is_settled else None

    def traits_before(self, file: str) -> Traits:
        """The traits that a file had, or those of an empty one."""
        row = self.files.get(file)
        return Traits() if row is None else self._traits[row[5]]

    def traits_of(self, content: bytes) -> Traits | None:
        """The traits of a file of this digest, whatever it was called."""
        if self._by_content is None:
            self._by_content = {row[4]: self._traits[row[5]] for row in self.files.values()}
        return self._by_content.get(content)

    def pack(self, files: Mapping[str, Known]) -> None:
        """Make files ready to be kept instead of those of the last look."""
        places: dict[Traits, int] = {}
        rows = {
            file: (*each.stat, each.digest, places.setdefault(each.traits, len(places)))
            for file, each in files.items()
        }
        self.packed = marshal.dumps((self.began, [tuple(each) for each in places], rows))

    def save(self, verdicts: Mapping[bytes, Verdict]) -> None:
        """Keep this look instead of the last one, if it can be written."""
        told = [
            (key, each.resources, [_plain(problem) for problem in each.problems])
            for key, each in verdicts.items()
        ]
        payload = marshal.dumps((self.packed, told))
        with suppress(OSError):
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self.file, digest(payload) + payload)
            _thin(self.file.parent)

    def _load(self, text: bytes) -> None:
        payload = text[SIZE:]
        if digest(payload) != text[:SIZE]:
            return
        self.packed, told = marshal.loads(payload)  # noqa: S302 - its digest was right
        self._taken, traits, self.files = marshal.loads(self.packed)  # noqa: S302
        self._traits = [Traits(*each) for each in traits]
        self.verdicts = {
            key: Verdict(tuple(map(_problem, problems)), resources)
            for key, resources, problems in told
        }


def _plain(problem: Problem) -> tuple[object, ...]:
    return (*problem.position, *problem[1:-1], int(problem.level))


def _problem(plain: tuple[str, int, int, str, str, str, str, int]) -> Problem:
    file, line, column, *said, level = plain
    subject, field_, what, remedy = map(str, said)
    return Problem(Position(file, line, column), subject, field_, what, remedy, Level(level))


def _write(file: Path, text: bytes) -> None:
    """Put it there at once, so that whoever reads beside us finds the old or the new."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix="new-")
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(text)
        os.replace(name, file)  # noqa: PTH105 - a name, not a path
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108 - a name, not a path
        raise


def _thin(folder: Path) -> None:
    """Forget the trees that nobody looked at for long, and what a killed process left."""
    found = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)
    for each in found[TREES:]:
        each.unlink(missing_ok=True)
