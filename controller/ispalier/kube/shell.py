"""The shell: kopf starts up, logs in and watches; every event it hears goes to the cache.

Its pipeline is otherwise left empty: nothing is written to users' objects, nothing is diffed,
no daemons, no timers, no indexes. What its watches may miss (deletions while a watch was broken,
kinds that were not there yet) the lists heal.
"""

import asyncio
import logging
import random
import signal
import threading
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import kopf
import structlog

from ispalier.api.base import GROUP, VERSION
from ispalier.api.kinds import KINDS
from ispalier.kube.client import Access, authorization, sleep_until
from ispalier.kube.secret_objects import WATCHED
from ispalier.kube.versions import Raw

log = structlog.get_logger()

Heard = Callable[[str, str | None, Raw], None]
"""Called with kind, type of event (None while kopf lists) and object."""

SHORTEST, LONGEST = 0.5, 30.0
"""Seconds before kopf is started again after it gave up."""


class _Patiently:
    """Pauses for ever: a kind that is refused, or a server that is away, is asked again."""

    def __iter__(self) -> Iterator[float]:
        pause = SHORTEST
        while True:
            yield pause * (0.75 + random.random() / 2)  # noqa: S311 - jitter
            pause = min(pause * 2, LONGEST)


class _NoDiffBase(kopf.DiffBaseStorage):
    """Remembers nothing of what an object was like: the cache does."""

    def build(self, **_: Any) -> kopf.BodyEssence:  # noqa: ANN401 - kopf's signature
        return kopf.BodyEssence({})

    def fetch(self, **_: Any) -> kopf.BodyEssence | None:  # noqa: ANN401 - kopf's signature
        return None

    def store(self, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        return


class _NoProgress(kopf.ProgressStorage):
    """Remembers no progress of handlers: there are none that retry."""

    def fetch(self, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        return None

    def store(self, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        return

    def purge(self, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        return

    def touch(self, **_: Any) -> None:  # noqa: ANN401 - kopf's signature
        return

    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        return essence


@dataclass(slots=True)
class Shell:
    """kopf, started again whenever it gives up or there is a new kind to watch."""

    access: Access
    heard: Heard
    stop: asyncio.Event
    """Set by SIGTERM and SIGINT."""
    again: Callable[[], None] = lambda: None
    """Called whenever the watches begin again: what happened meanwhile is not heard."""
    _renew: asyncio.Event | None = None

    def renew(self) -> None:
        """Look again which kinds there are."""
        if self._renew is not None:
            self._renew.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        pauses = iter(_Patiently())
        while not self.stop.is_set():
            self._renew = asyncio.Event()
            tasks = await kopf.spawn_tasks(
                registry=self._registry(), settings=_settings(), standalone=True, clusterwide=True
            )
            self._take_signals()
            try:
                await self._watch(tasks, self._renew)
            finally:
                await _end(tasks)
            if self._renew.is_set():
                pauses = iter(_Patiently())
            else:
                await sleep_until(self.stop, next(pauses))
            self.again()

    async def _watch(self, tasks: Collection[asyncio.Task[None]], renew: asyncio.Event) -> None:
        news = asyncio.create_task(renew.wait())
        ended, _ = await asyncio.wait({*tasks, news}, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        for task in ended - {news}:
            error = None if task.cancelled() else task.exception()
            log.warning("watching ended, begins again", task=task.get_name(), reason=repr(error))

    def _take_signals(self) -> None:
        """Take back the signals from kopf, which would end at once: work in hand is finished."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self.stop.set)

    def _registry(self) -> kopf.OperatorRegistry:
        registry = kopf.OperatorRegistry()
        kopf.on.login(registry=registry)(self._login)
        for kind in KINDS:
            hears = self._hears(kind.__name__)
            kopf.on.event(GROUP, VERSION, kind.plural, id=kind.plural, registry=registry)(hears)
        hears = self._hears(WATCHED.kind)
        kopf.on.event("", "v1", "secrets", id="secrets", registry=registry)(hears)
        return registry

    def _hears(self, kind: str) -> Callable[..., Awaitable[None]]:
        async def on_event(*, type: Any, event: kopf.RawEvent, **_: Any) -> None:  # noqa: A002, ANN401 - kopf's signature
            self.heard(kind, type, event["object"])

        return on_event

    async def _login(self, **_: Any) -> kopf.ConnectionInfo:  # noqa: ANN401 - kopf's signature
        loaded = await self.access.load()
        header = (await authorization(loaded)).get("Authorization", "")
        scheme, token = header.split(" ", 1) if " " in header else (None, header)
        return kopf.ConnectionInfo(
            server=loaded.host,
            ca_path=loaded.ssl_ca_cert,
            ca_data=loaded.ca_cert_data,
            insecure=not loaded.verify_ssl,
            scheme=scheme,
            token=token or None,
            certificate_path=loaded.cert_file,
            private_key_path=loaded.key_file,
            proxy_url=loaded.proxy,
        )


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.persistence.diffbase_storage = _NoDiffBase()
    settings.persistence.progress_storage = _NoProgress()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.process.ultimate_exiting_timeout = None
    settings.queueing.idle_timeout = 0.1  # measured: a worker's slot and memory are held as long
    settings.queueing.exit_timeout = 1.0
    settings.watching.server_timeout = 300
    settings.watching.connect_timeout = 5
    settings.watching.reconnect_backoff = 0.1
    settings.watching.label_selectors["", "v1", "secrets"] = WATCHED.label
    settings.networking.connect_timeout = 5
    settings.networking.request_timeout = 60
    settings.networking.error_backoffs = _Patiently()
    settings.networking.enforce_retry_after = True
    logging.getLogger("kopf").setLevel(logging.CRITICAL)  # what it reports, the lists report too
    return settings


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
