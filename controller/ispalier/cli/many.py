"""Looking at many files: what did not change since the last look is known, the rest is shared out.

The answer is that of `problems`, for files that do not touch each other say nothing of each other.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from ispalier.cli.crew import Crew, cores
from ispalier.cli.problems import Beside, problems
from ispalier.cli.store import Known, Stat, Store, Verdict, digest, stat_of, version
from ispalier.settings import Settings
from ispalier.world.days import local_day
from ispalier.world.findings import Problem
from ispalier.world.load import Contents, contents, together
from ispalier.world.root import NAME
from ispalier.world.touching import ROOT, UNREADABLE, Traits, cells, shared, traits

FEW = 500
"""Files for which another process is not worth its start."""
AT_ONCE = 5_000
"""Files that are judged together: what is the provider's is judged each time, and all takes memory."""
CACHE = "validate"
"""The folder within the cache folder."""


class Piece(NamedTuple):
    """Work for one process: files to read by themselves, or cells to judge."""

    files: Sequence[str] = ()
    shared: Sequence[str] = ()
    cells: Sequence[Sequence[str]] = ()
    kinds: frozenset[str] = frozenset()


class Done(NamedTuple):
    """What came of it: digests and traits of the files, verdicts on the cells, in their order."""

    read: Sequence[tuple[bytes, Traits]] = ()
    verdicts: Sequence[Verdict] = ()


