"""A look at every host, side by side: what it holds, by customer and by key."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, TypeAlias

from ispalier.core.calls import Request
from ispalier.core.choosing import Aim
from ispalier.core.engine import Engine, Seen
from ispalier.core.items import Item, Key, Place
from ispalier.core.room import Scope
from ispalier.core.spans import within
from ispalier.core.together import Answers, side_by_side, together
from ispalier.world.errors import IspalierError, Unasked

PATIENCE = 10
"""How much longer than one pass the look at everything may take."""
EVERYBODY = "*"
"""In the place of a customer number: a look that is not for some customers."""


@dataclass(slots=True)
class Held:
    """What one host holds of what was looked at."""

    by_customer: dict[str, list[Item]] = field(default_factory=dict)
    """The items that are marked as ours, by customer."""
    by_key: dict[Key, Item] = field(default_factory=dict)

    @classmethod
    def of(cls, installation: str, items: Iterable[Item]) -> "Held":
        """Sort items."""
        held = cls()
        for item in items:
            held.by_key[item.key] = item
            if item.owner is not None and item.owner.installation == installation:
                held.by_customer.setdefault(item.owner.customer, []).append(item)
        return held

    def part(self, customer: str, wanted: Iterable[Item]) -> list[Item]:
        """What concerns one customer: its own, and what has the keys that its items name."""
        mine = self.by_customer.get(customer, [])
        known = {item.key for item in mine}
        named = {key for item in wanted for key in (item.key, *item.needs) if key not in known}
        return [*mine, *(self.by_key[key] for key in named if key in self.by_key)]


Only: TypeAlias = Mapping[str, Collection[Place]]
"""The hosts that are asked for a customer; who is not in it asks all."""


class Look(NamedTuple):
    """What the hosts hold, and for whom which of them did not answer."""

    held: Mapping[Place, Held]
    down: Mapping[str, Mapping[Place, IspalierError]]
    only: Only

    def seen(self, aim: Aim) -> Seen:
        """What of it concerns one unit."""
        customer, items = aim.view.customer, aim.wanted.items
        down = {**self.down.get(EVERYBODY, {}), **self.down.get(customer, {})}
        seen = {
            place: each.part(customer, items.get(place, ()))
            for place, each in self.held.items()
            if place not in down and place in self.only.get(customer, self.held)
        }
        return Seen(seen, down, len(seen) == len(self.held))


async def look(
    engine: Engine,
    customers: Sequence[str],
    scope: Callable[[Place, Sequence[str]], Scope],
    only: Only,
) -> Look:
    """Look at every host; one that does not answer in time is noted, the rest goes on."""

    def request(place: Place, some: Sequence[str]) -> Request[Sequence[Item]]:
        what, (room, host) = scope(place, some), place
        span = engine.span("observe host", room=room, host=host, units=len(some))
        return Request(
            place=place,
            verb="sweep" if what.everything else "observe",
            make=lambda: within(span, engine.hosts.backend(place).observe(what)),
            seconds=engine.timeout * (PATIENCE if what.everything else 1),
            customers=frozenset(some),
            size=len(what.keys) + len(what.claims),
            waits=what.everything,
        )

    async def at(place: Place) -> Answers[str, Sequence[Item]]:
        if place in engine.standing.unmet:
            return [(customers, engine.standing.unmet[place])]
        busy = engine.calls.busy(place)
        asked = [each for each in customers if place in only.get(each, (place,))]
        free = [each for each in asked if each not in busy]
        held_up = [each for each in asked if each in busy]
        why = Unasked(f"host '{place[1]}' is still at the changes before")
        answers = await together(engine.calls, partial(request, place), free) if free else ()
        return [*answers, *([(held_up, why)] if held_up else ())]

    places = engine.hosts.places()
    held: dict[Place, Held] = {}
    down: dict[str, dict[Place, IspalierError]] = {}
    for place, answers in zip(places, await side_by_side(map(at, places)), strict=True):
        items: list[Item] = []
        for some, answer in answers:
            if isinstance(answer, IspalierError):
                for customer in some:
                    down.setdefault(customer, {})[place] = answer
            else:
                items += answer
        held[place] = Held.of(engine.identity.installation, items)
    return Look(held, down, only)
