"""Passes: workers take units from the queue and make them right; the world may fail them."""

import asyncio
import random
import traceback
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

import structlog

from ispalier.core.engine import Outcome
from ispalier.core.items import PROVIDER
from ispalier.core.reconcile import reconcile
from ispalier.core.sweep import sweep
from ispalier.kube.client import ApiError, sleep_until
from ispalier.kube.controller import Controller
from ispalier.kube.dirty import ORPHANS, is_orphans
from ispalier.kube.metrics import CONTROLLER
from ispalier.kube.orphans import told_of_orphans
from ispalier.kube.workqueue import Lane
from ispalier.world.errors import IspalierError, Unavailable, Waiting

log = structlog.get_logger()


@dataclass(slots=True)
class Passes:
    """Makes the passes of a controller."""

    controller: Controller

    async def work(self) -> None:
        """Take units until the queue is closed."""
        queue, metrics = self.controller.queue, self.controller.metrics
        while (taken := await queue.take()) is not None:
            unit, since = taken
            waited = (datetime.now(UTC) - since).total_seconds()
            metrics.waited.labels(CONTROLLER).observe(waited)
            try:
                await self.make(unit)
            finally:
                metrics.adds.labels(CONTROLLER).inc(queue.done(unit))

    async def make(self, unit: str) -> None:
        """Make one pass, and see to it that there is another if this one was not the last."""
        metrics, now = self.controller.metrics, datetime.now(UTC)
        with metrics.took.labels(CONTROLLER).time():
            try:
                result = await self._make(unit, now)
            except IspalierError as error:
                log.warning("pass not made", unit=_named(unit), reason=str(error))
                result = self._again(unit, now, None)
            except Exception:  # noqa: BLE001 - the boundary of a pass
                # A fault in our own code must stop neither other units nor this one for ever.
                # As text: a renderer that shows local variables would show secrets.
                log.error("pass broke", unit=_named(unit), trace=traceback.format_exc())  # noqa: TRY400
                self._again(unit, now, None)
                result = "error"
        metrics.passes.labels(CONTROLLER, result).inc()

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

    async def sweep(self, interval: float, stop: asyncio.Event) -> None:
        """Compare everything every so often, and put in line what differs."""
        controller, metrics = self.controller, self.controller.metrics
        while not await sleep_until(stop, interval * (0.9 + random.random() / 5)):  # noqa: S311 - jitter
            await controller.secrets.read(controller.needs.places())
            start = datetime.now(UTC)
            try:
                found = await sweep(controller.engine, start)
            except IspalierError as error:
                log.warning("sweep not made", reason=str(error))
                continue
            end = datetime.now(UTC)
            metrics.sweeps.inc()
            metrics.swept.set((end - start).total_seconds())
            metrics.swept_at.set(end.timestamp())
            if found:
                log.info("sweep found differences", units=len(found))
            controller.line_up(found, Lane.LATER)

    async def _make(self, unit: str, now: datetime) -> str:
        controller = self.controller
        if is_orphans(unit):
            told = told_of_orphans(controller.cache, unit.removeprefix(ORPHANS), now)
            controller.writer.settle(unit, told)
            return "success"
        provided = controller.provided
        outcome = await reconcile(controller.engine, unit, now)
        controller.writer.settle(unit, outcome.statuses)
        is_whole = await self._write_secrets(outcome)
        self._count(outcome)
        self._wake_others(outcome, provided)
        if outcome.retry or not is_whole:
            return self._again(unit, now, outcome.wake)
        controller.alarms.succeeded(unit, outcome.wake)
        controller.alarmed.set()
        return "success"

    async def _write_secrets(self, outcome: Outcome) -> bool:
        is_whole = True
        for out in outcome.secrets:
            try:
                await self.controller.secrets.write(out)
            except ApiError as error:
                is_whole = False
                place = f"{out.namespace}/{out.name}"
                log.warning("secret not written", secret=place, reason=str(error))
        return is_whole

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
        reasons = sorted(each.reason for each in outcome.problems.values())
        for reason, same in groupby(reasons):
            if reason == Unavailable.reason or reason.startswith("Backend"):
                metrics.errors.labels(reason).inc(len(list(same)))


def _named(unit: str) -> str:
    return "the provider" if unit == PROVIDER else unit
