"""What `ispalier validate` looks at: files as they are, as they were, or what became of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ispalier.api.lanes import NAME as LANES
from ispalier.cli.place import settings_for
from ispalier.cli.problems import FILES_ALONE, Beside, problems
from ispalier.cli.revisions import at_revision, called, given
from ispalier.cli.validate import STDIN
from ispalier.world.errors import Invalid
from ispalier.world.findings import Problem
from ispalier.world.folder import files
from ispalier.world.folder import names as names_below
from ispalier.world.kustomized import days_without_quotes
from ispalier.world.load import Loaded, load
from ispalier.world.snapshot import Snapshot
from ispalier.world.transitions import broken_transitions

if TYPE_CHECKING:
    from ispalier.world.laned import Author

MANY = 500
"""Files from which on it pays to remember what was found, and to use all cores."""


class Looked(NamedTuple):
    """What was found wrong, in how many files and resources, and how many objects of others."""

    problems: Sequence[Problem]
    files: int
    resources: int
    others: int


@dataclass(frozen=True, slots=True)
class Checking:
    """Some paths, at an instant."""

    paths: Sequence[Path]
    now: datetime
    beside: Beside = FILES_ALONE
    authors: "Sequence[Author]" = ()
    """Who are judged by the lanes of the repository, each by himself."""

    def look(self, revision: str = "", since: str = "") -> Looked:
        """Everything that is wrong, or with `since` what is new; raises Invalid without git."""
        if not (revision or since) and (many := self._many()):
            return many
        with self._loaded(revision) as (loaded, names):
            found = self._found(loaded, names)
            found += self._spoilt(names, loaded.others)
            if since:
                with self._loaded(since, revision) as (before, old):
                    known = {_same(each) for each in self._found(before, old)}
                    known |= {_same(each) for each in self._spoilt(old, before.others)}
                    found = [each for each in found if _same(each) not in known]
                    edits = broken_transitions(before.world, loaded.world, self.now)
                    found += [
                        called(loaded.problem(each.which, each.field, each.finding), names)
                        for each in edits
                        if each.which in loaded.origins
                    ]
                    if self.authors:
                        from ispalier.cli.laned import Repository, not_allowed  # noqa: PLC0415

                        there = Repository.of(self.paths, since, revision)
                        at = {path: Path(name) for path, name in (*old.items(), *names.items())}
                        states = there.states(before, loaded, at)
                        found += not_allowed(there, self.authors, *states)
            return Looked(sorted(found), loaded.files, len(loaded.origins), loaded.others)

    def _found(self, loaded: Loaded, names: Mapping[Path, str]) -> list[Problem]:
        each = problems(loaded, self.now, self.beside)
        return [*(called(one, names) for one in each), *_misread(names)]

    def _spoilt(self, names: Mapping[Path, str], others: int) -> list[Problem]:
        """What another tool would spoil; there is one only where objects of others are."""
        if not others:
            return []
        spoilt = days_without_quotes(list(names), files(list(names)))
        return [called(each, names) for each in spoilt]

    def _many(self) -> Looked | None:
        """The same for many files, as quickly as can be; None where there are few, or more to it."""
        if STDIN in self.paths or self.beside.world is not None:
            return None
        settings = settings_for(self.paths)
        secrets = settings.secrets_folder
        found = list(names_below(self.paths, but_not=secrets))
        if len(found) < MANY or secrets.exists():
            return None
        from ispalier.cli.many import CACHE, Look  # noqa: PLC0415 - for few files it is not needed

        folder = settings.cache_folder.expanduser() / CACHE
        look = Look(self.paths, self.now, self.beside.anything)
        problems_, resources, others = look.of(found, folder)
        names = {path: str(path) for path in self.paths}
        problems_ += _misread(names)
        problems_ += self._spoilt(names, others)
        return Looked(sorted(problems_), len(found), resources, others)

    @contextmanager
    def _loaded(
        self, revision: str, change: str | None = None
    ) -> Iterator[tuple[Loaded, Mapping[Path, str]]]:
        there = at_revision(self.paths, revision, change) if revision else given(self.paths)
        with there as names:
            secrets = settings_for(list(names)).secrets_folder if names else None
            yield load(list(names), secrets), names


def _misread(names: Mapping[Path, str]) -> list[Problem]:
    """What is wrong with the lanes, where there are any."""
    if not any((path / LANES).is_file() for path in names):
        return []
    from ispalier.cli.laned import misread  # noqa: PLC0415 - all about edits takes a while

    return list(misread(names))


def _same(problem: Problem) -> tuple[str, str, str, str]:
    """What stays of a problem that has moved within its file."""
    return problem.position.file, problem.subject, problem.field, problem.what


def in_cluster(kubeconfig: Path | None, context: str | None) -> Snapshot:
    """What a cluster holds, without its secrets; raises Invalid if not all of it can be read."""
    from ispalier.cli.source import look_at_cluster  # noqa: PLC0415 - files need no cluster

    look = look_at_cluster(kubeconfig, context)
    if look.unseen:
        raise Invalid(f"not all of the cluster can be read: {look.unseen[0]}")
    return look.world
