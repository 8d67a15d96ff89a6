"""Looking at many files: what did not change since the last look is known, the rest is judged.

The answer is that of `problems`, for files that do not touch each other say nothing of each other.
No model is needed for what is known, so they are loaded meanwhile (`ahead`).
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from operator import methodcaller
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ispalier.cli.ahead import Ahead
from ispalier.cli.installed import root_folder
from ispalier.cli.store import Known, Stat, Store, Verdict, digest, stat_of, version
from ispalier.environment import named, secrets_folder
from ispalier.world.days import local_day
from ispalier.world.findings import Problem
from ispalier.world.root import NAME
from ispalier.world.touching import ROOT, UNREADABLE, Traits, cells, shared

CACHE = "validate"
"""The folder within the cache folder."""

Text: TypeAlias = tuple[str, bytes]
"""A file and what stands in it."""


class Task(NamedTuple):
    """Cells to be judged, and all that their verdicts depend on but the files themselves."""

    paths: Sequence[Path]
    now: datetime
    anything: bool
    kinds: frozenset[str]
    shared: Sequence[str]
    cells: Sequence[Sequence[str]]
    order: Mapping[str, int]
    """Of files among each other; the first of two that may not both be is right."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the files below some paths, at an instant."""

    paths: Sequence[Path]
    now: datetime
    ahead: Ahead
    anything: bool = False
    """Whether what is missing may be declared elsewhere."""

    def of(self, files: Sequence[str], folder: Path | None) -> tuple[list[Problem], int, int]:
        """What is wrong, how many resources there are, and how many objects of others.

        What is known stands in a folder.
        """
        store = Store.of(folder, self._tree()) if folder else Store(Path())
        seen = self._seen(store, files)
        verdicts = self._verdicts(store, seen)
        if folder:
            _keep(store, seen, verdicts)
        found = chain.from_iterable(each.problems for _, each in verdicts.values())
        resources = sum(each.resources for _, each in verdicts.values())
        others = sum(each.traits.others for each in seen.values())
        return sorted(found), resources, others

    def _tree(self) -> Iterator[bytes]:
        """What every verdict on this tree depends on."""
        yield version()
        yield str(Path.cwd()).encode()
        yield from (str(path).encode() for path in self.paths)
        yield str(secrets_folder(root_folder(self.paths))).encode()
        for name, value in sorted(named().items()):
            if name != "JOURNAL_URL":  # it may hold a password, and changes nothing
                yield f"{name}={value}".encode(errors="surrogateescape")
        yield bytes([self.anything])

    def _seen(self, store: Store, files: Sequence[str]) -> Mapping[str, Known]:
        """What is known of each file; those of which nothing is are read."""
        seen: dict[str, Known] = {}
        texts: list[Text] = []
        for file in files:
            stat = stat_of(file)
            known = store.unchanged(file, stat)
            if known is None:
                text = _text(file)
                content = b"" if text is None else digest(text)
                found = UNREADABLE if text is None else _traits(store, file, content)
                known = Known(stat or Stat(0, 0, 0, 0), content, found or UNREADABLE)
                if found is None and text is not None:
                    texts.append((file, text))
            seen[file] = known
        if texts:
            made: Sequence[Traits] = self.ahead.ask(methodcaller("read", texts))()
            for (file, _), each in zip(texts, made, strict=True):
                seen[file] = seen[file]._replace(traits=each)
        return seen

    def _verdicts(
        self, store: Store, seen: Mapping[str, Known]
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
        new = self._judged(lacking, for_all, kinds, seen) if lacking else {}
        return {key: (cell, new.get(key) or store.verdicts[key]) for key, cell in keyed.items()}

    def _judged(
        self,
        lacking: Mapping[bytes, Sequence[str]],
        for_all: Sequence[str],
        kinds: frozenset[str],
        seen: Mapping[str, Known],
    ) -> Mapping[bytes, Verdict]:
        """The verdicts that are not known."""
        some = {*for_all, *chain.from_iterable(lacking.values())}
        order = {file: place for place, file in enumerate(seen) if file in some}
        some_cells = list(lacking.values())
        task = Task(self.paths, self.now, self.anything, kinds, for_all, some_cells, order)
        judged: Sequence[Verdict] = self.ahead.ask(methodcaller("judge", task))()
        return dict(zip(lacking, judged, strict=True))


def _text(file: str) -> bytes | None:
    """What stands in a file; None if it cannot be read."""
    try:
        with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - ten thousand of them
            return opened.read()
    except OSError:
        return None


def _traits(store: Store, file: str, content: bytes) -> Traits | None:
    """The traits of a file, if they are known."""
    is_root = os.path.basename(file) == NAME  # noqa: PTH119 - ten thousand of them
    return ROOT if is_root else store.traits_of(content)


def _keep(
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


def _named(files: Iterable[str], seen: Mapping[str, Known]) -> Iterator[bytes]:
    for file in files:
        yield file.encode(errors="surrogateescape")
        yield seen[file].digest
