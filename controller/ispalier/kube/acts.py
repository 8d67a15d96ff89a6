"""Acts: an Operation that somebody creates is carried out once, and told what came of it."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from ispalier.api.acts import Operation
from ispalier.core.acts import Ended, Record, Request
from ispalier.core.conditions import Answer, StatusBody, is_told, status
from ispalier.core.lease import Lease
from ispalier.kube.client import (
    CONFLICT,
    MERGE_PATCH,
    NOT_FOUND,
    ApiError,
    Client,
    path_of,
    path_to,
)
from ispalier.kube.listing import Collection, Listed
from ispalier.kube.parse import parsed
from ispalier.kube.versions import Raw
from ispalier.kube.watching import Collected, Ears
from ispalier.loop.controller import Controller
from ispalier.world.errors import IspalierError
from ispalier.world.snapshot import Ident, ident

log = structlog.get_logger()

OPERATIONS = Collection(Operation.__name__, path_of(Operation))
AGAIN = 5.0
"""Seconds until what could not be done or told is tried again."""


@dataclass(slots=True)
class Acts:
    """Takes Operations from the API server, one after the other."""

    controller: Controller
    client: Client
    lease: Lease
    open: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it is up to us to act."""
    _new: asyncio.Queue[Operation] = field(default_factory=asyncio.Queue)
    _told: set[str] = field(default_factory=set)
    """By uid, those of which everything is told."""

    def start(self, interval: float) -> list[asyncio.Task[None]]:
        """Begin to watch and to act, until cancelled."""
        ears = Ears(self._heard, self._listed, self._following, self._lost)
        source = Collected(self.client, OPERATIONS, ears, interval)
        return [asyncio.create_task(self._watch(source)), asyncio.create_task(self._act())]

    def _heard(self, kind: str, event: str | None, raw: Raw) -> None:  # noqa: ARG002 - see Ears
        uid = raw["metadata"]["uid"]
        if event == "DELETED":
            self._told.discard(uid)
            return
        thing = parsed(Operation, raw)
        if isinstance(thing, Operation) and uid not in self._told:
            self._new.put_nowait(thing)

    def _listed(self, kind: str, result: Listed) -> None:
        """Nothing follows from what is not there."""

    def _following(self, kind: str) -> None:
        """Nothing follows from having missed nothing."""

    def _lost(self, kind: str, error: ApiError) -> None:
        log.debug("operations not seen", kind=kind, reason=str(error))

    async def _watch(self, source: Collected) -> None:
        await self.open.wait()
        await source.run()

    async def _act(self) -> None:
        while True:
            operation = await self._new.get()
            if operation.metadata.uid in self._told:
                continue
            try:
                await self._one(operation)
            except (IspalierError, ApiError) as error:
                log.warning("operation not done yet", name=str(ident(operation)), reason=str(error))
                asyncio.get_running_loop().call_later(AGAIN, self._new.put_nowait, operation)

    async def _one(self, operation: Operation) -> None:
        now = datetime.now(UTC)
        self.lease.check(self.lease.call)
        refusal = self._refusal(operation)
        if refusal is not None:
            record = Record(Ended.FAILED, refusal, now)
        else:
            request = Request(
                operation.namespace,
                operation.name,
                operation.spec,
                operation.metadata.creation_timestamp or now,
            )
            engine = self.controller.engine
            terms = (engine.limits, engine.retention)
            record = await asyncio.to_thread(engine.journal.carry_out, request, *terms, now)
        body = told(operation, record)
        if not is_told(operation, body):
            await self._tell(ident(operation), operation.metadata.uid, body)
            log.info(
                "operation",
                name=operation.name,
                namespace=operation.namespace,
                requested_by=operation.spec.requested_by,
                state=record.state.value,
                result=record.result,
            )
        self._told.add(operation.metadata.uid)

    def _refusal(self, operation: Operation) -> str | None:
        """Why it may not be asked for here: whoever may write in a namespace speaks for it alone."""
        ours = self.controller.engine.identity.controller_namespace
        if operation.namespace == ours:
            return None
        customer = getattr(operation.spec.act, "customer", None)
        if customer is None or self.controller.homes.get(customer) != operation.namespace:
            return f"not done: this may be asked for in namespace '{ours}' only"
        return None

    async def _tell(self, which: Ident, uid: str, body: StatusBody) -> None:
        patch = {"metadata": {"uid": uid}, "status": body}
        path = f"{path_to(Operation, which)}/status"
        try:
            await self.client.request(
                "PATCH", path, body=patch, content=MERGE_PATCH, seconds=self.lease.call
            )
        except ApiError as error:
            if error.status not in (NOT_FOUND, CONFLICT):  # it is gone, or another of that name
                raise


def told(operation: Operation, record: Record) -> StatusBody:
    """The status: Ready once it is done, Stalled if it never will be."""
    reason = record.state.value
    if record.state is Ended.DONE:
        answers = [Answer("Ready", true=True, reason=reason)]
    else:
        answers = [
            Answer("Ready", true=False, reason=reason, message=record.result),
            Answer("Stalled", true=True, reason=reason, message=record.result),
        ]
    extra = {"result": record.result, "doneAt": f"{record.at:%Y-%m-%dT%H:%M:%SZ}"}
    return status(operation, answers, extra, record.at)
