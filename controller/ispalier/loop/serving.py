"""Serving: from the first sight of everything to the end of the last pass."""

import asyncio
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from ispalier.core.items import PROVIDER
from ispalier.journal.writer import Writer
from ispalier.loop.controller import Controller
from ispalier.loop.health import Health
from ispalier.loop.heap import settle
from ispalier.loop.marks import heed_marks
from ispalier.loop.metrics import CONTROLLER
from ispalier.loop.passes import Passes
from ispalier.loop.probing import Probing
from ispalier.loop.restored import Restored
from ispalier.loop.source import Source
from ispalier.settings import Settings

log = structlog.get_logger()
T = TypeVar("T")

FINISH_PASSES, FINISH_TELLING = 20.0, 5.0
"""Seconds that work in hand may take at the end."""


@dataclass(slots=True)
class Serving:
    """The parts, and the order in which they work."""

    settings: Settings
    controller: Controller
    source: Source
    writer: Writer
    passes: Passes = field(init=False)
    probing: Probing = field(init=False)
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    is_ready: bool = False
    stands_by: bool = False

    def __post_init__(self) -> None:
        interval, rate = self.settings.probe_interval, self.settings.probe_rate
        self.probing = Probing(self.controller, interval, rate)
        self.passes = Passes(self.controller, self.source, passed=self.probing.passed)
        self.controller.engine.calls.heard = self.passes.heard

    def unready(self) -> Iterator[str]:
        """Why work has not begun."""
        yield from self.source.unready()
        if self.controller.engine.standing.lost:
            yield self.controller.engine.standing.lost
        if not (self.is_ready or self.stands_by):
            yield "the provider's first pass is not made yet"

    async def serve(self, health: Health) -> None:
        """See everything, make the provider's first pass, work, and finish."""
        began = time.monotonic()
        controller, passes, ending = self.controller, self.passes, self.ending
        restored = Restored(controller)
        async with AsyncExitStack() as end:
            tasks = [*self.source.start()]
            end.push_async_callback(_cancel, tasks)
            tasks += _started(health.beat())
            stopping = asyncio.create_task(ending.wait())
            seen = _started(self.source.complete_once.wait())
            end.push_async_callback(_cancel, seen)  # else who ends before that is waited for
            await _first_of(stopping, *seen, *tasks)
            if ending.is_set():
                return
            await self._take(stopping, tasks)
            if ending.is_set():
                return
            tasks += _started(self.writer.keep())
            lease = self.writer.lease
            again = lease.seconds if lease.rest else 0
            await controller.open()
            await restored.refresh()
            await self.source.opened()
            controller.line_up_all(self.source.orphanages())
            await passes.make([PROVIDER])
            settle()
            self.is_ready = True
            seconds = round(time.monotonic() - began, 1)
            log.info("ready", customers=len(controller.homes), seconds=seconds)
            sweeps = passes.sweep(self.settings.sweep_interval, restored, ending, soon=again)
            tasks += _started(
                passes.ring(ending),
                passes.try_hosts(ending),
                sweeps,
                heed_marks(controller, restored, ending),
                self.probing.run(ending),
            )
            workers = _started(*(passes.work() for _ in range(self.settings.workers)))
            end.push_async_callback(_cancel, workers)
            await _first_of(stopping, *tasks, *workers)
            log.info("stopping", at_work=len(controller.queue.line.working))
            controller.queue.close()
            await asyncio.wait(workers, timeout=FINISH_PASSES)
            await self.source.finish(FINISH_TELLING)

    async def _take(self, stopping: asyncio.Task[bool], tasks: list[asyncio.Task[None]]) -> None:
        """Wait until it is ours to write, with everything in sight, or until the end."""
        taking = asyncio.create_task(self.writer.stand_by(self._waits))
        try:
            await _first_of(stopping, taking, *tasks)
        finally:
            await _cancel([taking])
        self.stands_by = False
        if not self.ending.is_set():
            self.controller.metrics.leads.labels(CONTROLLER).set(1)
            log.info("acting", epoch=self.writer.lease.epoch)

    def _waits(self, reason: str) -> None:
        self.stands_by = True
        log.info("standing by", reason=reason)


def _started(*coroutines: Coroutine[Any, Any, T]) -> list[asyncio.Task[T]]:
    return [asyncio.create_task(each) for each in coroutines]


async def _first_of(*tasks: asyncio.Task[bool] | asyncio.Task[None]) -> None:
    """Wait until one ends; what ends by an error ends the operator with it."""
    ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in ended:
        task.result()


async def _cancel(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
