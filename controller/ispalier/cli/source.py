"""What is declared, for commands that look: from a folder, else from the cluster, with secrets."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ispalier.api.kinds import KINDS
from ispalier.cli.installation import identity
from ispalier.cli.output import counted, err, print_problems
from ispalier.cli.serve.passes import units
from ispalier.cli.sources import Where, in_cluster
from ispalier.core.gather import Identity
from ispalier.core.items import PROVIDER
from ispalier.settings import Settings
from ispalier.world.errors import Invalid
from ispalier.world.load import load
from ispalier.world.root import NAME
from ispalier.world.snapshot import Snapshot

if TYPE_CHECKING:
    from ispalier.kube.oneshot import Look


class Source(NamedTuple):
    """A folder with its secrets, else a cluster."""

    path: Path | None
    secrets: Path | None
    kubeconfig: Path | None
    context: str | None

    @classmethod
    def found(
        cls, path: Path | None, secrets: Path | None, kubeconfig: Path | None, context: str | None
    ) -> "Source":
        """What is named, else the folder that this one is if the root file is in it."""
        if path is None and not (kubeconfig or context) and Path(NAME).is_file():
            path = Path()
        return cls(path, secrets, kubeconfig, context)

    def __str__(self) -> str:
        """In messages."""
        return f"folder {self.path}" if self.path else "cluster"


class Declaration(NamedTuple):
    """What is declared, whose it is, and the units that it tells of."""

    world: Snapshot
    who: Identity
    units: Sequence[str]


def declared(source: Source, settings: Settings) -> Declaration:
    """Read all that a source declares; raises Invalid if not all of it can be read."""
    if source.path is None:
        return _of_cluster(source)
    loaded = load([source.path], settings.secrets_folder)
    if loaded.errors:
        print_problems(loaded.errors)
        raise Invalid(f"{counted(len(loaded.errors), 'error')} in the files: correct it first")
    return Declaration(loaded.world, identity(loaded, [source.path], settings), units(loaded))


def look_at_cluster(
    kubeconfig: Path | None, context: str | None, *, with_secrets: bool = False
) -> "Look":
    """All that a cluster holds, with what of it could not be read."""
    from ispalier.kube.client import Access  # noqa: PLC0415 - files are read faster without
    from ispalier.kube.oneshot import snapshot  # noqa: PLC0415

    access, namespace = Access.found(kubeconfig, context), Settings().namespace
    return asyncio.run(snapshot(access, namespace, KINDS, with_secrets=with_secrets))


def _of_cluster(source: Source) -> Declaration:
    look = look_at_cluster(source.kubeconfig, source.context, with_secrets=True)
    for each in look.unseen:
        err().print(each)
    who = look.who
    if who is None:  # which says why, and what to do
        where = Where(None, source.kubeconfig, source.context)
        who = asyncio.run(in_cluster(where, Settings().namespace))
    return Declaration(look.world, who, [PROVIDER, *look.world.numbers()])
