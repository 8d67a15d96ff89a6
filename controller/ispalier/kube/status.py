"""Statuses: one PATCH per changed status, none when nothing changed, the newest always wins."""

import asyncio
import heapq
import random
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from ispalier.api.base import Status
from ispalier.api.kinds import BY_NAME
from ispalier.core.conditions import StatusBody
from ispalier.kube.cache import Cache
from ispalier.kube.client import (
    CONFLICT,
    FORBIDDEN,
    MERGE_PATCH,
    NOT_FOUND,
    ApiError,
    Client,
    path_to,
)
from ispalier.kube.versions import Raw, Version
from ispalier.world.snapshot import Ident

log = structlog.get_logger()

PATIENCE = 0.5
"""Seconds that a status waits if it tells of something still to come: it may come meanwhile."""
PAUSE = 1.0
"""Seconds between two statuses about the same generation of an object."""
FIRST, LONGEST = 0.5, 30.0
"""Seconds between tries, doubled each time."""
SIDE_BY_SIDE = 32
MANY = 1000


@dataclass(slots=True)
class Told:
    """What was last written of an object: when, and of which generation."""

    at: float
    generation: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A status to be written, not before its time."""

    unit: str
    body: StatusBody
    due: float
    failures: int = 0


@dataclass(slots=True)
class Outbox:
    """Which statuses are still to be written, and when: pure, given the time."""

    _letters: dict[Ident, Letter] = field(default_factory=dict)
    _by_unit: dict[str, set[Ident]] = field(default_factory=dict)
    _order: list[tuple[float, Ident]] = field(default_factory=list)
    _told: dict[Ident, Told] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many wait."""
        return len(self._letters)

    def settle(self, unit: str, bodies: Mapping[Ident, StatusBody], now: float) -> None:
        """Put a unit's statuses in the place of all that still waits for it."""
        for which in self._by_unit.get(unit, set()) - bodies.keys():
            self._remove(which)
        for which, body in bodies.items():
            due, known = self._due(which, body, now), self._letters.get(which)
            self.put(which, Letter(unit, body, min(due, known.due) if known else due))

    def put(self, which: Ident, letter: Letter) -> None:
        """Keep a letter in the place of an older one about the same object."""
        self._remove(which)
        self._letters[which] = letter
        self._by_unit.setdefault(letter.unit, set()).add(which)
        self.again(which)

    def again(self, which: Ident) -> None:
        """Give a letter that `take` passed over its turn."""
        letter = self._letters.get(which)
        if letter is not None:
            heapq.heappush(self._order, (letter.due, which))

    def take(self, now: float, busy: Container[Ident]) -> tuple[Ident, Letter] | None:
        """The first letter that is due; those about busy objects are passed over until `again`."""
        while self._order and self._order[0][0] <= now:
            due, which = heapq.heappop(self._order)
            letter = self._letters.get(which)
            if letter is not None and letter.due == due and which not in busy:
                self._remove(which)
                return which, letter
        return None

    def next(self) -> float | None:
        """When to look again."""
        return self._order[0][0] if self._order else None

    def has(self, which: Ident) -> bool:
        """Whether a letter about an object waits."""
        return which in self._letters

    def told(self, which: Ident, body: StatusBody, now: float) -> None:
        """A status was written."""
        self._told[which] = Told(now, body["observedGeneration"])
        if len(self._told) > MANY:
            self._told = {each: told for each, told in self._told.items() if told.at + PAUSE > now}

    def _due(self, which: Ident, body: StatusBody, now: float) -> float:
        told = self._told.get(which)
        if any(each["type"] == "Reconciling" for each in body["conditions"]):
            return now + PATIENCE
        if told is not None and told.generation == body["observedGeneration"]:
            return max(now, told.at + PAUSE)
        return now

    def _remove(self, which: Ident) -> None:
        letter = self._letters.pop(which, None)
        if letter is not None:
            same = self._by_unit[letter.unit]
            same.discard(which)
            if not same:
                del self._by_unit[letter.unit]


@dataclass(slots=True)
class StatusWriter:
    """Writes what is in the outbox, so many side by side."""

    client: Client
    cache: Cache
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
            if version is not None:
                await self._patch(which, version, letter)
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
        if not (error.is_passing or error.status in (CONFLICT, FORBIDDEN)):
            log.error("status refused", object=str(which), reason=str(error))
            return
        if self.outbox.has(which):
            return
        pause = error.retry_after or min(FIRST * 2**letter.failures, LONGEST)
        due = _now() + pause * (0.75 + random.random() / 2)  # noqa: S311 - jitter
        self.outbox.put(which, replace(letter, due=due, failures=min(letter.failures + 1, 16)))
        log.debug("status not written", object=str(which), reason=str(error), again_in=pause)


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
