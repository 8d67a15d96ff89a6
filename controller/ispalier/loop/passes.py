"""Passes: workers take units from the queue and make them right; the world may fail them."""

import asyncio
import random
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

import structlog

from ispalier.core.engine import Outcome
from ispalier.core.items import PROVIDER
from ispalier.core.reconcile import reconcile
from ispalier.core.sweep import sweep
from ispalier.loop.controller import Controller
from ispalier.loop.dirty import ORPHANS, is_orphans
from ispalier.loop.metrics import CONTROLLER
from ispalier.loop.restored import Restored
from ispalier.loop.sleep import sleep_until
from ispalier.loop.source import Source
from ispalier.loop.workqueue import Lane
from ispalier.world.errors import IspalierError, Unavailable, Waiting

log = structlog.get_logger()

BATCH = 16
"""Units of one pass at most: a burst asks each host once for many, and an edit never waits long."""


@dataclass(slots=True)
class Passes:
    """Makes the passes of a controller, and tells its source what came of them."""

    controller: Controller
    source: Source
    told_held: frozenset[str] = frozenset()
    """Kinds that were said to be held back."""
    passed: Callable[[Outcome], None] = lambda _: None
    """Who else takes in what came of a pass."""

    async def work(self) -> None:
        """Take units until the queue is closed; of a long line many at once."""
        queue, metrics = self.controller.queue, self.controller.metrics
        while taken := await queue.take(BATCH):
            now = datetime.now(UTC)
            for _, since in taken:
                metrics.waited.labels(CONTROLLER).observe((now - since).total_seconds())
            units = [unit for unit, _ in taken]
            in_order = sorted(units, key=_stands_alone, reverse=True)
            try:
                for alone, group in groupby(in_order, key=_stands_alone):
                    for each in ([unit] for unit in group) if alone else [list(group)]:
                        await self.make(each)
            finally:
                metrics.adds.labels(CONTROLLER).inc(sum(map(queue.done, units)))

    async def make(self, units: Sequence[str]) -> None:
        """Make one pass, and see to it that there is another of each for whom it was not the last.

        If it cannot be made, each unit is tried alone: none must stop the others.
        """
        metrics, now = self.controller.metrics, datetime.now(UTC)
        with metrics.took.labels(CONTROLLER).time():
            try:
                results = await self._make(units, now)
            except Exception as error:  # noqa: BLE001 - the boundary of a pass
                results = self._not_made(units, now, error)
        for result in results:
            metrics.passes.labels(CONTROLLER, result).inc()
        for unit in units if not results else ():
            await self.make([unit])

    async def ring(self, stop: asyncio.Event) -> None:
        """Put units in line when their time comes."""
        controller = self.controller
        while not stop.is_set():
            now = datetime.now(UTC)
            controller.line_up(controller.alarms.due(now), Lane.LATER)
            following = controller.alarms.next()
            # The clock may be set, or the machine sleep: look at it every so often.
            pause = 10.0 if following is None else (following - now).total_seconds()
            controller.alarmed.clear()
            try:
                async with asyncio.timeout(max(0.01, min(pause, 10.0))):
                    await controller.alarmed.wait()
            except TimeoutError:
                continue

    async def sweep(self, interval: float, restored: Restored, stop: asyncio.Event) -> None:
        """Compare everything every so often, and put in line what differs."""
        controller, metrics = self.controller, self.controller.metrics
        while not await sleep_until(stop, interval * (0.9 + random.random() / 5)):  # noqa: S311 - jitter
            await self.source.refresh()
            start = datetime.now(UTC)
            try:
                await restored.refresh()
                found = await sweep(controller.engine, start)
            except IspalierError as error:
                log.warning("sweep not made", reason=str(error))
                continue
            end = datetime.now(UTC)
            metrics.sweeps.inc()
            metrics.swept.set((end - start).total_seconds())
            metrics.swept_at.set(end.timestamp())
            log.debug("swept", units_to_do=len(found))
            controller.line_up(found, Lane.LATER)

    def _not_made(self, units: Sequence[str], now: datetime, error: Exception) -> list[str]:
        """Tell that there was no pass: the world would not, or our own code has a fault.

        One unit is tried again later; of several nothing is said yet, for each is tried alone.
        """
        names = ", ".join(map(_named, units))
        if isinstance(error, IspalierError):
            log.warning("pass not made", unit=names, reason=str(error))
        else:
            # As text: a renderer that shows local variables would show secrets.
            log.error("pass broke", unit=names, trace="".join(traceback.format_exception(error)))
        if len(units) > 1:
            return []
        self._again(units[0], now, None)
        return ["requeue" if isinstance(error, IspalierError) else "error"]

    async def _make(self, units: Sequence[str], now: datetime) -> Sequence[str]:
        controller = self.controller
        if is_orphans(units[0]):
            self.source.tell_orphans(units[0].removeprefix(ORPHANS), now)
            return ["success"]
        provided = controller.provided
        closed = controller.engine.circuits.closed
        outcomes = await reconcile(controller.engine, units, now)
        for kind, reason in controller.engine.held.items():
            if kind not in self.told_held:
                log.warning("held back for a person", kind=kind, reason=reason)
        self.told_held = frozenset(controller.engine.held)
        if controller.engine.circuits.closed > closed:  # a host answers again
            controller.line_up(controller.alarms.failing(), Lane.LATER)
        for each in outcomes:
            self.source.tell(each)
            self.passed(each)
        return [await self._conclude(each, provided, now) for each in outcomes]

    async def _conclude(self, outcome: Outcome, provided: int, now: datetime) -> str:
        controller, unit = self.controller, outcome.customer
        is_whole = await self.source.hand_out(outcome.secrets)
        self._count(outcome)
        self._wake_others(outcome, provided)
        if outcome.retry or not is_whole:
            return self._again(unit, now, outcome.wake)
        controller.alarms.succeeded(unit, outcome.wake)
        controller.alarmed.set()
        return "success"

    def _wake_others(self, outcome: Outcome, provided: int) -> None:
        """What the provider just got may be what others waited for, also during their pass."""
        controller, customer = self.controller, outcome.customer
        if customer == PROVIDER:
            if any(outcome.changes.values()):
                controller.provided += 1
                controller.line_up(controller.waiting, Lane.LATER)
        elif not any(isinstance(each, Waiting) for each in outcome.problems.values()):
            controller.waiting.discard(customer)
        else:
            controller.waiting.add(customer)
            if controller.provided != provided:
                controller.line_up([customer], Lane.LATER)

    def _again(self, unit: str, now: datetime, wake: datetime | None) -> str:
        controller = self.controller
        controller.alarms.retry(unit, now, wake, random.random())  # noqa: S311 - jitter
        controller.alarmed.set()
        controller.metrics.retries.labels(CONTROLLER).inc()
        return "requeue"

    def _count(self, outcome: Outcome) -> None:
        metrics = self.controller.metrics
        for (room, host), changes in outcome.changes.items():
            made = [each for each in changes if each.owner not in outcome.problems]
            verbs = Counter(each.verb.value for each in made)
            for verb, count in verbs.items():
                metrics.changes.labels(room, host, verb).inc(count)
            if changes:
                failed = len(changes) - len(made)
                more = {"failed": failed} if failed else {}
                unit = _named(outcome.customer)
                log.info("applied", unit=unit, room=room, host=host, **verbs, **more)
        for absence in outcome.missed:
            log.info(
                "no longer declared, waited for",
                unit=_named(outcome.customer),
                resource=str(absence.owner),
            )
        reasons = sorted(each.reason for each in outcome.problems.values())
        for reason, same in groupby(reasons):
            if reason == Unavailable.reason or reason.startswith("Backend"):
                metrics.errors.labels(reason).inc(len(list(same)))


def _stands_alone(unit: str) -> bool:
    """Others lean on the provider's unit, and one of orphans is of another kind."""
    return unit == PROVIDER or is_orphans(unit)


def _named(unit: str) -> str:
    return "the provider" if unit == PROVIDER else unit
