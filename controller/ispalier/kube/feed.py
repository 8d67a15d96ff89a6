"""The feed: what is heard of the API server becomes changes of the snapshot."""

import asyncio
from dataclasses import dataclass, field

from ispalier.kube.cache import Cache
from ispalier.kube.secret_objects import Needs, SecretObjects, are_secrets
from ispalier.kube.versions import Raw
from ispalier.loop.controller import Controller
from ispalier.loop.dirty import Change
from ispalier.loop.sight import Sight
from ispalier.world.snapshot import Ident


@dataclass(slots=True)
class Feed:
    """Takes events and lists in, and tells the controller what changed by them."""

    controller: Controller
    cache: Cache
    secrets: SecretObjects
    needs: Needs
    sight: Sight
    _reading: set[asyncio.Task[None]] = field(default_factory=set)

    def heard(self, kind: str, event: str | None, raw: Raw) -> None:
        """Take in an event of a watch, or an object of a list (whose event is None)."""
        if are_secrets(kind):
            self.secrets.lose(raw) if event == "DELETED" else self.secrets.see(raw)
            return
        take = self.cache.lose if event == "DELETED" else self.cache.see
        change = take(kind, raw)
        if change is not None:
            self._changed(change)

    def listed(self, kind: str, seen: set[Ident], number: int) -> None:
        """Take in the end of a complete list."""
        if are_secrets(kind):
            self.secrets.listed(kind, seen, number)
            return
        for change in self.cache.listed(kind, seen, number):
            self._changed(change)

    def complete(self, kind: str) -> None:
        """Take in that all of a kind is seen."""
        if not are_secrets(kind):
            self.sight.complete(kind)

    def incomplete(self, kind: str) -> None:
        """Take in that a kind cannot be seen in full."""
        self.sight.incomplete(kind)

    async def read_new(self) -> None:
        """Read the Secrets that are named and were never read."""
        await self.secrets.read(self.secrets.unknown(self.needs.places()))

    async def read_again(self) -> None:
        """Read all Secrets that are named and not watched."""
        await self.secrets.read(self.needs.places())

    def _changed(self, change: Change) -> None:
        named = self.needs.note(change.which, change.after)
        unknown = self.secrets.unknown(named) if self.controller.is_open else ()
        if unknown:
            task = asyncio.create_task(self.secrets.read(unknown))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        self.controller.changed(change)
