"""The controller: from what changed to which units have something to do."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ispalier.api.base import Resource
from ispalier.api.parties import Tenant
from ispalier.core import rollouts
from ispalier.core.engine import Engine
from ispalier.core.foresee import foresee
from ispalier.core.gather import NAMESPACE
from ispalier.core.items import PROVIDER
from ispalier.core.rollouts import KINDS as ROLLED_OUT
from ispalier.core.rollouts import said
from ispalier.loop.alarms import Alarms
from ispalier.loop.dirty import (
    Change,
    Dirty,
    Uses,
    dirty,
    dirty_by_secret,
    everybody,
    is_orphans,
    orphans_of,
)
from ispalier.loop.metrics import CONTROLLER, Metrics
from ispalier.loop.workqueue import Lane, WorkQueue
from ispalier.world.snapshot import Ident, ident
from ispalier.world.view import Chosen


@dataclass(slots=True)
class Controller:
    """What is known and what is to be done; until it is open it only takes in."""

    engine: Engine
    metrics: Metrics
    uses: Uses = field(default_factory=Uses)
    queue: WorkQueue = field(default_factory=WorkQueue)
    alarms: Alarms = field(default_factory=Alarms)
    alarmed: asyncio.Event = field(default_factory=asyncio.Event)
    homes: dict[str, str] = field(default_factory=dict)
    """The namespace in which each customer was last declared."""
    waiting: set[str] = field(default_factory=set)
    """Customers for whom something else must happen first."""
    provided: int = 0
    """How often the provider's pass changed something that others may wait for."""
    is_open: bool = False
    restored: set[Ident] = field(default_factory=set)
    """What is not declared and in the snapshot all the same, as it once was."""

    def changed(self, change: Change) -> None:
        """Take in that something declared is not as it was; the snapshot knows it already."""
        self._note(change)
        if self.is_open:
            self.mark(self._dirty(change))

    async def revised(self, changes: Sequence[Change], now: datetime) -> None:
        """Take in a whole revision: what is dangerous in it is judged as one before it is made."""
        for each in changes:
            self._note(each)
        if not self.is_open:
            return
        found = [self._dirty(each) for each in changes]
        units = {unit for each in found for unit in (*each.fresh, *each.later)}
        self.line_up(units & {PROVIDER}, Lane.FRESH)  # judged in its pass, as who comes alone
        tenants = sorted(unit for unit in units if unit != PROVIDER and not is_orphans(unit))
        try:
            if len(tenants) > 1:
                await foresee(self.engine, tenants, now)
        finally:
            for some in found:
                self.mark(some)

    def secret_changed(self, namespace: str) -> None:
        """Take in that a Secret is not what it was."""
        if self.is_open:
            ours = self.engine.identity.controller_namespace
            self.mark(dirty_by_secret(self.engine.world, self.homes, namespace, ours))

    def mark(self, units: Dirty) -> None:
        """Put units in line."""
        self.line_up(units.urgent, Lane.URGENT)
        self.line_up(units.fresh, Lane.FRESH)
        self.line_up(units.later - units.fresh, Lane.LATER)

    def line_up(self, units: Iterable[str], lane: Lane) -> None:
        """Put units in one lane."""
        added = self.queue.add(units, lane, datetime.now(UTC))
        self.metrics.adds.labels(CONTROLLER).inc(added)

    async def open(self) -> None:
        """From now on what changes makes work. Wants every kind complete."""
        memories = await asyncio.to_thread(self.engine.journal.memories)
        for number, memory in memories.items():
            home = memory.choices.get(Chosen("Tenant", number, NAMESPACE), "")
            if number != PROVIDER:
                self.homes.setdefault(number, home)
        self.is_open = True
        for kind in ROLLED_OUT:
            for thing in self.engine.world.things(kind, ""):
                if isinstance(thing, Resource):
                    self._resume(thing)

    def _resume(self, thing: Resource) -> None:
        """Go on waiting for who had not got it; what its status says of others is so still."""
        match said(thing):
            case rollouts.CONDITION:
                self.engine.rollouts.begin(ident(thing), ())
            case rollouts.NOT_IN_PLACE:
                self.engine.rollouts.begin(ident(thing), [PROVIDER])
            case _:
                self._dirty(Change(ident(thing), None, thing))

    def _dirty(self, change: Change) -> Dirty:
        """The units that a change concerns; those that an edit of the provider's has to reach."""
        found = dirty(self.engine.world, self.uses, self.homes, change)
        if change.which.kind in ROLLED_OUT:
            if isinstance(change.after, Resource):
                self.engine.rollouts.begin(change.which, found.fresh | found.later)
            else:
                self.engine.rollouts.forget(change.which)
        return found

    def _note(self, change: Change) -> None:
        self.restored.discard(change.which)
        self.uses.note(change.which, change.after)
        if isinstance(change.after, Tenant):
            self.homes[change.after.spec.number] = change.which.namespace

    def line_up_all(self, orphanages: Iterable[str]) -> None:
        """Put everybody in line once; the caller makes the provider's first pass itself."""
        self.line_up(everybody(self.engine.world, self.homes), Lane.LATER)
        self.line_up(map(orphans_of, orphanages), Lane.LATER)
