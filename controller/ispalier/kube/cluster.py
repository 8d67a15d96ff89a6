"""A cluster as a source: watched, and told by statuses and Secrets."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from ispalier.core.engine import Outcome, SecretOut
from ispalier.core.gather import Identity
from ispalier.core.lease import Lease
from ispalier.kube.acts import Acts
from ispalier.kube.cache import Cache
from ispalier.kube.client import ApiError, Client
from ispalier.kube.events import Events
from ispalier.kube.feed import Feed
from ispalier.kube.holder import stay_holder
from ispalier.kube.orphans import namespaces_with_orphans, told_of_orphans
from ispalier.kube.secret_objects import Needs, SecretObjects
from ispalier.kube.status import StatusWriter
from ispalier.kube.sync import Sync
from ispalier.loop.controller import Controller
from ispalier.loop.dirty import orphans_of
from ispalier.loop.sight import Sight
from ispalier.settings import Settings

log = structlog.get_logger()


@dataclass(slots=True)
class Cluster:
    """The parts that stand between the API server and the controller (loop.source.Source)."""

    client: Client
    feed: Feed
    sync: Sync
    writer: StatusWriter
    acts: Acts
    events: Events
    who: Identity
    lease: Lease
    list_interval: float

    @classmethod
    def of(
        cls, client: Client, controller: Controller, lease: Lease, settings: Settings
    ) -> "Cluster":
        """Put the parts together."""
        engine, metrics = controller.engine, controller.metrics
        spaces = secret_spaces(settings.secret_namespaces, engine.identity.controller_namespace)
        engine.world.secret_spaces = spaces
        interval = settings.list_interval
        cache = Cache(engine.world)
        secrets = SecretObjects(client, engine.world, controller.secret_changed)
        needs = Needs(engine.identity.controller_namespace)
        feed = Feed(controller, cache, secrets, needs, Sight(engine.world))
        count = metrics.statuses
        writer = StatusWriter(client, cache, lease, lambda kind: count.labels(kind).inc())
        acts, sync = Acts(controller, client, lease), Sync(feed, metrics, interval, spaces)
        events = Events(client, engine.identity.controller_namespace)
        return cls(client, feed, sync, writer, acts, events, engine.identity, lease, interval)

    @property
    def complete_once(self) -> asyncio.Event:
        """Set when every kind was seen completely for the first time."""
        return self.sync.complete_once

    def start(self) -> list[asyncio.Task[None]]:
        """Begin to list, to watch and to write; raises Conflict if another installation serves."""
        return [
            *self.sync.start(self.client),
            *self.acts.start(self.list_interval),
            asyncio.create_task(self.writer.run()),
            asyncio.create_task(stay_holder(self.client, self.who, self.lease.seconds)),
        ]

    def unready(self) -> Iterable[str]:
        """Which kinds were not seen yet."""
        return self.sync.unready()

    def unhealthy(self) -> Iterable[str]:
        """Which kinds gave no sign for too long."""
        return self.sync.unhealthy()

    async def opened(self) -> None:
        """Read the Secrets that are named; take Operations from now on."""
        await self.feed.read_new()
        self.acts.open.set()

    async def refresh(self) -> None:
        """Read Secrets that are not watched."""
        await self.feed.read_again()

    def tell(self, outcome: Outcome) -> None:
        """Write the statuses that differ."""
        self.writer.settle(outcome.customer, outcome.statuses)

    def warn(self, cause: str, reason: str) -> None:
        """Tell it as an Event."""
        self.events.warn(cause, reason)

    async def hand_out(self, secrets: Sequence[SecretOut]) -> bool:
        """Write Secrets; tells whether all of them are there. Raises Lost or Unavailable."""
        is_whole = True
        for out in secrets:
            self.lease.check(self.lease.call)
            try:
                await self.feed.secrets.write(out, self.lease.call)
            except ApiError as error:
                is_whole = False
                place = f"{out.namespace}/{out.name}"
                log.warning("secret not written", secret=place, reason=str(error))
        return is_whole

    def tell_orphans(self, namespace: str, now: datetime) -> None:
        """Write the statuses of what belongs to no tenant, and of what cannot be read."""
        bodies = told_of_orphans(self.feed.cache, namespace, now)
        self.writer.settle(orphans_of(namespace), bodies)

    def orphanages(self) -> Iterable[str]:
        """Namespaces with objects of which no pass tells."""
        return namespaces_with_orphans(self.feed.cache.world)

    async def finish(self, seconds: float) -> None:
        """Write the statuses that are still due."""
        await self.writer.finish(seconds)


def secret_spaces(named: Iterable[str], home: str) -> tuple[str, ...]:
    """Whose Secrets may be read, the controller's own among them; none means everybody's."""
    spaces = set(named)
    return tuple(sorted(spaces | {home})) if spaces else ()
