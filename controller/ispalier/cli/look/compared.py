"""What is declared against what every host holds, for those who look: nothing is changed."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ispalier.assembly import build
from ispalier.cli.declaration import Declaration
from ispalier.cli.installation import opened
from ispalier.cli.progress import hosts_of, progress
from ispalier.core.engine import Engine, Plan
from ispalier.core.items import PROVIDER, Item, Place
from ispalier.core.look import EVERYBODY, Look
from ispalier.core.sweep import Everything, compared, everything, tallies
from ispalier.journal.database import check_there
from ispalier.settings import Settings

PATIENCE = 0.3
"""How much of a sweep's patience with a host somebody has who looks."""


class Host(NamedTuple):
    """One room on one host: why it did not answer, or what it holds and how much of that differs.

    `foreign` are items that are neither ours nor wanted.
    """

    place: Place
    problem: str
    items: int | None
    differing: int | None
    foreign: Sequence[Item]


class Comparison(NamedTuple):
    """What a pass over each unit would find, and every host."""

    plans: Sequence[Plan]
    hosts: Sequence[Host]


def compared_all(declaration: Declaration, settings: Settings) -> Comparison:
    """Compare all units of a declaration; raises what the journal raises."""
    check_there(settings.journal_url)
    with opened(settings, declaration.who) as journal:
        engine = build(declaration.world, journal, settings, declaration.who)
        return asyncio.run(_compared(engine, declaration.units))


async def _compared(engine: Engine, units: Sequence[str]) -> Comparison:
    now = datetime.now(UTC)
    engine.timeout *= PATIENCE
    try:
        with progress(hosts_of(engine.calls)):
            seen = await everything(engine, now)
            plans = [plan async for plan in compared(engine, seen, units, now)]
    finally:
        await engine.close()
    return Comparison(plans, list(_hosts(engine, seen, plans)))


def _hosts(engine: Engine, seen: Everything, plans: Sequence[Plan]) -> Iterator[Host]:
    differing = Counter(
        place for plan in plans for place, some in plan.changes.items() for _ in some
    )
    counts = tallies(seen.look, differing)
    known = {PROVIDER, *engine.world.numbers(), *seen.memories}
    for place in engine.hosts.places():
        problem = seen.look.down.get(EVERYBODY, {}).get(place)
        if problem is not None:
            yield Host(place, str(problem), None, None, ())
            continue
        wanted = {each.key for plan in plans for each in plan.wanted.items.get(place, ())}
        foreign = [
            item
            for item in _held(seen.look, place)
            if item.key not in wanted and _is_foreign(item, engine.identity.installation, known)
        ]
        yield Host(place, "", *counts[place], foreign)


def _held(look: Look, place: Place) -> Sequence[Item]:
    return sorted(look.held[place].by_key.values(), key=lambda each: str(each.key))


def _is_foreign(item: Item, installation: str, known: Collection[str]) -> bool:
    """Whether it has nobody's mark, another installation's, or that of a customer nobody knows."""
    owner = item.owner
    return owner is None or owner.installation != installation or owner.customer not in known
