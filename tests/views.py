"""Views of a small world, and what a room wants for one resource of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from ispalier.api.base import Resource
from ispalier.core.gather import Identity, gather
from ispalier.core.items import Item, Owner
from ispalier.core.memory import Binding, Memory, Wish
from ispalier.core.room import Room
from ispalier.world.holds import Hold
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot
from ispalier.world.view import Chosen, View
from tests.builders import NOW

HOME = Identity("test", Secret("key of the installation"))
T = TypeVar("T", bound=Item)


def view(  # noqa: PLR0913 - all that a view is made of
    world: Snapshot,
    claims: Mapping[tuple[str, str], str] | None = None,
    *,
    customer: str = "10042",
    choices: Mapping[Chosen, str] | None = None,
    holds: Sequence[Hold] = (),
    now: datetime = NOW,
) -> View:
    """The view of one unit; `claims` are those granted, by (Kind/name, claim's kind)."""
    bindings = frozenset(
        Binding(kind, value, Owner(HOME.installation, customer, *whose.split("/")))
        for (whose, kind), value in (claims or {}).items()
    )
    memory = Memory(bindings=bindings, choices=choices or {}, holds=holds)
    return gather(world, customer, memory, HOME, now)


def wanted(room: Room, view: View, resource: Resource) -> list[Item]:
    """The items of one resource."""
    return list(room.desired[type(resource)](view, resource))


def one(room: Room, view: View, resource: Resource, type_: type[T]) -> T:
    """The only item of one resource, which is of this type."""
    (item,) = wanted(room, view, resource)
    assert isinstance(item, type_)
    return item


def wishes(room: Room, view: View, resource: Resource) -> list[Wish]:
    """What one resource wishes for."""
    return list(room.wishes[type(resource)](view, resource))
