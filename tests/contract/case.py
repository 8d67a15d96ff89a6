"""What a room tells of one of its types of items, so that the suite can hold its back end to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from ispalier.core.changes import Change, ChangeSet, Verb, difference
from ispalier.core.items import Item, Keep, Owner
from ispalier.core.lease import Lease
from ispalier.core.room import Backend, Results, Scope
from ispalier.world.errors import IspalierError
from ispalier.world.state import State

HOST = "one"
PASSWORD = "% \" \\ ' { ä"


def owner(name: str = "first", customer: str = "10042", installation: str = "home") -> Owner:
    """A resource that items belong to."""
    return Owner(installation, customer, "Thing", name)


class Case(Protocol):
    """One type of item on a real server, reached past the back end where it says "by hand".

    Everything is numbered, so that a test can have as many as it needs; the same number is the
    same key and the same values.
    """

    name: str

    def prepare(self) -> None:
        """Empty the server but for what such items need."""

    def connect(self, lease: Lease | None = None) -> Backend:
        """The back end, as the room makes it."""

    def unreachable(self) -> Backend:
        """The back end of a server that is not there."""

    def item(self, number: int, owner: Owner) -> Item:
        """An item as `desired` would ask for it."""

    def other(self, number: int, owner: Owner) -> Item:
        """The item of the same key with other values."""

    def bad(self, number: int, owner: Owner) -> Item:
        """An item that the server will not take."""

    def plant(self, number: int) -> None:
        """Write the data of `item` by hand, without a mark."""

    def respell(self, number: int) -> None:
        """Spell the data of `item`, which are there, otherwise by hand; nothing if none can be."""

    def spoil(self, number: int) -> None:
        """Change or add to what is there under this key by hand, so that it serves otherwise."""

    def dump(self) -> object:
        """All that the server holds, with what a needless write would move; comparable."""


@dataclass(slots=True)
class Clock:
    """Tells the time that it is given, in seconds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def lease(epoch: int = 1, clock: Clock | None = None) -> Lease:
    """A lease of 15 s that began with the clock."""
    made = Lease("home", 15, clock or Clock())
    made.took(epoch, 0, expires=True, released=True)
    return made


class Pass(NamedTuple):
    """What a pass over customer 10042 saw, changed and was told."""

    seen: Mapping[object, Item]
    changes: ChangeSet
    refused: Mapping[Owner, IspalierError]
    results: Results

    @property
    def verbs(self) -> list[Verb]:
        """What it did."""
        return [each.verb for each in self.changes]


async def settle(
    backend: Backend,
    *wanted: Item,
    kept: Iterable[Keep] = (),
    fates: Mapping[Owner, State | None] | None = None,
) -> Pass:
    """Observe, compare and apply as the engine does, for customer 10042."""
    keys = frozenset(key for item in wanted for key in (item.key, *item.needs))
    owners = frozenset(item.owner for item in wanted if item.owner) | (fates or {}).keys()
    claims = frozenset((str(key[0]), str(key[1])) for key in keys if isinstance(key, tuple))
    seen = await backend.observe(Scope(frozenset({"10042"}), keys, claims, owners))
    found = difference(wanted, kept, seen, fates or {})
    results = await backend.apply(found.changes) if found.changes else {}
    return Pass({item.key: item for item in seen}, found.changes, found.refused, results)


async def put(backend: Backend, item: Item) -> None:
    """Make an item as whoever owns it would, whatever this customer may lean on."""
    await backend.apply(ChangeSet.of([Change(Verb.CREATE, None, item)]))


def suspended(item: Item) -> Item:
    """The same, suspended."""
    return replace(item, state=State.SUSPENDED)
