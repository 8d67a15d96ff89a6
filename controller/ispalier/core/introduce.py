"""Introduce: before anything is written to a host, it is looked at once whose host it is.

    what the host holds                the journal             ->
    rows of this installation          knows hosts             met; what it forgot is bound again
    rows of this installation          is empty                it is lost: nothing is done at all
    rows of other installations only   any                     Conflict, until the host is adopted
    neither                            any                     met
    unknown: it does not answer        knows one of its room   nothing is written to it
    unknown: it does not answer        knows none of its room  nor is anything granted that may be
                                                               there: the journal may be lost

A host counts as another one when what it is reached by has changed.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from ispalier.core.engine import Engine
from ispalier.core.items import Item, Place
from ispalier.core.memory import Acquaintance
from ispalier.core.recall import Held, bind_again, everything, targets
from ispalier.core.standing import Standing
from ispalier.world.errors import Conflict, IspalierError, Unsafe

LOOK_AGAIN = timedelta(seconds=10)
"""How often a host that was refused is looked at again."""


async def introduce(engine: Engine, now: datetime, seconds: float = 0) -> None:
    """Meet the hosts that the journal does not know yet; raises Unsafe if the journal is lost.

    Each may take so many seconds, without a number as many as a call. Nobody waits for it who only
    comes to hosts that did not answer before.
    """
    standing = engine.standing
    if standing.is_read and (
        not (unknown := strangers(engine)) or _are_looked_at(unknown, standing)
    ):
        return
    async with engine.standing.door:
        await _introduce(engine, now, seconds or engine.timeout)


async def strange_installations(engine: Engine, host: str) -> frozenset[str]:
    """The other installations because of which a host is refused, looked at now.

    None if it serves nobody or ours, too. Raises what keeps it from being looked at.
    """
    places = [each for each in engine.hosts.places() if each[1] == host]
    for each in places:
        engine.hosts.target(each)  # raises if it cannot be reached
    found: set[str] = set()
    for answer in (await everything(engine, places, engine.timeout)).values():
        if isinstance(answer, IspalierError):
            raise answer
        marks = _marks(answer)
        found |= set() if engine.identity.installation in marks else marks.keys()
    return frozenset(found)


def _are_looked_at(unknown: Mapping[Place, str], standing: Standing) -> bool:
    """Whether nothing is written to any of these, and somebody else is about to look at them."""
    are_unmet = unknown.keys() <= standing.unmet.keys()
    return are_unmet and not standing.lost and standing.door.locked()


def strangers(engine: Engine) -> Mapping[Place, str]:
    """Hosts that were not looked at yet as they are now: one may appear in the midst of a pass."""
    met = engine.standing.met
    return {place: each for place, each in targets(engine).items() if met.get(place) != each}


async def _introduce(engine: Engine, now: datetime, seconds: float) -> None:
    standing = engine.standing
    known = await asyncio.to_thread(engine.journal.acquaintance)
    standing.take(known, now)
    standing.lost = standing.lost if known.is_empty else ""
    engine.held = {**engine.held, **standing.held()}
    unknown = strangers(engine)
    standing.unmet = {place: each for place, each in standing.unmet.items() if place in unknown}
    if not unknown:
        return
    seen = standing.seen_lost
    if standing.lost and seen is not None and now - seen < LOOK_AGAIN:
        raise Unsafe(standing.lost)
    waiting = {
        place
        for place, target in unknown.items()
        for refused, at in [standing.refused.get(place, ("", now))]
        if refused == target and now - at < LOOK_AGAIN and place[1] not in known.adopted
    }
    held = await everything(engine, unknown.keys() - waiting, seconds)
    _judge(engine, known, held, now)
    for place in held.keys() & standing.unmet.keys():
        if isinstance(standing.unmet[place], Conflict):
            standing.refused[place] = (unknown[place], now)
    met = {each: unknown[each] for each in held if each not in standing.unmet}
    if met:
        await asyncio.to_thread(engine.journal.meet, met, now)
        standing.met |= met
        there = {place: each for place, each in held.items() if place in met}
        await bind_again(engine, there, now)
        standing.recalled |= met


def _judge(engine: Engine, known: Acquaintance, held: Held, now: datetime) -> None:
    """Tell friends from strangers; raises Unsafe if the journal knows nobody and the hosts know us."""
    standing, ours = engine.standing, engine.identity.installation
    number: dict[Place, int] = {}
    for place, answer in held.items():
        standing.unmet.pop(place, None)
        if isinstance(answer, IspalierError):
            standing.unmet[place] = answer
            continue
        marks = _marks(answer)
        number[place] = marks.pop(ours, 0)
        if marks and not number[place] and place[1] not in known.adopted:
            standing.unmet[place] = Conflict(_foreign(place, max(marks)))
    standing.lost = "" if standing.is_rebuilding or not known.is_empty else _lost(number)
    if standing.lost:
        standing.seen_lost = now
        raise Unsafe(standing.lost)


def _marks(items: Iterable[Item]) -> Counter[str]:
    """How many items are whose, by installation."""
    return Counter(each.owner.installation for each in items if each.owner and each.owner.name)


def _lost(number: Mapping[Place, int]) -> str:
    some = [f"{count} on host '{place[1]}'" for place, count in number.items() if count]
    if not some:
        return ""
    return (
        f"the journal is empty, but hosts hold what this installation made ({', '.join(some)}):"
        " restore the journal from its backup, or bind again what hosts hold with"
        " `ispalier journal rebuild`; until then nothing is written"
    )


def _foreign(place: Place, installation: str) -> str:
    return (
        f"host '{place[1]}' serves another installation ('{installation}') and nobody of this one:"
        f" name a host of your own, or let both share it with `ispalier adopt {place[1]}`"
    )
