"""Where resources are declared, for commands that take a folder or a cluster; and whose it is."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Self

import typer

from ispalier.api.kinds import KINDS
from ispalier.cli.installation import identity
from ispalier.cli.output import counted, print_problems
from ispalier.cli.place import settings_for
from ispalier.core.gather import Identity
from ispalier.journal.identity import CLUSTER
from ispalier.settings import Settings
from ispalier.world.errors import Invalid, Unavailable
from ispalier.world.load import load
from ispalier.world.root import NAME
from ispalier.world.snapshot import Snapshot


class Where(NamedTuple):
    """A folder, else a cluster."""

    path: Path | None
    kubeconfig: Path | None
    context: str | None

    @classmethod
    def named(cls, path: Path | None, kubeconfig: Path | None, context: str | None) -> Self:
        """What is named, else the folder one is in if it has a root file."""
        if path is not None and (kubeconfig or context):
            raise typer.BadParameter("name a folder or a cluster, not both", param_hint="PATH")
        if path is None and not (kubeconfig or context) and Path(NAME).is_file():
            path = Path()
        return cls(path, kubeconfig, context)

    def __str__(self) -> str:
        """In messages."""
        return f"{self.path}" if self.path else "the cluster"

    def settings(self) -> Settings:
        """The settings that go with it."""
        return settings_for([self.path or Path()])

    def identity(self) -> Identity:
        """Whose it is, with its source; raises Invalid if it does not say."""
        settings = self.settings()
        if self.path is not None:
            return identity(load([self.path]), [self.path], settings)
        return asyncio.run(in_cluster(self, settings.namespace))


async def in_cluster(where: Where, namespace: str) -> Identity:
    """The identity that a cluster holds, and which cluster it is."""
    from ispalier.kube.client import Access, Client, cluster_uid  # noqa: PLC0415 - files need none
    from ispalier.kube.identity import read_identity, why_not_there  # noqa: PLC0415

    client = await Client.connect(Access.found(where.kubeconfig, where.context))
    try:
        who = await read_identity(client, namespace)
        if who is None:
            raise await why_not_there(client, namespace)
        uid = await cluster_uid(client)
    finally:
        await client.close()
    return replace(who, source=f"{CLUSTER}:{uid}")


def whole(where: Where, settings: Settings) -> tuple[Snapshot, Identity]:
    """All that is declared, with secrets, and whose it is; raises Invalid or Unavailable."""
    if where.path is not None:
        loaded = load([where.path], settings.secrets_folder)
        if loaded.errors:
            print_problems(loaded.errors)
            raise Invalid(
                f"{counted(len(loaded.errors), 'error')} in the files: nothing was changed"
            )
        if loaded.root is None:
            raise Invalid(f"{where.path} is not the whole folder: name that of ispalier.yaml")
        loaded.world.secrets_are_ours = True  # nothing in a folder says who made them
        return loaded.world, identity(loaded, [where.path], settings)
    from ispalier.kube.client import Access  # noqa: PLC0415 - files need none
    from ispalier.kube.oneshot import snapshot  # noqa: PLC0415

    access = Access.found(where.kubeconfig, where.context)
    found = asyncio.run(in_cluster(where, settings.namespace))
    look = asyncio.run(snapshot(access, settings.namespace, KINDS, with_secrets=True, serves=True))
    if look.unseen:
        raise Unavailable(f"not all of the cluster can be read: {look.unseen[0]}")
    return look.world, found
