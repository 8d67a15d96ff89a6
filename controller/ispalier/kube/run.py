"""Run: the whole operator in one event loop, from the first list to the last status."""

import asyncio
from contextlib import AsyncExitStack

from ispalier.core.engine import Engine
from ispalier.journal.writer import Writer
from ispalier.kube.client import Access, Client
from ispalier.kube.cluster import Cluster
from ispalier.kube.shell import shell
from ispalier.loop.controller import Controller
from ispalier.loop.health import Health
from ispalier.loop.metrics import Metrics
from ispalier.loop.serving import Serving
from ispalier.settings import Settings


async def run(
    settings: Settings, engine: Engine, access: Access, writer: Writer, stop: asyncio.Event
) -> None:
    """Serve the cluster until SIGTERM, SIGINT or `stop`; then finish work in hand. Raises Lost.

    The engine's snapshot is filled here, and its back ends are closed at the end.
    """
    metrics = Metrics()
    async with AsyncExitStack() as end:
        end.push_async_callback(engine.close)
        client = await Client.connect(access, metrics.count_request)
        end.push_async_callback(client.close)
        controller = Controller(engine, metrics)
        metrics.show(engine, controller.queue.line)
        cluster = Cluster.of(client, controller, writer.lease, settings)
        serving = Serving(settings, controller, cluster, writer)
        health = Health(metrics, serving.unready, cluster.unhealthy)
        server = await health.serve(settings.listen)
        end.push_async_callback(server.cleanup)
        tasks: list[asyncio.Task[None]] = []

        async def begin() -> None:
            task = asyncio.create_task(serving.serve(health))
            task.add_done_callback(lambda _: stop.set())
            tasks.append(task)

        async def finish() -> None:
            serving.ending.set()
            await asyncio.wait(tasks)
            await server.cleanup()  # else kopf waits for connections that probes keep

        await shell(begin, finish, stop)
        for task in tasks:
            task.result()
