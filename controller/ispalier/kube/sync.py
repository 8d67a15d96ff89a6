"""Sync: which kinds are seen completely, and why not the others."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import structlog

from ispalier.api.kinds import KINDS
from ispalier.kube.client import FORBIDDEN, SILENCE, ApiError, Client, path_of
from ispalier.kube.feed import Feed
from ispalier.kube.listing import Collection, Listed
from ispalier.kube.secret_objects import SECRET, are_secrets_of_one, watched
from ispalier.kube.watching import Collected, Ears
from ispalier.loop.metrics import Metrics

log = structlog.get_logger()

TOO_LONG = 5 * SILENCE
"""Seconds without any sign of the API server after which something is wrong here."""


@dataclass(slots=True)
class Sync:
    """Keeps every kind in sight, and remembers how that goes."""

    feed: Feed
    metrics: Metrics
    interval: float
    secret_namespaces: Sequence[str] = ()
    """Whose Secrets may be read; none means everybody's."""
    complete_once: asyncio.Event = field(default_factory=asyncio.Event)
    _collections: tuple[Collection, ...] = field(init=False)
    _never: set[str] = field(init=False)
    _reasons: dict[str, str] = field(default_factory=dict)
    _sources: list[Collected] = field(default_factory=list)

    def __post_init__(self) -> None:
        kinds = (Collection(kind.__name__, path_of(kind)) for kind in KINDS)
        self._collections = (*kinds, *watched(self.secret_namespaces))
        self._never = {each.kind for each in self._collections}

    def start(self, client: Client) -> list[asyncio.Task[None]]:
        """Begin to list and watch; the tasks go on until they are cancelled."""
        ears = Ears(self.feed.heard, self._listed, self._complete, self._lost)
        self._sources = [Collected(client, each, ears, self.interval) for each in self._collections]
        for each in self._sources:
            self.metrics.losses.labels(each.what.kind)  # 0 is told, too
        return [asyncio.create_task(each.run()) for each in self._sources]

    def unready(self) -> Iterator[str]:
        """Why not everything was seen yet."""
        for kind in sorted(self._never):
            yield f"{kind} was never seen completely: {self._reasons.get(kind, 'being listed')}"

    def unhealthy(self) -> Iterator[str]:
        """What gave no sign for too long, though the API server does answer."""
        now = asyncio.get_running_loop().time()
        for source in self._sources:
            kind, silence = source.what.kind, now - source.heard_at
            if kind not in self._reasons and source.heard_at and silence > TOO_LONG:
                yield f"{kind} has been silent for {silence:.0f} s"

    def _listed(self, kind: str, result: Listed) -> None:
        self.metrics.lists.labels(_label(kind)).inc()
        self.feed.listed(kind, *result)
        self._complete(kind)
        self._no_longer_awaited(kind)

    def _complete(self, kind: str) -> None:
        self.feed.complete(kind)
        if self._reasons.pop(kind, None) is not None:
            log.info("seen completely again", kind=kind)

    def _lost(self, kind: str, error: ApiError) -> None:
        self.metrics.losses.labels(_label(kind)).inc()
        self.feed.incomplete(kind)
        if self._reasons.get(kind) != str(error):
            log.warning("not seen completely, nothing retires", kind=kind, reason=str(error))
        self._reasons[kind] = str(error)
        if error.status == FORBIDDEN and are_secrets_of_one(kind):
            # The namespace may be gone, and its Role with it: what names its Secrets waits alone.
            self._no_longer_awaited(kind)

    def _no_longer_awaited(self, kind: str) -> None:
        self._never.discard(kind)
        if not self._never:
            self.complete_once.set()


def _label(kind: str) -> str:
    """The kind as metrics tell it: never a customer's namespace."""
    return SECRET if are_secrets_of_one(kind) else kind
