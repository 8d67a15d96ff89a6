"""Statuses: one PATCH per changed status, none when nothing changed, the newest always wins."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from ispalier.api.base import Status
from ispalier.api.kinds import BY_NAME
from ispalier.core.conditions import StatusBody
from ispalier.core.lease import Lease
from ispalier.kube.cache import Cache
from ispalier.kube.client import (
    CONFLICT,
    MERGE_PATCH,
    NOT_FOUND,
    TOO_MANY,
    ApiError,
    Client,
    path_to,
)
from ispalier.kube.outbox import Letter, Outbox
from ispalier.kube.versions import Raw, Version
from ispalier.world.snapshot import Ident

log = structlog.get_logger()

FIRST, LONGEST = 0.5, 30.0
"""Seconds between tries, doubled each time."""
SIDE_BY_SIDE = 16
"""Each of them needs a connection, and each of those a quarter of a megabyte."""
REFUSED = (400, 413, 415, 422)
"""The body is at fault, and the same body is refused again."""


@dataclass(slots=True)
class StatusWriter:
    """Writes what is in the outbox, so many side by side."""

    client: Client
    cache: Cache
    lease: Lease
    wrote: Callable[[str], None]
    """Called with the kind of every object whose status was written."""
    outbox: Outbox = field(default_factory=Outbox)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _writing: dict[Ident, asyncio.Task[None]] = field(default_factory=dict)

    def settle(self, unit: str, bodies: Mapping[Ident, StatusBody]) -> None:
        """From now on these are the statuses that a unit has to tell."""
        self.outbox.settle(unit, bodies, _now())
        self._news.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            self._news.clear()
            while len(self._writing) < SIDE_BY_SIDE:
                taken = self.outbox.take(_now(), self._writing)
                if taken is None:
                    break
                self._writing[taken[0]] = asyncio.create_task(self._write(*taken))
            following = self.outbox.next() if len(self._writing) < SIDE_BY_SIDE else None
            try:
                async with asyncio.timeout_at(following):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def finish(self, seconds: float) -> None:
        """Write what is left, for so long at most."""
        end = _now() + seconds
        while (self.outbox or self._writing) and _now() < end:
            self._news.set()
            await asyncio.sleep(0.02)
        for task in self._writing.values():
            task.cancel()

    async def _write(self, which: Ident, letter: Letter) -> None:
        version = self.cache.version_of(which)
        try:
            if version is not None and self.lease.left > self.lease.call:
                await self._patch(which, version, letter)
            elif version is not None:
                self._failed(which, version, letter, ApiError(0, "our lease is about to end"))
        finally:
            del self._writing[which]
            self.outbox.again(which)
            self._news.set()

    async def _patch(self, which: Ident, version: Version, letter: Letter) -> None:
        self.cache.telling(which, letter.body)
        raw: Raw | None = None
        try:
            raw = await self.client.request(
                "PATCH",
                f"{path_to(BY_NAME[which.kind], which)}/status",
                body=merge_patch(which.kind, version.uid, letter.body),
                content=MERGE_PATCH,
                seconds=self.lease.call,
            )
        except ApiError as error:
            self._failed(which, version, letter, error)
        else:
            self.outbox.told(which, letter.body, _now())
            self.wrote(which.kind)
        finally:
            self.cache.told(which, raw)

    def _failed(self, which: Ident, version: Version, letter: Letter, error: ApiError) -> None:
        """Try again later, unless the object is gone or another one, or no try would help."""
        now_there = self.cache.version_of(which)
        if error.status == NOT_FOUND or now_there is None or now_there.uid != version.uid:
            return
        if error.status in REFUSED:
            log.error("status refused", object=str(which), reason=str(error))
            return
        if self.outbox.has(which):
            return
        pause = error.retry_after or min(FIRST * 2**letter.failures, LONGEST)
        due = _now() + pause * (0.75 + random.random() / 2)  # noqa: S311 - jitter
        self.outbox.put(which, replace(letter, due=due, failures=min(letter.failures + 1, 16)))
        tell = log.debug if letter.failures or error.status in (CONFLICT, TOO_MANY) else log.warning
        tell("status not written, tried again", object=str(which), reason=str(error))


def merge_patch(kind: str, uid: str, body: StatusBody) -> dict[str, Any]:
    """The patch for this very object: what the status no longer says is null (RFC 7396)."""
    model = BY_NAME[kind].model_fields["status"].annotation
    names = (
        [field.alias or name for name, field in model.model_fields.items()]
        if isinstance(model, type) and issubclass(model, Status)
        else []
    )
    nulls = {name: None for name in names if name not in body}
    return {"metadata": {"uid": uid}, "status": {**nulls, **body}}


def _now() -> float:
    return asyncio.get_running_loop().time()