@dataclass(slots=True)
class Look:
    """One look at the files below some paths, at an instant."""

    paths: Sequence[Path]
    now: datetime
    anything: bool = False
    """Whether what is missing may be declared elsewhere."""
    crew: int = field(default_factory=cores)
    settings: Settings = field(default_factory=Settings)
    _order: Mapping[str, int] = field(default_factory=dict)
    _contents: dict[str, Contents] = field(default_factory=dict)

    def of(self, files: Sequence[str], folder: Path | None) -> tuple[list[Problem], int, int]:
        """What is wrong, how many resources there are, and how many objects of others.

        What is known stands in a folder.
        """
        store = Store.of(folder, self._tree()) if folder else Store(Path())
        stats = {file: stat_of(file) for file in files}
        self._order = {file: place for place, file in enumerate(stats)}
        known = {file: store.unchanged(file, stat) for file, stat in stats.items()}
        new = [file for file, each in known.items() if each is None]
        with Crew(partial(self._work, store), self._size(len(new))) as crew:
            readers = list(_parts(new, crew.size))
            read = crew.all([Piece(files=each) for each in readers])
            made = dict(zip(new, chain.from_iterable(each.read for each in read), strict=True))
            seen = {
                file: each or Known(stats[file] or Stat(0, 0, 0, 0), *made[file])
                for file, each in known.items()
            }
            verdicts = self._verdicts(crew, store, seen, readers)
        if folder:
            self._keep(store, seen, verdicts)
        found = chain.from_iterable(each.problems for _, each in verdicts.values())
        resources = sum(each.resources for _, each in verdicts.values())
        others = sum(each.traits.others for each in seen.values())
        return sorted(found), resources, others

    def _tree(self) -> Iterator[bytes]:
        """What every verdict on this tree depends on."""
        yield version()
        yield str(Path.cwd()).encode()
        yield from (str(path).encode() for path in self.paths)
        yield self.settings.model_dump_json(exclude={"journal_url"}).encode()
        yield bytes([self.anything])

    def _size(self, files: int) -> int:
        return max(1, min(self.crew, files // FEW + 1))

    def _verdicts(
        self,
        crew: Crew[Piece, Done],
        store: Store,
        seen: Mapping[str, Known],
        readers: Sequence[Sequence[str]],
    ) -> Mapping[bytes, tuple[Sequence[str], Verdict]]:
        """The verdict on every cell, by a key that stands for all that it depends on."""
        traits_of = {file: each.traits for file, each in seen.items()}
        for_all = shared(traits_of)
        kinds = frozenset(kind for each in traits_of.values() for kind in each.kinds)
        zones = {"UTC", *(zone for each in for_all for zone in traits_of[each].zones)}
        around = digest(
            *(f"{zone} {local_day(self.now, zone)}".encode() for zone in sorted(zones)),
            " ".join(sorted(kinds)).encode(),
            *_named(for_all, seen),
        )
        keyed = {digest(around, *_named(cell, seen)): cell for cell in cells(traits_of)}
        lacking = {key: cell for key, cell in keyed.items() if key not in store.verdicts}
        piece = Piece(shared=for_all, kinds=kinds)
        size = self._size(sum(map(len, lacking.values())))
        if size > crew.size:  # one file that all refer to, and all are to be judged again
            with Crew(partial(self._work, store), size) as wider:
                new = _judged(wider, piece, lacking, [()] * size)
        else:
            new = _judged(crew, piece, lacking, readers)
        return {key: (cell, new.get(key) or store.verdicts[key]) for key, cell in keyed.items()}

    def _keep(
        self,
        store: Store,
        seen: Mapping[str, Known],
        verdicts: Mapping[bytes, tuple[Sequence[str], Verdict]],
    ) -> None:
        """Keep what was found, but of files that changed while they were looked at."""
        fresh = chain.from_iterable(
            cell for key, (cell, _) in verdicts.items() if key not in store.verdicts
        )
        moved = {file for file in fresh if stat_of(file) != seen[file].stat}
        files = {file: each for file, each in seen.items() if each.traits.kept}
        kept = {
            key: verdict
            for key, (cell, verdict) in verdicts.items()
            if all(file in files and file not in moved for file in cell)
        }
        if kept.keys() != store.verdicts.keys() or files != store.files:
            store.save(files, kept)

    def _work(self, store: Store, piece: Piece) -> Done:
        read = [self._read(store, file) for file in piece.files]
        verdicts: list[Verdict] = []
        batch: list[Sequence[str]] = []
        for cell in piece.cells:
            batch.append(cell)
            if sum(map(len, batch)) >= AT_ONCE:
                verdicts += self._judged(batch, piece)
                batch = []
        if batch:
            verdicts += self._judged(batch, piece)
        return Done(read, verdicts)

    def _read(self, store: Store, file: str) -> tuple[bytes, Traits]:
        try:
            with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - ten thousand of them
                text = opened.read()
        except OSError:
            return b"", UNREADABLE
        content = digest(text)
        if os.path.basename(file) == NAME:  # noqa: PTH119 - ten thousand of them
            return content, ROOT
        known = store.traits_of(content)
        if known is not None:
            return content, known
        found = self._contents[file] = contents(Path(file), text)
        return content, traits(found, self.settings.namespace)

    def _judged(self, some: Sequence[Sequence[str]], piece: Piece) -> Iterator[Verdict]:
        """The verdicts on some cells, judged in one world."""
        files = {*piece.shared, *chain.from_iterable(some)}
        loaded = together(
            map(Path, sorted(files, key=self._order.__getitem__)), self.paths, self._known
        )
        for (namespace, name), data in loaded.secrets.items():
            loaded.world.put_secret(namespace, name, data)
        beside = Beside(anything=self.anything, kinds=piece.kinds)
        found: dict[str, list[Problem]] = {}
        for problem in problems(loaded, self.now, beside):
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


def _judged(
    crew: Crew[Piece, Done],
    piece: Piece,
    lacking: Mapping[bytes, Sequence[str]],
    readers: Sequence[Sequence[str]],
) -> Mapping[bytes, Verdict]:
    """The verdicts on some cells, each from the process that has read it."""
    if not lacking:
        return {}
    shares = _shares(lacking, readers)
    done = crew.all([piece._replace(cells=[lacking[key] for key in each]) for each in shares])
    judged = chain.from_iterable(each.verdicts for each in done)
    return dict(zip(chain.from_iterable(shares), judged, strict=True))


def _named(files: Iterable[str], seen: Mapping[str, Known]) -> Iterator[bytes]:
    for file in files:
        yield file.encode(errors="surrogateescape")
        yield seen[file].digest


def _parts(files: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The same in so many parts, neighbours together: they are likely to touch."""
    length = -(-len(files) // size)
    for part in range(size):
        yield files[part * length : (part + 1) * length]


def _shares(
    lacking: Mapping[bytes, Sequence[str]], readers: Sequence[Sequence[str]]
) -> list[list[bytes]]:
    """The cells for each process: for the one that has read the first file, else for the least busy."""
    reader = {file: place for place, files in enumerate(readers) for file in files}
    shares: list[list[bytes]] = [[] for _ in readers]
    loads = [0 for _ in readers]
    for key, cell in lacking.items():
        place = reader.get(cell[0], loads.index(min(loads)))
        shares[place].append(key)
        loads[place] += len(cell)
    return shares
