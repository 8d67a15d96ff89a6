"""Restored: what is gone and served all the same, for a person asked for it until it is back."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from ispalier.core.tombstones import resource_of
from ispalier.loop.controller import Controller
from ispalier.loop.dirty import Change
from ispalier.world.snapshot import ident


@dataclass(slots=True)
class Restored:
    """Keeps in the snapshot, as it was last declared, what was restored and is not declared."""

    controller: Controller

    async def refresh(self) -> None:
        """Put in what was restored meanwhile, and take out what is over."""
        controller, world = self.controller, self.controller.engine.world
        bodies = await asyncio.to_thread(controller.engine.journal.restored, datetime.now(UTC))
        found = (resource_of(owner.kind, body) for owner, body in bodies.items())
        wanted = {ident(each): each for each in found if each is not None}
        for which in controller.restored - wanted.keys():
            before = world.find(which)
            world.leave(which, datetime.now(UTC))
            controller.changed(Change(which, before, None))
        for which, resource in wanted.items():
            if world.find(which) is None:
                world.put(resource)
                controller.changed(Change(which, None, resource))
                controller.restored.add(which)
