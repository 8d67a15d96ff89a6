"""Operations: acts that somebody asked for, each carried out once and remembered for ever.

What is done today is done in the journal itself, so an act and the record of it are one
transaction: either both are there or none, and nothing is ever unknown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Engine, RowMapping, and_, insert, select
from sqlalchemy.exc import IntegrityError

from ispalier.api.acts import Approve, OperationSpec, Purge, Release, Restore
from ispalier.core.acts import DEADLINE, Ended, Record, Request
from ispalier.core.items import Owner
from ispalier.core.limits import Limits
from ispalier.core.retention import Retention
from ispalier.journal.database import told
from ispalier.journal.dirty import mark
from ispalier.journal.history import Act, tell
from ispalier.journal.holds import Held, holds, release
from ispalier.journal.missing import Missing, missing, purge
from ispalier.journal.pending import approve
from ispalier.journal.tables import OPERATION, TOMBSTONE
from ispalier.world.errors import Invalid


class NotPossible(Exception):
    """The act cannot be done, with the reason."""


class _Effect(NamedTuple):
    """What an act did: in one line, and until when it lasts."""

    result: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Operations:
    """The acts of a journal; `limits` are those of the brakes."""

    engine: Engine
    limits: Limits
    retention: Retention

    def carry_out(self, request: Request, now: datetime) -> Record:
        """Do what is asked for, or return what came of it when it was asked for first."""
        try:
            return self._carried_out(request, now)
        except IntegrityError:  # somebody else was faster: nothing of ours was kept
            return self._carried_out(request, now)

    def _carried_out(self, request: Request, now: datetime) -> Record:
        with told(), self.engine.begin() as connection:
            known = _known(connection, request)
            if known is not None:
                return known
            if now - request.asked > DEADLINE:
                result = f"not done: it was asked for more than {DEADLINE} ago; ask again"
                return _recorded(connection, request, Record(Ended.EXPIRED, result, now))
            try:
                effect = self._done(connection, request.spec, now)
            except NotPossible as error:
                return _recorded(connection, request, Record(Ended.FAILED, str(error), now))
            record = Record(Ended.DONE, effect.result, now)
            return _recorded(connection, request, record, effect.until)

    def _done(self, connection: Connection, spec: OperationSpec, now: datetime) -> _Effect:
        said = f"{spec.requested_by}{': ' * bool(spec.why)}{spec.why}"
        match spec.act:
            case Release() as act:
                return _released(connection, act, said, now)
            case Purge() as act:
                return _purged(connection, act, said, self.retention, now)
            case Restore() as act:
                return _restored(connection, act, said, now)
            case Approve() as act:
                try:
                    found = approve(connection, act.digest, said, self.limits, now)
                except Invalid as error:
                    raise NotPossible(f"not done: {error}") from error
                count = len(found.resources)
                return _Effect(f"{count} resource{'s' * (count > 1)} may go: {found.cause}")


def restored(engine: Engine, installation: str, now: datetime) -> Mapping[Owner, str]:
    """What is gone and served all the same for now: as it was last declared, as JSON."""
    query = select(OPERATION.c.spec).where(
        OPERATION.c.act == Restore.__name__,
        OPERATION.c.state == Ended.DONE.value,
        OPERATION.c.until > now,
    )
    found: dict[Owner, str] = {}
    with told(), engine.connect() as connection:
        reading = connection.execution_options(writes=False)
        for text in reading.scalars(query).all():
            wanted = OperationSpec.model_validate_json(text).restore
            if wanted is not None:
                for row in _tombstones(reading, wanted):
                    owner = Owner(
                        installation, row["customer"], row["owner_kind"], row["owner_name"]
                    )
                    found[owner] = row["body"]
    return found


def _known(connection: Connection, request: Request) -> Record | None:
    """What came of an act of this name; that it was another one is no reason to do two."""
    row = connection.execute(
        select(OPERATION).where(
            OPERATION.c.namespace == request.namespace, OPERATION.c.name == request.name
        )
    ).one_or_none()
    if row is None:
        return None
    if row.spec != _text(request.spec):
        result = f"not done: {row.act} was asked for under this name before: take another name"
        return Record(Ended.FAILED, result, row.at)
    return Record(Ended(row.state), row.result, row.at)


def _recorded(
    connection: Connection, request: Request, record: Record, until: datetime | None = None
) -> Record:
    connection.execute(
        insert(OPERATION).values(
            namespace=request.namespace,
            name=request.name,
            act=type(request.spec.act).__name__,
            spec=_text(request.spec),
            requested_by=request.spec.requested_by,
            why=request.spec.why,
            asked=request.asked,
            state=record.state.value,
            result=record.result,
            at=record.at,
            until=until,
        )
    )
    return record


def _purged(
    connection: Connection, act: Purge, said: str, retention: Retention, now: datetime
) -> _Effect:
    found = [each for each in missing(connection) if _is_meant(each, act)]
    if not found:
        raise NotPossible(f"not done: {act.kind}/{act.name} is not gone: see `ispalier retired`")
    (which,) = found
    if which.retired is None:
        raise NotPossible(f"not done: {which} is not switched off yet")
    purge(connection, found, said, now)
    return _Effect(f"{which} is deleted {which._replace(purge=said).when(retention, now)}")


def _released(connection: Connection, act: Release, said: str, now: datetime) -> _Effect:
    subject = (act.kind, act.name)
    every = holds(connection, [act.customer]).get(act.customer, ())
    found = [each for each in every if (each.kind, each.name) == subject]
    mine = [Held(act.customer, each) for each in found if each.source == act.source]
    if not mine:
        raise NotPossible(
            f"not done: {act.kind}/{act.name} is not held by source {act.source}:"
            " see `ispalier holds`"
        )
    count = release(connection, mine, said, now)
    others = sorted({each.source for each in found} - {act.source})
    still = f"; it is still held by {', '.join(others)}" if others else ""
    return _Effect(f"{count} hold{'s' * (count != 1)} released on {act.kind}/{act.name}{still}")


def _restored(connection: Connection, act: Restore, said: str, now: datetime) -> _Effect:
    gone = {(each.customer, each.kind, each.name) for each in missing(connection)}
    known = (
        (row["customer"], row["owner_kind"], row["owner_name"])
        for row in _tombstones(connection, act)
    )
    which = [each for each in known if each in gone]
    if not which:
        what = f"{act.kind}/{act.name}" if act.kind else f"customer {act.customer}"
        raise NotPossible(f"not done: nothing of {what} is gone: see `ispalier retired`")
    mark(connection, [act.customer])
    tell(connection, Act("restore", said, now), which)
    until = now + timedelta(hours=act.hours)
    return _Effect(f"what is gone is served until {until:%Y-%m-%dT%H:%M:%SZ}", until)


def _is_meant(each: Missing, act: Purge) -> bool:
    return (each.customer, each.kind, each.name) == (act.customer, act.kind, act.name)


def _tombstones(connection: Connection, act: Restore) -> Sequence[RowMapping]:
    one = and_(TOMBSTONE.c.owner_kind == act.kind, TOMBSTONE.c.owner_name == act.name)
    where = [TOMBSTONE.c.customer == act.customer, *([one] if act.kind else [])]
    return connection.execute(select(TOMBSTONE).where(*where)).mappings().all()


def _text(spec: OperationSpec) -> str:
    return spec.model_dump_json(by_alias=True, exclude_none=True)
