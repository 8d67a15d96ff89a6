"""The controller: from what is heard to which units have something to do."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ispalier.api.parties import Tenant
from ispalier.core.engine import Engine
from ispalier.core.gather import NAMESPACE
from ispalier.core.items import PROVIDER
from ispalier.kube.cache import Cache, Change
from ispalier.kube.dirty import Dirty, Uses, dirty, dirty_by_secret, everybody
from ispalier.kube.metrics import CONTROLLER, Metrics
from ispalier.kube.orphans import namespaces_with_orphans
from ispalier.kube.secret_objects import WATCHED, Needs, SecretObjects
from ispalier.kube.status import StatusWriter
from ispalier.kube.versions import Raw
from ispalier.kube.workqueue import Alarms, Lane, WorkQueue
from ispalier.world.snapshot import Ident
from ispalier.world.view import Chosen


@dataclass(slots=True)
class Controller:
    """What is known and what is to be done; until it is open it only takes in."""

    engine: Engine
    cache: Cache
    secrets: SecretObjects
    writer: StatusWriter
    metrics: Metrics
    needs: Needs
    uses: Uses = field(default_factory=Uses)
    queue: WorkQueue = field(default_factory=WorkQueue)
    alarms: Alarms = field(default_factory=Alarms)
    alarmed: asyncio.Event = field(default_factory=asyncio.Event)
    homes: dict[str, str] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    """Customers for whom something else must happen first."""
    provided: int = 0
    """How often the provider's pass changed something that others may wait for."""
    is_open: bool = False
    _reading: set[asyncio.Task[None]] = field(default_factory=set)

    def heard(self, kind: str, event: str | None, raw: Raw) -> None:
        """Take in an event of a watch, or an object of a list (whose event is None)."""
        if kind == WATCHED.kind:
            self.secrets.lose(raw) if event == "DELETED" else self.secrets.see(raw)
            return
        take = self.cache.lose if event == "DELETED" else self.cache.see
        change = take(kind, raw)
        if change is not None:
            self.changed(change)

    def listed(self, kind: str, seen: set[Ident], number: int) -> None:
        """Take in the end of a complete list."""
        if kind == WATCHED.kind:
            self.secrets.listed(seen, number)
            return
        for change in self.cache.listed(kind, seen, number):
            self.changed(change)

    def complete(self, kind: str) -> None:
        """Take in that all of a kind is seen."""
        if kind != WATCHED.kind:
            self.cache.complete(kind)

    def changed(self, change: Change) -> None:
        """Take in that something declared is not as it was."""
        self.uses.note(change.which, change.after)
        named = self.needs.note(change.which, change.after)
        if isinstance(change.after, Tenant):
            self.homes[change.after.spec.number] = change.which.namespace
        if not self.is_open:
            return
        unknown = self.secrets.unknown(named)
        if unknown:
            task = asyncio.create_task(self.secrets.read(unknown))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        self.mark(dirty(self.cache.world, self.uses, self.homes, change))

    def secret_changed(self, namespace: str) -> None:
        """Take in that a Secret is not what it was."""
        if self.is_open:
            ours = self.engine.identity.controller_namespace
            self.mark(dirty_by_secret(self.cache.world, self.homes, namespace, ours))

    def mark(self, units: Dirty) -> None:
        """Put units in line."""
        self.line_up(units.fresh, Lane.FRESH)
        self.line_up(units.later - units.fresh, Lane.LATER)

    def line_up(self, units: Iterable[str], lane: Lane) -> None:
        """Put units in one lane."""
        added = self.queue.add(units, lane, datetime.now(UTC))
        self.metrics.adds.labels(CONTROLLER).inc(added)

    async def open(self) -> None:
        """From now on what is heard makes work; everything is in line once.

        Wants every kind complete, and the provider's first pass still to be made by the caller.
        """
        memories = await asyncio.to_thread(self.engine.journal.memories)
        for number, memory in memories.items():
            home = memory.choices.get(Chosen("Tenant", number, NAMESPACE), "")
            if number != PROVIDER:
                self.homes.setdefault(number, home)
        self.is_open = True
        await self.secrets.read(self.secrets.unknown(self.needs.places()))
        self.line_up(everybody(self.cache.world, self.homes), Lane.LATER)
        self.line_up((f"/{each}" for each in namespaces_with_orphans(self.cache.world)), Lane.LATER)
