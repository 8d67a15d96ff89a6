"""Recall: what hosts hold for owners of whom the journal has forgotten it is bound again.

A journal that was restored from an older backup does not know what was given out since. Hosts do:
each is looked at once in the life of a process, before the first choice is made.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from ispalier.api.parties import Tenant
from ispalier.core.calls import Request
from ispalier.core.engine import Engine
from ispalier.core.gather import is_proven, unmet, wishes
from ispalier.core.items import PROVIDER, Item, Owner, Place
from ispalier.core.memory import Allocation, Choice, Claim, Memory
from ispalier.core.room import Scope
from ispalier.core.spans import within
from ispalier.core.together import side_by_side
from ispalier.world.errors import Conflict, IspalierError, Unavailable
from ispalier.world.units import present_in
from ispalier.world.view import View

Held = Mapping[Place, Sequence[Item] | IspalierError]
"""All that hosts hold, or why they do not say."""


async def recall(
    engine: Engine, views: Mapping[str, View], now: datetime
) -> Mapping[Owner, IspalierError]:
    """See to it that the journal forgot nothing, if some of these units lack something.

    Returns who gets nothing yet: of what is allocated, as a host that may hold it was not looked
    at; of anything, as no host of its room ever was.
    """
    standing = engine.standing
    forgotten = _not_recalled(engine)
    silent = _silent(engine)
    if not (forgotten or silent or _unseen(engine)):
        return {}
    lacking = [
        each
        for view in views.values()
        for each in wishes(view, engine.rooms)
        if unmet(view, [each]) or not is_proven(each)
    ]
    if lacking and forgotten:
        async with standing.door:
            await remind(engine, now, engine.timeout)
    unseen = _unseen(engine)
    withheld: dict[Owner, IspalierError] = {
        each.owner: Unavailable(unseen[each.kind])
        for each in lacking
        if isinstance(each, Allocation) and each.kind in unseen
    }
    for each in lacking:
        kinds = [each.owner.kind, each.kind] if isinstance(each, Claim) else [each.owner.kind]
        why = next((silent[kind] for kind in kinds if kind in silent), "")
        if why and each.owner not in withheld:
            withheld[each.owner] = Unavailable(why)
    return withheld


async def remind(engine: Engine, now: datetime, seconds: float) -> None:
    """Look at all that the hosts hold that were not looked at in this process, and bind it again.

    Each may take so many seconds; who does not answer is looked at the next time.
    """
    forgotten = _not_recalled(engine)
    held = await everything(engine, forgotten, seconds)
    engine.standing.unheard = {
        place: each for place, each in held.items() if isinstance(each, IspalierError)
    }
    there = {place: each for place, each in held.items() if not _failed(each)}
    await bind_again(engine, there, now)
    engine.standing.recalled |= {place: forgotten[place] for place in there}


async def everything(engine: Engine, places: Iterable[Place], seconds: float) -> Held:
    """All that some hosts hold, in so many seconds for each.

    Whom to ask about costs a look at the whole journal, so who was away is first asked for nothing.
    """

    async def at(place: Place, scope: Scope) -> tuple[Place, Sequence[Item] | IspalierError]:
        span = engine.span("read host", room=place[0], host=place[1])
        request = Request(
            place=place,
            verb="sweep",
            make=lambda: within(span, engine.hosts.backend(place).observe(scope)),
            seconds=seconds,
            customers=frozenset(),
            size=0,
            waits=seconds > engine.timeout,
        )
        return place, await engine.calls.answer(request)

    asked = list(places)
    away = [each for each in asked if isinstance(engine.standing.unmet.get(each), Unavailable)]
    found = dict(await side_by_side(at(each, Scope()) for each in away))
    refused = {place: answer for place, answer in found.items() if _failed(answer)}
    asked = [each for each in asked if each not in refused]
    scope = Scope(owners=await _owners(engine), everything=True) if asked else Scope()
    return {**refused, **dict(await side_by_side(at(each, scope) for each in asked))}


def targets(engine: Engine) -> Mapping[Place, str]:
    """Hosts that can be reached, and what tells each from any other.

    What is kept in the journal's own database is no host of its own.
    """
    found: dict[Place, str] = {}
    for place in _places(engine):
        try:
            found[place] = engine.hosts.target(place)
        except IspalierError:
            continue  # whoever asks for its back end is told
    return found


async def bind_again(engine: Engine, held: Held, now: datetime) -> None:
    """Bind what hosts say that our owners have, where the journal does not know it."""
    tells = {room.name: room.tells for room in engine.rooms}
    ours = [
        (place, item)
        for place, items in held.items()
        if not isinstance(items, IspalierError)
        for item in items
        if item.owner is not None and item.owner.installation == engine.identity.installation
    ]
    claims = [claim for (room, _), item in ours for claim in tells[room](item)]
    bound = await asyncio.to_thread(engine.journal.bind_again, claims, now)
    if not bound:
        return
    choices = list(_hosts_of({each.owner for each in bound}, ours))
    await asyncio.to_thread(engine.journal.grant, choices, frozenset(), now)
    engine.standing.bound += bound
    memories = await asyncio.to_thread(engine.journal.memories, [PROVIDER])
    engine.provider = memories.get(PROVIDER, Memory()).choices


def _hosts_of(owners: set[Owner], items: Iterable[tuple[Place, Item]]) -> Iterator[Choice]:
    """The host that serves each of these, where there is one alone."""
    found: dict[Owner, set[str]] = {}
    for (_, host), item in items:
        if item.owner in owners:
            found.setdefault(item.owner, set()).add(host)
    for owner, hosts in sorted(found.items()):
        if len(hosts) == 1:
            yield Choice("host", min(hosts), owner)


def _silent(engine: Engine) -> Mapping[str, str]:
    """Kinds of owners and values that rooms may hold of which no host was ever looked at, with why.

    The journal may be lost: whoever is granted a name by such a one would take it from whom a host
    still serves.
    """
    standing, places = engine.standing, engine.hosts.places()
    known = {room for room, _ in standing.met}
    found: dict[str, str] = {}
    for room in engine.rooms:
        some = [
            each
            for each in places
            if each[0] == room.name and room.host_type and room.name not in known
            if not isinstance(standing.unmet.get(each), Conflict)
        ]
        if some:
            kinds = (*(each.__name__ for each in room.desired), *room.allocated)
            found |= dict.fromkeys(kinds, _awaited(engine, some, "anything"))
    return found


def _awaited(engine: Engine, places: Sequence[Place], what: str) -> str:
    """Which hosts must be looked at before something is given out, why they were not, what to do."""
    hosts = ", ".join(f"host '{host}'" for _, host in places)
    whys = [_why_not_seen(engine, each) for each in places]
    remedy = "; make it answer, or remove the ServiceHost if it is gone for good"
    return (
        f"{hosts} must be looked at before {what} is given out: {'; '.join(map(str, whys))}"
        + remedy * any(isinstance(each, Unavailable) for each in whys)
    )


def _why_not_seen(engine: Engine, place: Place) -> IspalierError | str:
    """Its secrets are not there, it serves somebody else, or it did not answer."""
    try:
        engine.hosts.target(place)
    except IspalierError as error:
        return error
    standing = engine.standing
    return standing.unmet.get(place) or standing.unheard.get(place) or "the next pass does so"


def _not_recalled(engine: Engine) -> Mapping[Place, str]:
    standing = engine.standing
    return {
        place: target
        for place, target in targets(engine).items()
        if standing.met.get(place) == target != standing.recalled.get(place)
    }


def _places(engine: Engine) -> list[Place]:
    """All hosts, be they reached or not, but for the journal's own database."""
    inside = {room.name for room in engine.rooms if not room.host_type}
    return [place for place in engine.hosts.places() if place[0] not in inside]


