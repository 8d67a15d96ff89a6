"""Looking at files whole: as they are, as they were, or what became of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ispalier.cli.place import settings_for
from ispalier.cli.validate.asked import Looked, Wanted
from ispalier.cli.validate.problems import FILES_ALONE, Beside, problems
from ispalier.cli.validate.revisions import at_revision, called, given
from ispalier.world.errors import Invalid
from ispalier.world.findings import Problem
from ispalier.world.folder import LANES, files
from ispalier.world.load import Loaded, load
from ispalier.world.snapshot import Snapshot
from ispalier.world.transitions import broken_transitions

if TYPE_CHECKING:
    from ispalier.world.laned import Author


@dataclass(frozen=True, slots=True)
class Checking:
    """Some paths, at an instant."""

    paths: Sequence[Path]
    now: datetime
    beside: Beside = FILES_ALONE
    authors: "Sequence[Author]" = ()
    """Who are judged by the lanes of the repository, each by himself."""
    stdin: bytes = b""

    def look(self, revision: str = "", since: str = "") -> Looked:
        """Everything that is wrong, or with `since` what is new; raises Invalid without git."""
        with self._loaded(revision) as (loaded, names):
            found = self._found(loaded, names)
            if since:
                with self._loaded(since, revision) as (before, old):
                    known = {_same(each) for each in self._found(before, old)}
                    found = [each for each in found if _same(each) not in known]
                    edits = broken_transitions(before.world, loaded.world, self.now)
                    found += [
                        called(loaded.problem(each.which, each.field, each.finding), names)
                        for each in edits
                        if each.which in loaded.origins
                    ]
                    if self.authors:
                        from ispalier.cli.validate.laned import Repository, not_allowed  # noqa: PLC0415

                        there = Repository.of(self.paths, since, revision)
                        at = {path: Path(name) for path, name in (*old.items(), *names.items())}
                        states = there.states(before, loaded, at)
                        found += not_allowed(there, self.authors, *states)
            return Looked(sorted(found), loaded.files, len(loaded.origins), loaded.others)

    def _found(self, loaded: Loaded, names: Mapping[Path, str]) -> list[Problem]:
        each = problems(loaded, self.now, self.beside)
        return [*(called(one, names) for one in each), *no_resources(names, loaded.others)]

    @contextmanager
    def _loaded(
        self, revision: str, change: str | None = None
    ) -> Iterator[tuple[Loaded, Mapping[Path, str]]]:
        there = (
            at_revision(self.paths, revision, change) if revision else given(self.paths, self.stdin)
        )
        with there as names:
            secrets = settings_for(list(names)).secrets_folder if names else None
            yield load(list(names), secrets), names


def whole(wanted: Wanted) -> Looked:
    """All that is wrong with what was asked for; raises Invalid or Unavailable."""
    world = in_cluster(*wanted.cluster) if wanted.cluster else None
    beside = Beside(world, anything=wanted.allow_missing)
    people = _authors(wanted, *wanted.authors) if wanted.authors is not None else ()
    return Checking(wanted.paths, wanted.now, beside, people, wanted.stdin).look(
        wanted.revision, wanted.since
    )


def no_resources(names: Mapping[Path, str], others: int) -> list[Problem]:
    """What is wrong with lanes, and what another tool would spoil where objects of others are."""
    found = list(_misread(names))
    if others:
        from ispalier.world.kustomized import days_without_quotes  # noqa: PLC0415 - all about YAML

        spoilt = days_without_quotes(list(names), files(list(names)))
        found += [called(each, names) for each in spoilt]
    return found


def _misread(names: Mapping[Path, str]) -> list[Problem]:
    """What is wrong with the lanes, where there are any."""
    if not any((path / LANES).is_file() for path in names):
        return []
    from ispalier.cli.validate.laned import misread  # noqa: PLC0415 - all about edits takes a while

    return list(misread(names))


def _same(problem: Problem) -> tuple[str, str, str, str]:
    """What stays of a problem that has moved within its file."""
    return problem.position.file, problem.subject, problem.field, problem.what


def in_cluster(kubeconfig: Path | None, context: str | None) -> Snapshot:
    """What a cluster holds, without its secrets; raises Invalid if not all of it can be read."""
    from ispalier.cli.declaration import look_at_cluster  # noqa: PLC0415 - files need no cluster

    look = look_at_cluster(kubeconfig, context)
    if look.unseen:
        raise Invalid(f"not all of the cluster can be read: {look.unseen[0]}")
    return look.world


def _authors(wanted: Wanted, named: Sequence[str], groups: Sequence[str]) -> "Sequence[Author]":
    """Those who are named, else who made the commits; says so if nobody is judged."""
    from ispalier.cli.output import err  # noqa: PLC0415
    from ispalier.cli.validate.laned import Repository  # noqa: PLC0415 - all about edits takes a while
    from ispalier.world.laned import Author  # noqa: PLC0415

    there = Repository.of(wanted.paths, wanted.since, wanted.revision)
    if there.lanes() is None:
        err().print(f"no .ispalier.yaml at {wanted.since}: everybody may change everything")
    return [Author(name, frozenset(groups)) for name in named or [there.author()]]
