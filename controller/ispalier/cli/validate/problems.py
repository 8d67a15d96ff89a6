"""Everything that is wrong with files."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ispalier.api.base import Resource
from ispalier.cli.place import settings_for
from ispalier.cli.validate.judged import judged
from ispalier.world.checks.every import checks
from ispalier.world.checks.files import Check, Files
from ispalier.world.findings import Finding, Level, Problem
from ispalier.world.load import Loaded, load
from ispalier.world.snapshot import Broken, Snapshot, ident


class Beside(NamedTuple):
    """What else is there besides the files: what a cluster holds, or nobody knows what."""

    world: Snapshot | None = None
    anything: bool = False
    """Whether what is missing may be declared elsewhere."""
    kinds: frozenset[str] = frozenset()
    """Kinds of which other files declare something."""


FILES_ALONE = Beside()


def problems(loaded: Loaded, now: datetime, beside: Beside = FILES_ALONE) -> Sequence[Problem]:
    """What is wrong with files, each by itself and all together, in the order of their lines.

    What the rooms would refuse comes last: of whom an error is told already they are not asked.
    """
    for thing in beside.world.everything() if beside.world else ():
        which = ident(thing) if isinstance(thing, Resource) else thing.ident
        if which not in loaded.origins:
            loaded.world.put(thing)
    found = (
        loaded.problem(each.which, each.field, each.finding) for each in across(loaded, now, beside)
    )
    return sorted([*loaded.problems, *_in_the_clear(loaded), *found])


def problems_of(paths: Sequence[Path], now: datetime) -> Sequence[Problem]:
    """Everything wrong with some paths."""
    return problems(read(paths), now)


def read(paths: Sequence[Path]) -> Loaded:
    """What some paths declare; the folder of secrets is no part of it."""
    return load(paths, settings_for(paths).secrets_folder)


def _in_the_clear(loaded: Loaded) -> Iterator[Problem]:
    """Secret manifests that are not encrypted; outside of git that may be meant."""
    sealed = {each for some in loaded.sealed.values() for each in some}
    for which, origin in loaded.origins.items():
        if which.kind == "Secret" and which not in sealed:
            level = Level.ERROR if _is_in_git(origin.file) else Level.WARNING
            what, remedy = (
                "holds its values in the clear",
                "encrypt it with sops, or keep it out of git",
            )
            yield loaded.problem(which, "", Finding((), what, remedy, level))


def _is_in_git(file: Path) -> bool:
    return any((each / ".git").exists() for each in file.resolve().parents)


def across(loaded: Loaded, now: datetime, beside: Beside = FILES_ALONE) -> Iterator[Check]:
    """What is wrong with some resources because of others."""
    told = {each.ident for each in loaded.world.everything() if isinstance(each, Broken)}
    whole = not beside.anything and (loaded.root is not None or beside.world is not None)
    files = Files.of(loaded.world, now, whole=whole)
    kinds = frozenset[str]() if beside.anything else files.kinds | beside.kinds
    files = replace(files, kinds=kinds)
    for check in checks(files):
        if check.which in loaded.origins:
            yield check
        if check.level is Level.ERROR:
            told.add(check.which)
    for which, finding in judged(loaded.world, now):
        if which not in told and which in loaded.origins:
            yield Check(which, "", finding.what, finding.remedy, finding.level)
