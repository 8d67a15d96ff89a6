"""Dry runs: hosts that look as if the changes of earlier passes had been made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ispalier.core.changes import ChangeSet
from ispalier.core.engine import Hosts
from ispalier.core.items import Item, Key, Place
from ispalier.core.room import Backend, Results, Scope


@dataclass(slots=True)
class Foreseen:
    """Hosts of a dry run: what would be changed is remembered and shown to later passes."""

    hosts: Hosts
    _items: dict[Place, dict[Key, Item | None]] = field(default_factory=dict)

    def places(self) -> Sequence[Place]:
        """Every room on every host."""
        return self.hosts.places()

    def target(self, place: Place) -> str:
        """What tells a host from any other."""
        return self.hosts.target(place)

    def backend(self, place: Place) -> Backend:
        """A back end that is only looked at."""
        return _Looking(self.hosts.backend(place), self._items.get(place, {}))

    async def close(self) -> None:
        """Let go of every back end."""
        await self.hosts.close()

    def foresee(self, changes: Mapping[Place, ChangeSet]) -> None:
        """Remember what would be changed."""
        for place, each in changes.items():
            self._items.setdefault(place, {}).update((change.key, change.after) for change in each)


@dataclass(frozen=True, slots=True)
class _Looking:
    backend: Backend
    foreseen: Mapping[Key, Item | None]

    async def observe(self, scope: Scope) -> Sequence[Item]:
        """What the host would hold."""
        items = await self.backend.observe(scope)
        there = [item for item in items if item.key not in self.foreseen]
        return [*there, *(item for item in self.foreseen.values() if item is not None)]

    async def apply(self, changes: ChangeSet) -> Results:  # noqa: ARG002 - the protocol's signature
        """Nothing is changed."""
        message = "a dry run changes nothing"
        raise AssertionError(message)

    async def close(self) -> None:
        """Nothing to let go of: the hosts do that."""
