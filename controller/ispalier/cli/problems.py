"""Everything that is wrong with files."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from ispalier.cli.judged import judged
from ispalier.cli.place import settings_for
from ispalier.world.checks.every import checks
from ispalier.world.checks.files import Files
from ispalier.world.findings import Finding, Level, Problem
from ispalier.world.load import Loaded, load
from ispalier.world.snapshot import Broken


def problems(loaded: Loaded, now: datetime) -> Sequence[Problem]:
    """What is wrong with files, each by itself and all together, in the order of their lines.

    What the rooms would refuse comes last: of whom an error is told already they are not asked.
    """
    return sorted([*loaded.problems, *_in_the_clear(loaded), *_across(loaded, now)])


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


def _across(loaded: Loaded, now: datetime) -> Iterator[Problem]:
    told = {each.ident for each in loaded.world.everything() if isinstance(each, Broken)}
    for check in checks(Files.of(loaded.world, now, whole=loaded.root is not None)):
        yield loaded.problem(check.which, check.field, check.finding)
        if check.level is Level.ERROR:
            told.add(check.which)
    for which, finding in judged(loaded.world, now):
        if which not in told:
            yield loaded.problem(which, "", finding)
