"""Everything that is wrong with files."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ispalier.world.checks.every import checks
from ispalier.world.checks.files import Files
from ispalier.world.findings import Problem
from ispalier.world.load import Loaded, load


def problems(loaded: Loaded, now: datetime) -> Sequence[Problem]:
    """What is wrong with files, each by itself and all together, in the order of their lines."""
    files = Files.of(loaded.world, now, whole=loaded.root is not None)
    across = (loaded.problem(each.which, each.field, each.finding) for each in checks(files))
    return sorted([*loaded.problems, *across])


def problems_of(paths: Sequence[Path], now: datetime) -> Sequence[Problem]:
    """Everything wrong with some paths."""
    return problems(load(paths), now)
