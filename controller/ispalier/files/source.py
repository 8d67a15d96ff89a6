"""Files as a source: every new revision becomes changes of the snapshot."""

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from ispalier.api.base import Resource
from ispalier.api.kinds import KINDS
from ispalier.core.conditions import with_status
from ispalier.core.engine import Outcome, SecretOut
from ispalier.environment import vault_address
from ispalier.files.folder import secrets_digest
from ispalier.files.good import Good
from ispalier.files.private import write_private
from ispalier.files.revision import Origin, Revision
from ispalier.loop.controller import Controller
from ispalier.loop.dirty import Change
from ispalier.loop.sight import Sight
from ispalier.world.commits import FileEdits
from ispalier.world.errors import Invalid, IspalierError, Unavailable
from ispalier.world.load import Loaded, load
from ispalier.world.root import NAME
from ispalier.world.snapshot import Broken, Ident
from ispalier.world.sops import Opener

log = structlog.get_logger()

MOST = 20
"""Faults of a revision that are told one by one."""


BREATH = 1.0
"""Seconds between two looks at least, however often somebody pokes: a forge counts them."""


@dataclass(slots=True)
class Files:
    """Looks for a new revision every so often, or when it is poked (loop.source.Source)."""

    controller: Controller
    origin: Origin
    secrets: Path
    interval: float
    opener: Opener = field(default_factory=lambda: Opener(vault_address()))
    sight: Sight = field(init=False)
    complete_once: asyncio.Event = field(default_factory=asyncio.Event)
    good: Good = field(default_factory=Good)
    revision: Revision | None = None
    """The one that counts."""
    refused: str = ""
    """Why the newest does not count, or could not be read."""
    wrong: int = 0
    """How many faults its files have."""
    _poked: asyncio.Event = field(default_factory=asyncio.Event)
    _digest: str = ""
    _looked: float = 0.0

    def __post_init__(self) -> None:
        self.sight = Sight(self.controller.engine.world)
        self.controller.engine.world.secrets_folder = str(self.secrets)

    def start(self) -> list[asyncio.Task[None]]:
        """Begin to look; the task goes on until it is cancelled."""
        return [asyncio.create_task(self._run())]

    def poke(self) -> None:
        """Look now: somebody says that there is something new."""
        self._poked.set()

    def unready(self) -> Iterator[str]:
        """Why no revision was read yet."""
        if not self.complete_once.is_set():
            yield self.refused or "the first revision is being read"

    def unhealthy(self) -> Iterable[str]:
        """The loop that looks ends only by an error, which ends everything."""
        return ()

    async def opened(self) -> None:
        """Secrets are read with the files."""

    async def refresh(self) -> None:
        """Secrets are read with the files."""

    def tell(self, outcome: Outcome) -> None:
        """Keep the statuses; what is not served is logged when it changes."""
        world = self.controller.engine.world
        for which, body in outcome.statuses.items():
            thing = world.find(which)
            if isinstance(thing, Resource):
                after = with_status(thing, body)
                world.put(after)
                _log_ready(which, thing, after)

    def warn(self, cause: str, reason: str) -> None:
        """The log tells it, and a metric."""

    async def hand_out(self, secrets: Sequence[SecretOut]) -> bool:
        """Write generated passwords into the folder of secrets; tells whether all are there."""
        world, is_whole = self.controller.engine.world, True
        for each in secrets:
            place = Path(each.namespace, each.name, each.key)
            try:
                await asyncio.to_thread(
                    write_private, self.secrets / place, f"{each.value.reveal()}\n"
                )
            except OSError as error:
                log.warning("secret not written", secret=str(place), reason=str(error))
                is_whole = False
                continue
            whose = (each.namespace, each.name)
            data = {**self.good.secrets.get(whose, {}), each.key: each.value}
            self.good = self.good.with_secret(whose, data)
            world.put_secret(*whose, data)
            log.info("secret written", secret=str(place))
        return is_whole

    def tell_orphans(self, namespace: str, now: datetime) -> None:
        """What belongs to no tenant is a fault of the files, and told as such."""

    def orphanages(self) -> Iterable[str]:
        """None: see `tell_orphans`."""
        return ()

    async def finish(self, seconds: float) -> None:
        """Nothing waits to be told."""

    async def _run(self) -> None:
        while True:
            self._poked.clear()
            try:
                await self._look()
            except IspalierError as error:
                self._refuse(str(error))
            await asyncio.sleep(BREATH)
            try:
                async with asyncio.timeout(self.interval * (0.9 + random.random() / 5)):  # noqa: S311 - jitter
                    await self._poked.wait()
            except TimeoutError:
                continue

    async def _look(self) -> None:
        await self._read(await self._latest())

    async def _latest(self) -> Revision:
        """The newest; at the start also the last that we have a copy of."""
        try:
            return await self.origin.latest()
        except Unavailable:
            last = None if self.complete_once.is_set() else await self.origin.last()
            if last is None:
                raise
            log.warning("the source does not answer, its last copy counts", told=last.told)
            return last

    async def _read(self, revision: Revision) -> None:
        digest = f"{revision.id} {await asyncio.to_thread(secrets_digest, self.secrets)}"
        if digest == self._digest:
            self._accept(revision)
            return
        loaded = await asyncio.to_thread(load, [revision.folder], self.secrets, self.opener)
        self._check(loaded, revision)
        self._digest = digest
        await self._take(loaded, revision)
        self._accept(revision)

    def _check(self, loaded: Loaded, revision: Revision) -> None:
        ours = self.controller.engine.identity.installation
        if loaded.root is None:
            raise Invalid(
                f"{revision.told}: there is no {NAME} that can be read, so this may not be the"
                " whole: nothing of it counts until there is"
            )
        if loaded.root.installation != ours:
            raise Invalid(
                f"{revision.told}: it is of installation {loaded.root.installation}, we are {ours}"
            )

    async def _take(self, loaded: Loaded, revision: Revision) -> None:
        """Make the snapshot what counts now."""
        world = self.controller.engine.world
        before, self.good = self.good, self.good.after(loaded, revision.folder, self.secrets)
        for kind in KINDS:
            is_complete = kind.__name__ in loaded.world.complete
            (self.sight.complete if is_complete else self.sight.incomplete)(kind.__name__)
        changed_secrets = {
            place
            for place in before.secrets.keys() | self.good.secrets.keys()
            if before.secrets.get(place) != self.good.secrets.get(place)
        }
        for place in changed_secrets:
            if place in self.good.secrets:
                world.put_secret(*place, self.good.secrets[place])
            else:
                world.remove_secret(*place)
        changes = [
            Change(which, there, _with_status_of(there, self.good.things.get(which)))
            for which in before.things.keys() | self.good.things.keys()
            if before.things.get(which) != self.good.things.get(which)
            for there in [world.find(which)]
        ]
        now = datetime.now(UTC)
        for which, _, after in changes:
            world.leave(which, now) if after is None else world.put(after)
        world.edits = FileEdits(loaded.origins)
        try:
            await self.controller.revised(changes, now)
        finally:
            for namespace in {namespace for namespace, _ in changed_secrets}:
                self.controller.secret_changed(namespace)
        self._report(loaded, revision, len(changes))

    def _report(self, loaded: Loaded, revision: Revision, changes: int) -> None:
        self.wrong = len(loaded.errors)
        for each in loaded.errors[:MOST]:
            log.warning("fault in a file", problem=str(each))
        as_they_were = sorted(self.good.faulty)
        more = {"faults": self.wrong, "as_they_were": as_they_were} if self.wrong else {}
        log.info("revision", told=revision.told, changes=changes, **more)

    def _accept(self, revision: Revision) -> None:
        if self.refused and self.revision is not None:
            log.info("source read again", told=revision.told)
        self.revision, self.refused = revision, ""
        self.complete_once.set()

    def _refuse(self, why: str) -> None:
        if why != self.refused:
            log.warning("no new revision, what counted counts on", reason=why)
        self.refused = why


def _log_ready(which: Ident, before: Resource, after: Resource) -> None:
    was, now = _ready(before), _ready(after)
    if was != now:
        status, reason, message = now
        is_usual = status == "True" and was[0] != "False"
        tell: Callable[..., object] = log.debug if is_usual else log.info
        tell(
            "served" if status == "True" else "not served",
            object=str(which),
            namespace=which.namespace,
            reason=reason,
            message=message,
        )


def _with_status_of(
    before: Resource | Broken | None, after: Resource | Broken | None
) -> Resource | Broken | None:
    """What is declared now, with what was told before; a new generation of it, so to speak."""
    if not (isinstance(before, Resource) and isinstance(after, Resource)):
        return after
    meta = after.metadata.model_copy(update={"generation": before.metadata.generation + 1})
    return after.model_copy(update={"metadata": meta, "status": before.status})


def _ready(thing: Resource | Broken) -> tuple[str, str, str]:
    found = () if isinstance(thing, Broken) else thing.status.conditions
    told = ((each.status, each.reason, each.message) for each in found if each.type == "Ready")
    return next(told, ("", "", ""))
