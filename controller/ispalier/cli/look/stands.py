"""How one resource stands now: what a pass would tell of it, else what its object carries."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import chain

from ispalier.api.base import Condition, Resource
from ispalier.assembly import build
from ispalier.cli.declaration import declared, look_at_cluster
from ispalier.cli.installation import rehearsed
from ispalier.cli.serve.passes import passes
from ispalier.cli.source import Source
from ispalier.core.items import PROVIDER
from ispalier.settings import Settings
from ispalier.world.snapshot import Snapshot
from ispalier.world.units import things_of, things_of_provider

_ALSO_SAID = frozenset({"Reconciling", "Stalled"})
"""What repeats the reason of Ready."""


def stands(
    source: Source, settings: Settings, customer: str, resource: tuple[str, str]
) -> Sequence[Condition]:
    """The conditions of a customer's resource (kind, name), those apart of which nothing is known.

    Files are rehearsed as by `apply --dry-run`, for this unit alone ("" is the provider); in a
    cluster the object carries them. Nothing is changed. Raises IspalierError.
    """
    if source.path is None:
        world = look_at_cluster(source.kubeconfig, source.context).world
        found = carried(world, customer, resource)
    else:
        found = asyncio.run(_foreseen(source, settings, customer, resource))
    return [each for each in found if each.status != "Unknown" and each.type not in _ALSO_SAID]


async def _foreseen(
    source: Source, settings: Settings, customer: str, resource: tuple[str, str]
) -> Sequence[Condition]:
    there = declared(source, settings)
    if customer not in there.units:
        return ()
    with rehearsed(settings, there.who) as (rehearsal, journal):
        engine = build(there.world, journal, rehearsal, there.who)
        async for outcome in passes(engine, [customer], 1, dry_run=True):
            for which, body in outcome.statuses.items():
                if (which.kind, which.name) == resource:
                    hidden = there.world.hidden.value(body["conditions"])
                    return [Condition.model_validate(each) for each in hidden]
    return ()


def carried(world: Snapshot, customer: str, resource: tuple[str, str]) -> Sequence[Condition]:
    """The conditions that the object of a cluster carries; without confidential names."""
    things: Iterable[object] = (
        things_of_provider(world)
        if customer == PROVIDER
        else chain.from_iterable(things_of(world, each) for each in world.tenants(customer))
    )
    mine = (e for e in things if isinstance(e, Resource) and (e.kind, e.name) == resource)
    told: Sequence[Condition] = next((each.status.conditions for each in mine), ())
    return [each.model_copy(update={"message": world.hidden.text(each.message)}) for each in told]
