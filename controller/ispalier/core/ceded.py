"""Ceded: what a customer still has on hosts under a name that he gave up and another has by now.

Whoever cannot be served under his new name keeps what he had, for nothing is taken away without a
word; and whoever was granted the old name would wait for it for ever.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ispalier.core.choosing import Aim
from ispalier.core.engine import Engine, Seen
from ispalier.core.items import Key, Place
from ispalier.core.memory import Name


async def with_ceded(engine: Engine, aims: Sequence[Aim], seen: Sequence[Seen]) -> Sequence[Seen]:
    """The same looks with what is ceded; the journal is asked only where a name is not theirs."""
    both = list(zip(aims, seen, strict=True))
    names = frozenset(name for each in both for _, _, name in _not_theirs(engine, *each))
    if not names:
        return seen
    ceded = await asyncio.to_thread(engine.journal.ceded, names)
    return [_with(each, _not_theirs(engine, aim, each), ceded) for aim, each in both]


def _with(seen: Seen, some: Iterator[tuple[Place, Key, Name]], ceded: frozenset[Name]) -> Seen:
    found: dict[Place, set[Key]] = {}
    for place, key, name in some:
        if name in ceded:
            found.setdefault(place, set()).add(key)
    return replace(seen, ceded=found) if found else seen


def _not_theirs(engine: Engine, aim: Aim, seen: Seen) -> Iterator[tuple[Place, Key, Name]]:
    """Items under a name that their customer does not have.

    A value that we choose names nothing: it is changed, and the item stays.
    """
    ours = (aim.view.installation, aim.view.customer)
    theirs = {(each.kind, each.value) for each in aim.memory.bindings}
    rooms = {room.name: room for room in engine.rooms}
    for place, items in seen.items.items():
        room = rooms[place[0]]
        for item in items:
            if item.owner is not None and item.owner[:2] == ours:
                for kind, value, owner, *_ in room.tells(item):
                    if kind not in room.allocated and (kind, value) not in theirs:
                        yield place, item.key, Name(owner.customer, kind, value)
