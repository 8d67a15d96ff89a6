"""Run: the whole operator in one event loop, from the first list to the last status."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

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
from ispalier.kube.shell import Shell
from ispalier.kube.status import StatusWriter
from ispalier.kube.sync import Sync
from ispalier.settings import Settings

log = structlog.get_logger()

FINISH_PASSES, FINISH_STATUSES = 20.0, 5.0
"""Seconds that work in hand may take at the end."""


async def run(settings: Settings, engine: Engine, access: Access, stop: asyncio.Event) -> None:
    """Serve the cluster until `stop` is set, which SIGTERM and SIGINT do; then finish in order.

    The engine's snapshot is filled here, and its back ends are closed at the end.
    """
    began, is_ready = time.monotonic(), False
    metrics = Metrics()
    async with AsyncExitStack() as end:
        end.push_async_callback(engine.hosts.close)
        client = await Client.connect(access, metrics.count_request)
        end.push_async_callback(client.close)
        controller = _controller(engine, client, metrics)
        passes = Passes(controller)
        shell = Shell(access, controller.heard, stop)
        sync = Sync(controller, settings.list_interval, found=shell.renew)
        shell.again = sync.hurry

        def unready() -> Iterator[str]:
            yield from sync.unready()
            if not is_ready:
                yield "the provider's first pass is not made yet"

        health = Health(metrics, unready, sync.unhealthy)
        end.push_async_callback((await health.serve(settings.listen)).cleanup)
        background = [shell.run(), health.beat(), controller.writer.run()]
        tasks = [*sync.start(client), *map(asyncio.create_task, background)]
        end.push_async_callback(_cancel, tasks)
        stopping = asyncio.create_task(stop.wait())
        await _first_of(stopping, asyncio.create_task(sync.complete_once.wait()), *tasks)
        if stop.is_set():
            return
        await controller.open()
        await passes.make(PROVIDER)
        is_ready = True
        seconds = round(time.monotonic() - began, 1)
        log.info("ready", customers=len(controller.homes), seconds=seconds)
        sweeps = passes.sweep(settings.sweep_interval, stop)
        tasks += [asyncio.create_task(passes.ring(stop)), asyncio.create_task(sweeps)]
        workers = [asyncio.create_task(passes.work()) for _ in range(settings.workers)]
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
    metrics.show(engine.world, lambda: len(controller.queue.line))
    return controller


async def _first_of(*tasks: asyncio.Task[bool] | asyncio.Task[None]) -> None:
    """Wait until one ends; what ends by an error ends the operator with it."""
    ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in ended:
        task.result()


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
