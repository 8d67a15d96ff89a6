"""Looking at many files: what did not change since the last look is known, the rest is judged.

The answer is that of `problems`, for files that do not touch each other say nothing of each other.
No model is needed for what is known, so they are loaded meanwhile (`ahead`).
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from operator import methodcaller
from pathlib import Path
from typing import NamedTuple

from ispalier.cli.ahead import Ahead
from ispalier.cli.asked import Task, Text, Verdict
from ispalier.cli.installed import root_folder
from ispalier.cli.store import Known, Stat, Store, digest, stat_of, version
from ispalier.environment import named, secrets_folder
from ispalier.world.days import local_day
from ispalier.world.findings import Problem
from ispalier.world.root import NAME
from ispalier.world.touching import ROOT, UNREADABLE, Traits, cells, shared

CACHE = "validate"
"""The folder within the cache folder."""


class Plan(NamedTuple):
    """What is judged together, under keys that stand for all that a verdict depends on."""

    shared: Sequence[str]
    kinds: frozenset[str]
    cells: Mapping[bytes, Sequence[str]]


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
        seen, read, texts = _seen(store, files)
        plan = self._plan(seen, texts)
        lacking = {key: cell for key, cell in plan.cells.items() if key not in store.verdicts}
        judged = self._judged(plan, lacking, seen)
        is_new = _is_packed_anew(store, seen, read)  # while they are judged
        verdicts = {**store.verdicts, **judged()}
        if folder:
            _keep(
                store,
                seen,
                {key: (cell, verdicts[key]) for key, cell in plan.cells.items()},
                is_new=is_new,
            )
        told = [verdicts[key] for key in plan.cells]
        found = chain.from_iterable(each.problems for each in told)
        resources = sum(each.resources for each in told)
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

    def _plan(self, seen: dict[str, Known], texts: Sequence[Text]) -> Plan:
        """What has to be judged together; with the traits of new texts, which are filled in.

        Most edits change no trait, so it is made before they are known, and seldom again.
        """
        if not texts:
            return self._parted(seen)
        answer = self.ahead.ask(methodcaller("read", texts))
        plan = self._parted(seen)
        made: Sequence[Traits] = answer()
        found = {file: each for (file, _), each in zip(texts, made, strict=True)}
        found = {file: each for file, each in found.items() if each != seen[file].traits}
        seen.update((file, seen[file]._replace(traits=each)) for file, each in found.items())
        return self._parted(seen) if found else plan

    def _parted(self, seen: Mapping[str, Known]) -> Plan:
        """The cells, each under a key that stands for all that its verdict depends on."""
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
        return Plan(for_all, kinds, keyed)

    def _judged(
        self, plan: Plan, lacking: Mapping[bytes, Sequence[str]], seen: Mapping[str, Known]
    ) -> Callable[[], Mapping[bytes, Verdict]]:
        """Ask for the verdicts that are not known, and return how to have them."""
        if not lacking:
            return dict
        some = {*plan.shared, *chain.from_iterable(lacking.values())}
        order = {file: place for place, file in enumerate(seen) if file in some}
        wanted = list(lacking.values())
        task = Task(self.paths, self.now, self.anything, plan.kinds, plan.shared, wanted, order)
        answer = self.ahead.ask(methodcaller("judge", task))
        return lambda: dict(zip(lacking, answer(), strict=True))


def _seen(
    store: Store, files: Sequence[str]
) -> tuple[dict[str, Known], Sequence[str], Sequence[Text]]:
    """What is known of each file, which were read, and the texts of those with unknown traits.

    Of these it is said what was true of the file before.
    """
    seen: dict[str, Known] = {}
    read: list[str] = []
    texts: list[Text] = []
    for file in files:
        stat = stat_of(file)
        known = store.unchanged(file, stat)
        if known is None:
            read.append(file)
            text = _text(file)
            content = b"" if text is None else digest(text)
            found = UNREADABLE if text is None else _traits(store, file, content)
            if found is None and text is not None:
                texts.append((file, text))
                found = store.traits_before(file)
            known = Known(stat or Stat(0, 0, 0, 0), content, found or UNREADABLE)
        seen[file] = known
    return seen, read, texts


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


def _is_packed_anew(store: Store, seen: Mapping[str, Known], read: Sequence[str]) -> bool:
    """Make what is known of files ready to be kept, if any is gone or was read."""
    kept = {file: each for file, each in seen.items() if each.traits.kept}
    is_new = len(kept) != len(store.files) or any(file in kept for file in read)
    if is_new:
        store.pack(kept)
    return is_new


def _keep(
    store: Store,
    seen: Mapping[str, Known],
    verdicts: Mapping[bytes, tuple[Sequence[str], Verdict]],
    *,
    is_new: bool,
) -> None:
    """Keep what was found, but of files that changed while they were looked at."""
    fresh = chain.from_iterable(
        cell for key, (cell, _) in verdicts.items() if key not in store.verdicts
    )
    moved = {file for file in fresh if stat_of(file) != seen[file].stat}
    kept = {
        key: verdict
        for key, (cell, verdict) in verdicts.items()
        if all(seen[file].traits.kept and file not in moved for file in cell)
    }
    if is_new or kept.keys() != store.verdicts.keys():
        store.save(kept)


def _named(files: Iterable[str], seen: Mapping[str, Known]) -> Iterator[bytes]:
    for file in files:
        yield file.encode(errors="surrogateescape")
        yield seen[file].digest
