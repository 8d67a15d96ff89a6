"""One look at a cluster, for commands that do not stay: a snapshot of some kinds."""

from collections.abc import Iterable
from typing import NamedTuple

from ispalier.api.base import Resource
from ispalier.core.gather import Identity
from ispalier.kube.client import Access, ApiError, Client, cluster_uid, path_of
from ispalier.kube.holder import check_cluster
from ispalier.kube.identity import read_identity
from ispalier.kube.listing import Collection, listed
from ispalier.kube.parse import parsed
from ispalier.kube.secret_objects import Needs, SecretObjects
from ispalier.kube.versions import Raw
from ispalier.world.errors import Unavailable
from ispalier.world.snapshot import Snapshot, ident


class Look(NamedTuple):
    """What was seen, whose cluster it is (None if it has no identity yet), and what was not seen.

    `uid` is the name of the cluster that nobody chose, empty if we may not see it.
    """

    world: Snapshot
    who: Identity | None
    uid: str
    unseen: tuple[str, ...]


async def snapshot(
    access: Access,
    namespace: str,
    kinds: Iterable[type[Resource]],
    *,
    with_secrets: bool = False,
    serves: bool = False,
) -> Look:
    """Read some kinds, one after the other: name first what refers to the others.

    A kind that is refused is not complete. Raises Unavailable if the API server does not answer,
    and Conflict if the cluster is another installation's to serve, where that matters.
    """
    world, unseen = Snapshot(), []
    client = await Client.connect(access)
    try:
        who, uid = await read_identity(client, namespace), await _uid(client)
        if who is not None and serves:
            await check_cluster(client, who)
        for kind in kinds:
            try:
                await _read(client, kind, world)
            except ApiError as error:
                if error.is_passing:
                    raise Unavailable(f"{kind.__name__}: {error}") from error
                unseen.append(f"{kind.__name__} cannot be listed: {error}")
        if with_secrets:
            await _read_secrets(client, world, namespace)
    finally:
        await client.close()
    return Look(world, who, uid, tuple(unseen))


async def _uid(client: Client) -> str:
    try:
        return await cluster_uid(client)
    except Unavailable:  # whoever only looks needs it not
        return ""


async def _read_secrets(client: Client, world: Snapshot, namespace: str) -> None:
    """The Secrets that are named."""
    needs = Needs(namespace)
    for each in world.everything():
        if isinstance(each, Resource):
            needs.note(ident(each), each)
    await SecretObjects(client, world).read(needs.places())


async def _read(client: Client, kind: type[Resource], world: Snapshot) -> None:
    def see(raw: Raw) -> None:
        world.put(parsed(kind, raw))

    await listed(client, Collection(kind.__name__, path_of(kind)), see)
    world.complete.add(kind.__name__)
