"""The last good state: what of a new revision counts where some of its files are wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ispalier.api.base import Resource
from ispalier.world.load import Loaded
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Broken, Ident, ident

PROVIDER = ""
"""In the place of a namespace: kinds of the cluster."""


@dataclass(frozen=True, slots=True)
class Good:
    """What counts: for each namespace what it held in the last revision without a fault there.

    A namespace that never was without a fault counts as it is; of what cannot be read nothing is
    taken away then.
    """

    things: Mapping[Ident, Resource | Broken] = field(default_factory=dict)
    secrets: Mapping[tuple[str, str], Mapping[str, Secret]] = field(default_factory=dict)
    files: Mapping[Path, frozenset[str]] = field(default_factory=dict)
    """Which namespaces the files of these revisions tell of."""
    faulty: frozenset[str] = frozenset()
    """Namespaces that are as they were, for something of them is wrong now."""

    def with_secret(self, place: tuple[str, str], data: Mapping[str, Secret]) -> "Good":
        """The same with a Secret that we wrote."""
        return replace(self, secrets={**self.secrets, place: data})

    def after(self, loaded: Loaded, folder: Path, secrets: Path | None) -> "Good":
        """What counts once a revision was read from a folder, and secrets from another."""
        new = {_ident(each): each for each in loaded.world.everything()}
        files: dict[Path, set[str]] = {}
        for which, origin in loaded.origins.items():
            files.setdefault(origin.file.relative_to(folder), set()).add(which.namespace)
        told = {file: frozenset(spaces) for file, spaces in files.items()}
        faulty = set(self._faulty(loaded, told, folder, secrets))
        known = {which.namespace for which in self.things}
        kept = faulty & known
        return Good(
            things=_parted(self.things, new, kept),
            secrets={
                **{place: each for place, each in self.secrets.items() if place[0] in kept},
                **{place: each for place, each in loaded.secrets.items() if place[0] not in kept},
            },
            files={**{file: each for file, each in self.files.items() if each & kept}, **told},
            faulty=frozenset(faulty),
        )

    def _faulty(
        self,
        loaded: Loaded,
        told: Mapping[Path, frozenset[str]],
        folder: Path,
        secrets: Path | None,
    ) -> Iterator[str]:
        """The namespaces of the files in which something is wrong.

        A file that was never read may be of any namespace that its folder tells of.
        """
        for each in loaded.errors:
            file = Path(each.position.file)
            if secrets is not None and file.is_relative_to(secrets):
                yield file.relative_to(secrets).parts[0]
                continue
            here = file.relative_to(folder) if file.is_relative_to(folder) else file
            spaces = told.get(here, frozenset()) | self.files.get(here, frozenset())
            if not spaces:
                every = [*told.items(), *self.files.items()]
                near = (both for other, both in every if other.parent == here.parent)
                spaces = frozenset().union(*near)
            yield from spaces


def _parted(
    before: Mapping[Ident, Resource | Broken],
    now: Mapping[Ident, Resource | Broken],
    kept: set[str],
) -> dict[Ident, Resource | Broken]:
    return {
        **{which: each for which, each in before.items() if which.namespace in kept},
        **{which: each for which, each in now.items() if which.namespace not in kept},
    }


def _ident(thing: Resource | Broken) -> Ident:
    return thing.ident if isinstance(thing, Broken) else ident(thing)
