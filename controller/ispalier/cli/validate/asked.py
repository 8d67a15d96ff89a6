"""What those who have the models are asked, and what they answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ispalier.world.findings import Problem

STDIN = Path("-")


class Wanted(NamedTuple):
    """Some paths at an instant, and what there is more to it."""

    paths: Sequence[Path]
    now: datetime
    revision: str = ""
    since: str = ""
    stdin: bytes = b""
    """What came by standard input, where that is one of the paths."""
    allow_missing: bool = False
    cluster: tuple[Path | None, str | None] | None = None
    """Kubeconfig and context of what else is there."""
    authors: tuple[Sequence[str], Sequence[str]] | None = None
    """Who are judged, with their groups; nobody named means who made the commits."""

    @property
    def is_plain(self) -> bool:
        """Whether nothing matters but the files as they are."""
        return not (self.revision or self.since or self.cluster) and STDIN not in self.paths


class Looked(NamedTuple):
    """What was found wrong, in how many files and resources, and how many objects of others."""

    problems: Sequence[Problem]
    files: int
    resources: int
    others: int


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


class Verdict(NamedTuple):
    """What was wrong with files that touch each other, and how many resources they declare."""

    problems: tuple[Problem, ...]
    resources: int
