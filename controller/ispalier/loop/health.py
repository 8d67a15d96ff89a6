"""Health: /healthz, /readyz, /metrics and a webhook on one small HTTP server."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import Gauge

from ispalier.loop.metrics import Metrics
from ispalier.world.errors import Invalid

BEAT = 0.5
"""Seconds between two looks at the clock."""
TOO_LATE = 10.0
"""Seconds of lag from which on the event loop counts as stuck."""

Complaints = Callable[[], Iterable[str]]


@dataclass(slots=True)
class Health:
    """Answers probes; a complaint is one line of text, none means well."""

    metrics: Metrics
    unready: Complaints
    unhealthy: Complaints
    poke: Callable[[], None] | None = None
    """Called when a webhook says that there is something new."""
    _lag: float = 0.0

    def __post_init__(self) -> None:
        """Show in the metrics, too, what the probes are told."""
        ready = Gauge("ispalier_ready", "1 if /readyz says ok.", registry=self.metrics.registry)
        ready.set_function(lambda: not any(True for _ in self.unready()))

    async def beat(self) -> None:
        """Measure for ever how late the event loop runs."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + BEAT
            await asyncio.sleep(BEAT)
            self._lag = max(0.0, loop.time() - due)
            self.metrics.lag.set(self._lag)

    async def serve(self, listen: str) -> web.AppRunner:
        """Start to listen; the caller ends it with `cleanup`."""
        host, _, port = listen.rpartition(":")
        if not port.isdecimal():
            raise Invalid(f"'{listen}' is no address to listen on: write HOST:PORT")
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        if self.poke is not None:
            app.router.add_post("/poke", self._poke)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, host.strip("[]") or None, int(port)).start()
        except OSError as error:
            await runner.cleanup()
            raise Invalid(f"cannot listen on {listen}: {error.strerror or error}") from error
        return runner

    async def _healthz(self, _: web.Request) -> web.Response:
        late = [f"the event loop runs {self._lag:.1f} s late"] if self._lag > TOO_LATE else []
        return _answer([*late, *self.unhealthy()])

    async def _readyz(self, _: web.Request) -> web.Response:
        return _answer(self.unready())

    async def _poke(self, _: web.Request) -> web.Response:
        """Whatever it says is not read: it only makes us look."""
        if self.poke is not None:
            self.poke()
        return web.Response(status=202, text="ok\n")

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(
            body=self.metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"}
        )


def _answer(complaints: Iterable[str]) -> web.Response:
    lines = list(complaints)
    return web.Response(status=503 if lines else 200, text="\n".join(lines or ["ok"]) + "\n")
