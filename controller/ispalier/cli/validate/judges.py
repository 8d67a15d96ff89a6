"""Those who read files and judge them with the models, on all cores.

Whoever has read a file judges it, so that none is read twice.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from ispalier.cli.validate import checking
from ispalier.cli.validate.asked import Looked, Task, Verdict, Wanted
from ispalier.cli.validate.crew import Crew, cores
from ispalier.cli.validate.digests import digest, text_of
from ispalier.cli.validate.problems import Beside, problems
from ispalier.settings import Settings
from ispalier.world.findings import Problem
from ispalier.world.load import Contents, contents, together
from ispalier.world.root import NAME
from ispalier.world.touching import ROOT, UNREADABLE, Traits
from ispalier.world.traits import traits

FEW = 500
"""Files for which another process is not worth its start."""
AT_ONCE = 5_000
"""Files that are judged together: what is the provider's is judged each time, and all takes memory."""


class Piece(NamedTuple):
    """Work for one process: files to read by themselves, or cells to judge."""

    files: Sequence[str] = ()
    cells: Sequence[Sequence[str]] = ()
    task: Task | None = None


class Done(NamedTuple):
    """What came of it: digests and traits of the files, verdicts on the cells, in their order."""

    read: Sequence[tuple[bytes, Traits]] = ()
    verdicts: Sequence[Verdict] = ()


@dataclass(slots=True)
class Judges:
    """What was read is kept until it is judged."""

    size: int = field(default_factory=cores)
    settings: Settings = field(default_factory=Settings)
    _crew: Crew[Piece, Done] | None = None
    _readers: Sequence[Sequence[str]] = ()
    _contents: dict[str, Contents] = field(default_factory=dict)

    def whole(self, wanted: Wanted) -> Looked:
        """What is wrong with files, all together and without memory."""
        return checking.whole(wanted)

    def no_resources(self, paths: Sequence[Path], others: int) -> Sequence[Problem]:
        """What is wrong besides resources."""
        return checking.no_resources({path: str(path) for path in paths}, others)

    def read(self, files: Sequence[str]) -> Sequence[tuple[bytes, Traits]]:
        """The digests and the traits of files."""
        crew = self._open(len(files))
        self._readers = list(_parts(files, crew.size))
        try:
            done = crew.all([Piece(files=each) for each in self._readers])
        except BaseException:
            self._close()
            raise
        return list(chain.from_iterable(each.read for each in done))

    def judge(self, task: Task) -> Sequence[Verdict]:
        """The verdict on each cell, from the process that has read it."""
        files = sum(map(len, task.cells))
        crew = self._crew
        if crew is None or crew.size < self._size(files):
            crew = self._open(files)  # one file that all refer to: all are to be judged again
        try:
            shares = _shares(task.cells, self._readers)
            alone = task._replace(cells=())
            pieces = [Piece(cells=[task.cells[at] for at in each], task=alone) for each in shares]
            done = crew.all(pieces)
        finally:
            self._close()
        judged = chain.from_iterable(each.verdicts for each in done)
        placed = dict(zip(chain.from_iterable(shares), judged, strict=True))
        return [placed[at] for at in range(len(task.cells))]

    def _size(self, files: int) -> int:
        return max(1, min(self.size, files // FEW + 1))

    def _close(self) -> None:
        """End the others: at once, if this one is being ended or something went wrong."""
        if self._crew is not None:
            self._crew.__exit__(*sys.exc_info())
        self._crew = None
        self._contents.clear()

    def _open(self, files: int) -> Crew[Piece, Done]:
        """Begin anew, with as many processes as pay for so many files."""
        self._close()
        self._crew = Crew(self._work, self._size(files)).__enter__()
        self._readers = [()] * self._crew.size
        return self._crew

    def _work(self, piece: Piece) -> Done:
        read = [self._read(each) for each in piece.files]
        if piece.task is None:
            return Done(read)
        verdicts: list[Verdict] = []
        batch: list[Sequence[str]] = []
        for cell in piece.cells:
            batch.append(cell)
            if sum(map(len, batch)) >= AT_ONCE:
                verdicts += self._judged(batch, piece.task)
                batch = []
        if batch:
            verdicts += self._judged(batch, piece.task)
        return Done(read, verdicts)

    def _read(self, file: str) -> tuple[bytes, Traits]:
        text = text_of(file)
        if text is None:
            return b"", UNREADABLE
        if os.path.basename(file) == NAME:  # noqa: PTH119 - ten thousand of them
            return digest(text), ROOT
        found = self._contents[file] = contents(Path(file), text)
        return digest(text), traits(found, self.settings.namespace)

    def _judged(self, some: Sequence[Sequence[str]], task: Task) -> Iterator[Verdict]:
        """The verdicts on some cells, judged in one world."""
        files = {*task.shared, *chain.from_iterable(some)}
        loaded = together(
            map(Path, sorted(files, key=task.order.__getitem__)), task.paths, self._known
        )
        for (namespace, name), data in loaded.secrets.items():
            loaded.world.put_secret(namespace, name, data)
        beside = Beside(anything=task.anything, kinds=task.kinds)
        found: dict[str, list[Problem]] = {}
        for problem in problems(loaded, task.now, beside):
            found.setdefault(problem.position.file, []).append(problem)
        counts: dict[str, int] = {}
        for origin in loaded.origins.values():
            counts[str(origin.file)] = counts.get(str(origin.file), 0) + 1
        for cell in some:
            told = chain.from_iterable(found.get(file, ()) for file in cell)
            yield Verdict(tuple(told), sum(counts.get(file, 0) for file in cell))
            for file in cell:
                self._contents.pop(file, None)

    def _known(self, file: Path) -> Contents:
        return self._contents.get(str(file)) or contents(file)


def _parts(files: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The same in so many parts, neighbours together: they are likely to touch."""
    length = -(-len(files) // size)
    for part in range(size):
        yield files[part * length : (part + 1) * length]


def _shares(cells: Sequence[Sequence[str]], readers: Sequence[Sequence[str]]) -> list[list[int]]:
    """The cells for each process: for the one that has read the first file, else for the least busy."""
    reader = {file: place for place, files in enumerate(readers) for file in files}
    shares: list[list[int]] = [[] for _ in readers]
    loads = [0 for _ in readers]
    for at, cell in enumerate(cells):
        place = reader.get(cell[0], loads.index(min(loads)))
        shares[place].append(at)
        loads[place] += len(cell)
    return shares
