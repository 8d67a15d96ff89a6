"""What `ispalier validate` looks at, and how: many files by what is known of them, others whole."""

from collections.abc import Sequence
from datetime import datetime
from operator import methodcaller
from pathlib import Path
from typing import NamedTuple

from ispalier.cli.ahead import Ahead
from ispalier.cli.installed import root_folder
from ispalier.cli.many import CACHE, Look
from ispalier.environment import cache_folder, secrets_folder
from ispalier.world.findings import Problem
from ispalier.world.folder import LANES, names

STDIN = Path("-")
MANY = 500
"""Files from which on it pays to remember what was found, and to use all cores."""


class Wanted(NamedTuple):
    """Some paths at an instant, and what there is more to it."""

    paths: Sequence[Path]
    now: datetime
    revision: str = ""
    since: str = ""
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


def look(wanted: Wanted, ahead: Ahead) -> Looked:
    """Everything that is wrong; raises Invalid or Unavailable where that cannot be told."""
    many = _many(wanted, ahead) if wanted.is_plain else None
    if many is not None:
        return many
    whole: Looked = ahead.ask(methodcaller("whole", wanted))()
    return whole


def _many(wanted: Wanted, ahead: Ahead) -> Looked | None:
    """The same for many files, as quickly as can be; None where there are few, or more to it."""
    secrets = secrets_folder(root_folder(wanted.paths))
    found = list(names(wanted.paths, but_not=secrets))
    if len(found) < MANY or secrets.exists():
        return None
    seen = Look(wanted.paths, wanted.now, ahead, anything=wanted.allow_missing)
    problems, resources, others = seen.of(found, cache_folder() / CACHE)
    if others or any((path / LANES).is_file() for path in wanted.paths):
        problems += ahead.ask(methodcaller("no_resources", wanted.paths, others))()
    return Looked(sorted(problems), len(found), resources, others)
