"""Sync: which kinds are seen completely, since when, and why not."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import structlog

from ispalier.api.kinds import KINDS
from ispalier.kube.client import NOT_FOUND, ApiError, Client, path_of
from ispalier.kube.controller import Controller
from ispalier.kube.listing import Collection, Listed, Lister
from ispalier.kube.secret_objects import WATCHED

log = structlog.get_logger()

COLLECTIONS = (*(Collection(kind.__name__, path_of(kind)) for kind in KINDS), WATCHED)
TOO_LONG = 3
"""After so many intervals without a complete list something is wrong here, not there."""


@dataclass(slots=True)
class Sync:
    """Keeps every kind listed, and remembers how that goes."""

    controller: Controller
    interval: float
    found: Callable[[], None]
    """Called when a kind is there that was not."""
    complete_once: asyncio.Event = field(default_factory=asyncio.Event)
    _never: set[str] = field(default_factory=lambda: {each.kind for each in COLLECTIONS})
    _absent: set[str] = field(default_factory=set)
    _reasons: dict[str, str] = field(default_factory=dict)
    _listers: dict[str, Lister] = field(default_factory=dict)

    def start(self, client: Client) -> list[asyncio.Task[None]]:
        """Begin to list; the tasks go on until they are cancelled."""
        self._listers = {each.kind: self._lister(client, each) for each in COLLECTIONS}
        return [asyncio.create_task(each.run()) for each in self._listers.values()]

    def hurry(self) -> None:
        """List everything soon: the watches began again."""
        for lister in self._listers.values():
            lister.hurry()

    def unready(self) -> Iterator[str]:
        """Why not everything was seen yet."""
        for kind in sorted(self._never):
            yield f"{kind} was never seen completely: {self._reasons.get(kind, 'being listed')}"

    def unhealthy(self) -> Iterator[str]:
        """What has not been seen for too long."""
        now = asyncio.get_running_loop().time()
        for kind, lister in self._listers.items():
            at = lister.completed_at
            if at is not None and now - at > TOO_LONG * self.interval + 60:
                yield f"{kind} was last seen completely {now - at:.0f} s ago"

    def _lister(self, client: Client, what: Collection) -> Lister:
        controller = self.controller
        return Lister(
            client=client,
            what=what,
            see=lambda raw: controller.heard(what.kind, None, raw),
            complete=lambda result: self._complete(what.kind, result),
            incomplete=lambda error: self._incomplete(what.kind, error),
            interval=self.interval,
        )

    def _complete(self, kind: str, result: Listed) -> None:
        self.controller.metrics.lists.labels(kind, "complete").inc()
        self.controller.listed(kind, *result)
        if kind in self._absent:
            self._absent.discard(kind)
            self.found()
        if self._reasons.pop(kind, None) is not None:
            log.info("seen completely again", kind=kind)
        self._never.discard(kind)
        if not self._never:
            self.complete_once.set()

    def _incomplete(self, kind: str, error: ApiError) -> None:
        self.controller.metrics.lists.labels(kind, "incomplete").inc()
        self.controller.cache.incomplete(kind)
        if error.status == NOT_FOUND:
            self._absent.add(kind)
        if self._reasons.get(kind) != str(error):
            log.warning("not seen completely, nothing retires", kind=kind, reason=str(error))
        self._reasons[kind] = str(error)
