"""Run: the whole operator in one event loop, from the first list to the last status."""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from ispalier.core.engine import Engine
from ispalier.core.items import PROVIDER
from ispalier.kube.cache import Cache
from ispalier.kube.client import Access, Client
from ispalier.kube.controller import Controller
from ispalier.kube.health import Health
from ispalier.kube.metrics import Metrics
from ispalier.kube.passes import Passes
from ispalier.kube.secret_objects import Needs, SecretObjects
from ispalier.kube.shell import shell
from ispalier.kube.status import StatusWriter
from ispalier.kube.sync import Sync
from ispalier.settings import Settings

log = structlog.get_logger()
T = TypeVar("T")

FINISH_PASSES, FINISH_STATUSES = 20.0, 5.0
"""Seconds that work in hand may take at the end."""


async def run(settings: Settings, engine: Engine, access: Access, stop: asyncio.Event) -> None:
    """Serve the cluster until SIGTERM, SIGINT or `stop`; then finish work in hand.

    The engine's snapshot is filled here, and its back ends are closed at the end.
    """
    metrics = Metrics()
    async with AsyncExitStack() as end:
        end.push_async_callback(engine.hosts.close)
        client = await Client.connect(access, metrics.count_request)
        end.push_async_callback(client.close)
        operator = Operator(settings, client, _controller(engine, client, metrics))
        health = Health(metrics, operator.unready, operator.sync.unhealthy)
        server = await health.serve(settings.listen)
        end.push_async_callback(server.cleanup)
        serving: list[asyncio.Task[None]] = []

        async def begin() -> None:
            task = asyncio.create_task(operator.serve(health))
            task.add_done_callback(lambda _: stop.set())
            serving.append(task)

        async def finish() -> None:
            operator.ending.set()
            await asyncio.wait(serving)
            await server.cleanup()  # else kopf waits for connections that probes keep

        await shell(access, begin, finish, stop)
        for task in serving:
            task.result()


@dataclass(slots=True)
class Operator:
    """The parts, and the order in which they work."""

    settings: Settings
    client: Client
    controller: Controller
    sync: Sync = field(init=False)
    passes: Passes = field(init=False)
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    is_ready: bool = False

    def __post_init__(self) -> None:
        self.sync = Sync(self.controller, self.settings.list_interval)
        self.passes = Passes(self.controller)

    def unready(self) -> Iterator[str]:
        """Why work has not begun."""
        yield from self.sync.unready()
        if not self.is_ready:
            yield "the provider's first pass is not made yet"

    async def serve(self, health: Health) -> None:
        """See everything, make the provider's first pass, work, and finish."""
        began = time.monotonic()
        controller, passes, ending = self.controller, self.passes, self.ending
        async with AsyncExitStack() as end:
            tasks = [*self.sync.start(self.client)]
            end.push_async_callback(_cancel, tasks)
            tasks += _started(health.beat(), controller.writer.run())
            stopping = asyncio.create_task(ending.wait())
            await _first_of(stopping, *_started(self.sync.complete_once.wait()), *tasks)
            if ending.is_set():
                return
            await controller.open()
            await passes.make([PROVIDER])
            self.is_ready = True
            seconds = round(time.monotonic() - began, 1)
            log.info("ready", customers=len(controller.homes), seconds=seconds)
            sweeps = passes.sweep(self.settings.sweep_interval, ending)
            tasks += _started(passes.ring(ending), sweeps)
            workers = _started(*(passes.work() for _ in range(self.settings.workers)))
            end.push_async_callback(_cancel, workers)
            await _first_of(stopping, *tasks, *workers)
            log.info("stopping", at_work=len(controller.queue.line.working))
            controller.queue.close()
            await asyncio.wait(workers, timeout=FINISH_PASSES)
            await controller.writer.finish(FINISH_STATUSES)


def _controller(engine: Engine, client: Client, metrics: Metrics) -> Controller:
    cache = Cache(engine.world)
    secrets = SecretObjects(client, engine.world)
    writer = StatusWriter(client, cache, lambda kind: metrics.statuses.labels(kind).inc())
    needs = Needs(engine.identity.controller_namespace)
    controller = Controller(engine, cache, secrets, writer, metrics, needs)
    secrets.changed = controller.secret_changed
    metrics.show(engine, lambda: len(controller.queue.line))
    return controller


def _started(*coroutines: Coroutine[Any, Any, T]) -> list[asyncio.Task[T]]:
    return [asyncio.create_task(each) for each in coroutines]


async def _first_of(*tasks: asyncio.Task[bool] | asyncio.Task[None]) -> None:
    """Wait until one ends; what ends by an error ends the operator with it."""
    ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in ended:
        task.result()


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
