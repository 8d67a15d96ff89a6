"""Run: the whole controller on files, from the first revision to the end of the last pass."""

import asyncio
import signal
from contextlib import AsyncExitStack

from ispalier.core.engine import Engine
from ispalier.files.metrics import show
from ispalier.files.revision import Origin
from ispalier.files.source import Files
from ispalier.journal.writer import Writer
from ispalier.loop.controller import Controller
from ispalier.loop.health import Health
from ispalier.loop.metrics import Metrics
from ispalier.loop.serving import Serving
from ispalier.settings import Settings


async def run(
    settings: Settings, engine: Engine, origin: Origin, writer: Writer, stop: asyncio.Event
) -> None:
    """Serve files until SIGTERM, SIGINT or `stop`; then finish work in hand. Raises Lost.

    SIGHUP looks for a new revision, as a POST to /poke does. The engine's snapshot is filled
    here, and its back ends are closed at the end.
    """
    metrics = Metrics()
    async with AsyncExitStack() as end:
        end.push_async_callback(engine.close)
        controller = Controller(engine, metrics)
        metrics.show(engine, controller.queue.line)
        files = Files(controller, origin, settings.secrets_folder, settings.source_interval)
        show(files, metrics.registry)
        serving = Serving(settings, controller, files, writer)
        health = Health(metrics, serving.unready, files.unhealthy, files.poke)
        server = await health.serve(settings.listen)
        end.push_async_callback(server.cleanup)
        loop = asyncio.get_running_loop()
        handlers = {signal.SIGTERM: stop.set, signal.SIGINT: stop.set, signal.SIGHUP: files.poke}
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
            end.callback(loop.remove_signal_handler, number)
        task = asyncio.create_task(serving.serve(health))
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        serving.ending.set()
        await task
        waiting.cancel()
