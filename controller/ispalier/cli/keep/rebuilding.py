"""What `ispalier journal rebuild` does and tells."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

from ispalier.assembly import build
from ispalier.cli.declaration import whole
from ispalier.cli.installation import opened
from ispalier.cli.output import Exit, counted, err, fail, out, rfc3339
from ispalier.cli.source import Source
from ispalier.cli.who import who
from ispalier.core.engine import Engine
from ispalier.core.gather import is_proven, owner_of, wishes
from ispalier.core.introduce import introduce
from ispalier.core.items import PROVIDER
from ispalier.core.memory import Claim, Generation, Memory
from ispalier.core.recall import remind
from ispalier.core.reconcile import gathered
from ispalier.journal.identity import Papers
from ispalier.world.errors import IspalierError, Unavailable
from ispalier.world.snapshot import age


def rebuilt(source: Source) -> Exit:
    """Bind again what hosts hold; what is missing then waits for a person."""
    settings = source.settings()
    try:
        world, found = whole(source, settings)
        with opened(settings, found) as journal:
            now = datetime.now(UTC)
            engine, said = build(world, journal, settings, found), f"{who()} at {rfc3339(now)}"
            was_empty = journal.acquaintance().is_empty
            claims, passwords = asyncio.run(rebuild(engine, Papers(journal.engine), said, now))
            if not (was_empty or claims):
                err().print(
                    "nothing was changed: whoever has a value on a host has one in the journal"
                )
                return Exit.OK
    except IspalierError as error:
        fail(error)
    for kind, number in sorted(claims.items()):
        out().print(f"bound again: {counted(number, kind)}")
    out().print(f"read again: {counted(passwords, 'generated password')}")
    err().print(
        "what was observed of contracts begins anew, and the ledger is as empty as it was found:"
        " restore it from a backup before anything is posted\n"
        "what is missing waits until `ispalier journal confirm`"
    )
    return Exit.OK


async def rebuild(
    engine: Engine, papers: Papers, said: str, now: datetime
) -> tuple[Counter[str], int]:
    """Bind claims and choices again, then take the passwords that are in secrets.

    Raises Unavailable if a host does not answer; nothing is timed then, either.
    """
    why = f"it was rebuilt by {said}"
    if engine.journal.acquaintance().is_empty:  # first: this may be ended at any moment
        papers.unconfirm(why)
    engine.standing.is_rebuilding = True
    try:
        await introduce(engine, now, engine.timeout * 10)
        await remind(engine, now, engine.timeout * 10)
    finally:
        await engine.hosts.close()
    if engine.standing.bound:
        papers.unconfirm(why)
    inside = {room.name for room in engine.rooms if not room.host_type}
    for place in engine.hosts.places():
        if place[0] not in inside and place not in engine.standing.recalled:
            reason = engine.standing.unmet.get(place) or "its secrets are not there"
            raise Unavailable(f"host '{place[1]}' could not be read: {reason}")
    customers = [PROVIDER, *engine.world.numbers()]
    views = await gathered(engine, dict.fromkeys(customers, Memory()), now)
    wished = [wish for view in views.values() for wish in wishes(view, engine.rooms)]
    passwords = [each for each in wished if isinstance(each, Generation) and each.there is not None]
    ages = {owner_of(view, each): age(each) for view in views.values() for each in view.resources}
    there = frozenset(ages)
    engine.journal.grant(passwords, there, now)
    # No host tells of domains that others serve: of two customers the older declaration counts.
    names = [each for each in wished if isinstance(each, Claim) and each.delegated is not None]
    names = sorted(filter(is_proven, names), key=lambda each: ages[each.owner])
    engine.journal.grant(names, there, now)
    return Counter(each.kind for each in engine.standing.bound), len(passwords)