def _unseen(engine: Engine) -> Mapping[str, str]:
    """Kinds of values that hosts may hold and were not asked for, with what is to be done."""
    recalled = engine.standing.recalled.keys()
    places = engine.hosts.places()
    found: dict[str, str] = {}
    for room in engine.rooms:
        if room.host_type and room.allocated:
            mine = [place for place in places if place[0] == room.name]
            unseen = [place for place in mine if place not in recalled]
            if unseen:
                found |= dict.fromkeys(room.allocated, _awaited(engine, unseen, "an IP address"))
            elif not mine:
                why = f"without a ServiceHost of type {room.host_type}: declare one"
                found |= dict.fromkeys(room.allocated, f"no IP address is given out {why}")
    return found


def _failed(answer: Sequence[Item] | IspalierError) -> bool:
    return isinstance(answer, IspalierError)


async def _owners(engine: Engine) -> frozenset[Owner]:
    """Everybody who is declared or remembered: digests are resolved by them."""
    installation, world = engine.identity.installation, engine.world
    memories = await asyncio.to_thread(engine.journal.memories)
    known = {owner for each in memories.values() for owner in (*each.owners(), *each.absences)}
    homes = [(each.spec.number, each.namespace) for each in world.of(Tenant)]
    return frozenset(known).union(
        Owner(installation, customer, kind, name)
        for customer, namespace in [(PROVIDER, ""), *homes]
        for kind, name in present_in(world, namespace)
    )
