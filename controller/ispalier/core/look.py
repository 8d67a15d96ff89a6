"""A look at every host, side by side: what it holds, by customer and by key."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ispalier.core.engine import Aim, Hosts, Place, Seen
from ispalier.core.items import Item, Key
from ispalier.core.room import Scope
from ispalier.world.errors import IspalierError, Unavailable


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


class Look(NamedTuple):
    """What the hosts hold, and which of them did not answer."""

    held: Mapping[Place, Held]
    down: Mapping[Place, IspalierError]

    def seen(self, aim: Aim) -> Seen:
        """What of it concerns one unit."""
        customer, items = aim.view.customer, aim.wanted.items
        return Seen(
            {place: each.part(customer, items.get(place, ())) for place, each in self.held.items()},
            self.down,
        )


async def look(
    hosts: Hosts, installation: str, scope: Callable[[Place], Scope], seconds: float
) -> Look:
    """Look at every host; one that does not answer in time is noted, the rest goes on."""

    async def at(place: Place) -> Sequence[Item] | IspalierError:
        try:
            async with asyncio.timeout(seconds):
                return await hosts.backend(place).observe(scope(place))
        except TimeoutError:
            return Unavailable(f"host '{place[1]}' did not answer in {seconds:g} s")
        except IspalierError as error:
            return error

    places = hosts.places()
    looked = dict(zip(places, await asyncio.gather(*map(at, places)), strict=True))
    return Look(
        held={
            place: Held.of(installation, each)
            for place, each in looked.items()
            if not isinstance(each, IspalierError)
        },
        down={place: each for place, each in looked.items() if isinstance(each, IspalierError)},
    )
