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

from ispalier.cli.installed import root_folder
from ispalier.cli.validate.ahead import Ahead
from ispalier.cli.validate.asked import Task, Verdict
from ispalier.cli.validate.digests import digest, text_of
from ispalier.cli.validate.store import Known, Stat, Store, stat_of, version
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
        seen, read, unknown = _seen(store, files)
        plan = self._plan(seen, unknown)
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

    def _plan(self, seen: dict[str, Known], unknown: Sequence[str]) -> Plan:
        """What has to be judged together; what is unknown of files is asked, and filled in.

        Most edits change no trait, so it is made before they are known, and seldom again.
        """
        if not unknown:
            return self._parted(seen)
        answer = self.ahead.ask(methodcaller("read", unknown))
        plan = self._parted(seen)
        made: Sequence[tuple[bytes, Traits]] = answer()
        pairs = zip(unknown, made, strict=True)
        found = {file: Known(seen[file].stat, *each) for file, each in pairs}
        found = {file: each for file, each in found.items() if each != seen[file]}
        seen.update(found)
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
) -> tuple[dict[str, Known], Sequence[str], Sequence[str]]:
    """What is known of each file, which were read, and those of which traits are unknown.

    Of these it is said what was true of the file before. Where nothing at all is known, it is left
    to those who judge to read.
    """
    seen: dict[str, Known] = {}
    read: list[str] = []
    unknown: list[str] = []
    for file in files:
        stat = stat_of(file)
        known = store.unchanged(file, stat)
        if known is None:
            read.append(file)
            content, found = _read(store, file) if store.files else (b"", None)
            if found is None:
                unknown.append(file)
                found = store.traits_before(file)
            known = Known(stat or Stat(0, 0, 0, 0), content, found)
        seen[file] = known
    return seen, read, unknown


def _read(store: Store, file: str) -> tuple[bytes, Traits | None]:
    """The digest of a file, and its traits if they are known."""
    text = text_of(file)
    if text is None:
        return b"", UNREADABLE
    content = digest(text)
    is_root = os.path.basename(file) == NAME  # noqa: PTH119 - ten thousand of them
    return content, ROOT if is_root else store.traits_of(content)


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
