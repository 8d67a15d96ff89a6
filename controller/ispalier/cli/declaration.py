"""What a source declares, and whose it is: to look at it, or to write by it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ispalier.api.kinds import KINDS
from ispalier.cli.installation import identity
from ispalier.cli.output import counted, err, print_problems
from ispalier.cli.serve.passes import units
from ispalier.cli.source import Source
from ispalier.core.gather import Identity
from ispalier.core.items import PROVIDER
from ispalier.journal.identity import CLUSTER
from ispalier.settings import Settings
from ispalier.world.errors import Invalid, Unavailable
from ispalier.world.load import Loaded, load
from ispalier.world.snapshot import Snapshot

if TYPE_CHECKING:
    from ispalier.kube.oneshot import Look


class Declaration(NamedTuple):
    """What is declared, whose it is, and the units that it tells of."""

    world: Snapshot
    who: Identity
    units: Sequence[str]


def declared(source: Source, settings: Settings) -> Declaration:
    """Read what a source declares, to look at it; raises Invalid if files cannot be read."""
    if source.path is None:
        return _of_cluster(source)
    loaded = _loaded(source.path, settings, "correct it first")
    return Declaration(loaded.world, identity(loaded, [source.path], settings), units(loaded))


def identity_of(source: Source) -> Identity:
    """Whose a source is, and which it is; raises Invalid if it does not say."""
    settings = source.settings()
    if source.path is not None:
        return identity(load([source.path]), [source.path], settings)
    return asyncio.run(in_cluster(source, settings.namespace))


def whole(source: Source, settings: Settings) -> tuple[Snapshot, Identity]:
    """All that is declared, with secrets, and whose it is, to write by; raises IspalierError."""
    if source.path is not None:
        loaded = _loaded(source.path, settings, "nothing was changed")
        if loaded.root is None:
            raise Invalid(f"{source.path} is not the whole folder: name that of ispalier.yaml")
        loaded.world.secrets_are_ours = True  # nothing in a folder says who made them
        return loaded.world, identity(loaded, [source.path], settings)
    found = asyncio.run(in_cluster(source, settings.namespace))
    look = look_at_cluster(source.kubeconfig, source.context, with_secrets=True, serves=True)
    if look.unseen:
        raise Unavailable(f"not all of the cluster can be read: {look.unseen[0]}")
    return look.world, found


def look_at_cluster(
    kubeconfig: Path | None,
    context: str | None,
    *,
    with_secrets: bool = False,
    serves: bool = False,
) -> "Look":
    """All that a cluster holds, with what of it could not be read; Conflict if another `serves` it."""
    from ispalier.kube.client import Access  # noqa: PLC0415 - files are read faster without
    from ispalier.kube.oneshot import snapshot  # noqa: PLC0415

    access, namespace = Access.found(kubeconfig, context), Settings().namespace
    looking = snapshot(access, namespace, KINDS, with_secrets=with_secrets, serves=serves)
    return asyncio.run(looking)


async def in_cluster(source: Source, namespace: str) -> Identity:
    """The identity that a cluster holds, and which cluster it is."""
    from ispalier.kube.client import Access, Client, cluster_uid  # noqa: PLC0415 - files need none
    from ispalier.kube.identity import read_identity, why_not_there  # noqa: PLC0415

    client = await Client.connect(Access.found(source.kubeconfig, source.context))
    try:
        who = await read_identity(client, namespace)
        if who is None:
            raise await why_not_there(client, namespace)
        uid = await cluster_uid(client)
    finally:
        await client.close()
    return replace(who, source=f"{CLUSTER}:{uid}")


def _loaded(path: Path, settings: Settings, so: str) -> Loaded:
    loaded = load([path], settings.secrets_folder)
    if loaded.errors:
        print_problems(loaded.errors)
        raise Invalid(f"{counted(len(loaded.errors), 'error')} in the files: {so}")
    return loaded


def _of_cluster(source: Source) -> Declaration:
    look = look_at_cluster(source.kubeconfig, source.context, with_secrets=True)
    for each in look.unseen:
        err().print(each)
    who = look.who or asyncio.run(in_cluster(source, Settings().namespace))  # which says why not
    return Declaration(look.world, who, [PROVIDER, *look.world.numbers()])
