"""Passes: workers take units from the queue and make them right; the world may fail them."""

import asyncio
import random
import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

import structlog

from ispalier.api.units import BusinessUnit
from ispalier.core.engine import Outcome
from ispalier.core.items import ANYWHERE, PROVIDER, Place
from ispalier.core.reconcile import reconcile
from ispalier.core.rollouts import is_behind, lags
from ispalier.core.sweep import sweep
from ispalier.loop.applied import causes, told
from ispalier.loop.controller import Controller
from ispalier.loop.dirty import ORPHANS, is_orphans
from ispalier.loop.metrics import CONTROLLER
from ispalier.loop.restored import Restored
from ispalier.loop.sleep import sleep_until
from ispalier.loop.source import Source
from ispalier.loop.workqueue import Lane
from ispalier.world.errors import IspalierError, Lost, NotServed, Unavailable, Waiting
from ispalier.world.snapshot import Ident

log = structlog.get_logger()

BATCH = 16
"""Units of one pass at most: a burst asks each host once for many, and an edit never waits long."""
TRIAL = 0.25
"""Seconds between two looks whether a host should be asked again."""
NOT_HANDED_OUT = Unavailable("a generated password is not in its Secret yet")


@dataclass(slots=True)
class Passes:
    """Makes the passes of a controller, and tells its source what came of them."""

    controller: Controller
    source: Source
    told_held: frozenset[str] = frozenset()
    """Causes that were said to hold something back."""
    told_rollouts: float = field(default_factory=time.monotonic)
    """When the provider's pass was last asked to tell how far edits have come."""
    passed: Callable[[Outcome], None] = lambda _: None
    """Who else takes in what came of a pass."""

    async def work(self) -> None:
        """Take units until the queue is closed; of a long line many at once."""
        queue, metrics = self.controller.queue, self.controller.metrics
        while taken := await queue.take(BATCH):
            now = datetime.now(UTC)
            for each in taken:
                metrics.waited.labels(CONTROLLER).observe((now - each.since).total_seconds())
            units = [each.unit for each in taken]
            lane = taken[0].lane
            alone = [unit for unit in units if self._stands_alone(unit, lane)]
            others = [unit for unit in units if unit not in alone]
            try:
                for some in [*([unit] for unit in alone), *([others] if others else ())]:
                    await self.make(some, lane)
            finally:
                metrics.adds.labels(CONTROLLER).inc(sum(map(queue.done, units)))

    async def make(self, units: Sequence[str], lane: Lane = Lane.FRESH) -> None:
        """Make one pass, and see to it that there is another of each for whom it was not the last.

        If it cannot be made, each unit is tried alone: none must stop the others. Units that are
        tried again ask only the hosts at which they failed.
        """
        metrics, now = self.controller.metrics, datetime.now(UTC)
        metrics.units.observe(len(units))
        with metrics.took.labels(CONTROLLER).time():
            try:
                results = await self._make(units, now, lane)
            except Lost:
                raise
            except Exception as error:  # noqa: BLE001 - the boundary of a pass
                results = self._not_made(units, now, error)
        for result in results:
            metrics.passes.labels(CONTROLLER, result).inc()
        for unit in units if not results else ():
            await self.make([unit], lane)

    async def ring(self, stop: asyncio.Event) -> None:
        """Put units in line when their time comes."""
        controller = self.controller
        while not stop.is_set():
            now = datetime.now(UTC)
            for unit, place in controller.alarms.due(now):
                controller.line_up([unit], Lane.RETRY if place else Lane.LATER)
            self._tell_rollouts()
            following = controller.alarms.next()
            # The clock may be set, or the machine sleep: look at it every so often.
            pause = 10.0 if following is None else (following - now).total_seconds()
            controller.alarmed.clear()
            try:
                async with asyncio.timeout(max(0.01, min(pause, 10.0))):
                    await controller.alarmed.wait()
            except TimeoutError:
                continue

    async def try_hosts(self, stop: asyncio.Event) -> None:
        """See to it that a host that was left alone is asked again when its time comes."""
        controller, clock = self.controller, asyncio.get_running_loop()
        while not await sleep_until(stop, TRIAL):
            calls = controller.engine.calls
            for place in calls.circuits.due(clock.time()):
                unit = controller.alarms.trial(place, calls.busy(place))
                controller.line_up([] if unit is None else [unit], Lane.RETRY)

    def heard(self, place: Place, customers: Collection[str]) -> None:
        """A host answers again; customers are those whose answer came too late for their pass."""
        if customers:
            log.info("answered late", room=place[0], host=place[1], units=len(customers))
        units = [*customers, *self.controller.alarms.failing(place)]
        self.controller.line_up(units, Lane.RETRY)

    async def sweep(
        self, interval: float, restored: Restored, stop: asyncio.Event, *, soon: float
    ) -> None:
        """Compare everything every so often, and put in line what differs.

        The first time after these seconds, if they are not 0: whatever of a killed replica was
        still on its way has arrived.
        """
        controller, metrics = self.controller, self.controller.metrics
        pause = soon or _about(interval)
        while not await sleep_until(stop, pause):
            pause = _about(interval)
            await self.source.refresh()
            start = datetime.now(UTC)
            try:
                await restored.refresh()
                found = await sweep(controller.engine, start)
                await self._tell_books()
            except IspalierError as error:
                log.warning("sweep not made", reason=str(error))
                continue
            end = datetime.now(UTC)
            metrics.sweeps.inc()
            metrics.swept.set((end - start).total_seconds())
            metrics.swept_at.set(end.timestamp())
            metrics.tally(found.hosts)
            log.debug("swept", units_to_do=len(found.units))
            controller.line_up(found.units, Lane.LATER)

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
        broken = error if isinstance(error, IspalierError) else IspalierError("our own code broke")
        self._tried(units[0], {ANYWHERE: broken}, now)
        return ["requeue" if error is broken else "error"]

    async def _make(self, units: Sequence[str], now: datetime, lane: Lane) -> Sequence[str]:
        controller = self.controller
        if is_orphans(units[0]):
            self.source.tell_orphans(units[0].removeprefix(ORPHANS), now)
            return ["success"]
        provided, number = controller.provided, controller.engine.rollouts.last
        only = self._only(units) if lane is Lane.RETRY else {}
        outcomes = await reconcile(controller.engine, units, now, only=only)
        pending = controller.engine.pending()
        for cause, reason in pending.items():
            if cause not in self.told_held:
                log.warning("held back for a person", cause=cause, reason=reason)
                self.source.warn(cause, reason)
        self.told_held = frozenset(pending)
        for each in outcomes:
            self.source.tell(each)
            if each.customer not in only:
                controller.alarms.set(each.customer, each.wake)
            self.passed(each)
        results = [await self._conclude(each, provided, now) for each in outcomes]
        self._roll_out(outcomes, provided, number)
        return results

    async def _tell_books(self) -> None:
        engine = self.controller.engine
        runs = await asyncio.to_thread(engine.journal.billed)
        units = {each.name for each in engine.world.of(BusinessUnit)}
        self.controller.metrics.tell_books({e: runs[e] for e in runs.keys() & units})

    def _only(self, units: Sequence[str]) -> Mapping[str, Collection[Place]]:
        hosts = ((unit, self.controller.alarms.hosts(unit)) for unit in units)
        return {unit: places for unit, places in hosts if places is not None}

    async def _conclude(self, outcome: Outcome, provided: int, now: datetime) -> str:
        is_whole = await self.source.hand_out(outcome.secrets)
        self._count(outcome)
        self._wake_others(outcome, provided)
        failing = outcome.failing if is_whole else {**outcome.failing, ANYWHERE: NOT_HANDED_OUT}
        return self._tried(outcome.customer, failing, now)

    def _roll_out(self, outcomes: Sequence[Outcome], provided: int, number: int) -> None:
        """Note who has what was edited up to a number; the provider's pass tells of it."""
        controller, rollouts = self.controller, self.controller.engine.rollouts
        if rollouts.are_over:
            return
        for each in outcomes:
            waits = any(isinstance(error, Waiting) for error in each.problems.values())
            if each.customer == PROVIDER:
                if rollouts.passed(PROVIDER, number, behind=self._behind(each)):
                    controller.line_up(
                        controller.waiting.intersection(rollouts.waiting), Lane.LATER
                    )
            elif not (
                lags(each.failing.values(), each.problems.values())
                or (waits and controller.provided != provided)  # and is in line again
            ):
                rollouts.passed(each.customer, number, waits=waits)
        self._tell_rollouts()

    def _tell_rollouts(self) -> None:
        """See to it that the provider's pass tells how far edits have come, and not too often."""
        rollouts, now = self.controller.engine.rollouts, time.monotonic()
        if rollouts.is_to_be_told(now - self.told_rollouts):
            self.told_rollouts = now
            rollouts.told()
            self.controller.line_up([PROVIDER], Lane.LATER)

    def _behind(self, outcome: Outcome) -> Collection[Ident]:
        """What of the provider's is not in place: itself, or what uses it is not on its host."""
        troubled = {
            Ident(each.kind, "", each.name): error
            for each, error in outcome.problems.items()
            if not isinstance(error, NotServed)
        }
        users = (each for each, error in troubled.items() if is_behind(error))
        return troubled.keys() | self.controller.uses.named_by(users)

    def _wake_others(self, outcome: Outcome, provided: int) -> None:
        """What the provider just got may be what others waited for, also during their pass."""
        controller, customer = self.controller, outcome.customer
        if customer == PROVIDER:
            is_back = controller.alarms.is_failing(PROVIDER) and not outcome.failing
            if is_back or any(outcome.changes.values()):
                controller.provided += 1
                controller.line_up(controller.waiting, Lane.LATER)
        elif not any(isinstance(each, Waiting) for each in outcome.problems.values()):
            controller.waiting.discard(customer)
        else:
            controller.waiting.add(customer)
            if controller.provided != provided:
                controller.line_up([customer], Lane.LATER)

    def _tried(self, unit: str, failing: Mapping[Place, IspalierError], now: datetime) -> str:
        controller = self.controller
        controller.alarms.tried(unit, failing, now, random.random())  # noqa: S311 - jitter
        controller.alarmed.set()
        if not failing:
            return "success"
        controller.metrics.retries.labels(CONTROLLER).inc()
        return "requeue"

    def _stands_alone(self, unit: str, lane: Lane) -> bool:
        """Others lean on the provider's, orphans are no customer, and one may hang them all."""
        may_hang = lane is Lane.RETRY and self.controller.alarms.is_suspect(unit)
        return unit == PROVIDER or is_orphans(unit) or may_hang

    def _count(self, outcome: Outcome) -> None:
        metrics = self.controller.metrics
        for each in outcome.applied:
            for (verb, cause), count in causes(each).items():
                metrics.changes.labels(*each.place, verb, cause).inc(count)
            log.info("applied", unit=_named(outcome.customer), **told(each))
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


def _about(interval: float) -> float:
    return interval * (0.9 + random.random() / 5)  # noqa: S311 - jitter


def _named(unit: str) -> str:
    return "the provider" if unit == PROVIDER else unit
