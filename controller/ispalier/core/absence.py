"""Absence: what becomes of owners that are no longer declared. It never destroys at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from ispalier.core.items import Owner
from ispalier.core.memory import Absence, Memory
from ispalier.world.state import State

TENANT = "Tenant"


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is gone is waited for, and how long what was retired is kept."""

    retire_after: timedelta = timedelta(minutes=10)
    retire_tenant_after: timedelta = timedelta(hours=24)
    keep: timedelta = timedelta(days=30)
    keep_kind: Mapping[str, timedelta] = field(default_factory=dict)

    def terms(self, again: Mapping[str, datetime], *, tenant_is_gone: bool) -> "Terms":
        """The terms for a unit: a whole tenant is waited for longer."""
        hold = self.retire_tenant_after if tenant_is_gone else self.retire_after
        return Terms(hold, self, again, tenant_is_gone=tenant_is_gone)

    def of(self, kind: str) -> timedelta:
        """How long what a resource of this kind held is kept after it was retired."""
        return self.keep_kind.get(kind, self.keep)


class Terms(NamedTuple):
    """How long this unit's absent owners are waited for, and kept.

    `again` tells of kinds that could not be seen for a while since when they are seen completely
    again: only from then on is an absence counted.
    """

    hold: timedelta
    retention: Retention
    again: Mapping[str, datetime]
    tenant_is_gone: bool = False

    def due(self, record: Absence) -> datetime:
        """When an absence has its effect."""
        return max(record.since, self.again.get(record.owner.kind, record.since)) + self.hold


class Fates(NamedTuple):
    """What becomes of absent owners, what to remember of it, and when to look again.

    `fates`: RETIRED, or None for "its retention is over, delete"; owners still waited for are not
    in it. `expired` are the owners to forget once their items are gone.
    """

    fates: Mapping[Owner, State | None]
    absent: tuple[Absence, ...]
    returned: tuple[Owner, ...]
    expired: tuple[Owner, ...]
    wake: datetime | None


def is_waited_for(owner: Owner, memory: Memory, now: datetime, terms: Terms) -> bool:
    """Whether somebody who is not declared still counts: their hold time is not over."""
    record = memory.absences.get(owner)
    return record is None or (record.retired is None and now < terms.due(record))


def fates(
    known: set[Owner], present: set[Owner], memory: Memory, now: datetime, terms: Terms
) -> Fates:
    """Decide for every known owner that is not present.

    An owner is waited for from when it was first missed, then retired, then kept for its
    retention, then deleted. When a tenant comes back, what is still missing of it may follow, and
    is waited for anew. The Tenant itself is only noted: a customer number is for ever. `known`
    must hold only owners whose kind was seen completely.
    """
    decided: dict[Owner, State | None] = {}
    absent: list[Absence] = []
    expired: list[Owner] = []
    wakes: list[datetime] = []
    tenants = {owner for owner in memory.absences if owner.kind == TENANT}
    came_back = set() if terms.tenant_is_gone else tenants
    for owner in sorted(known - present):
        record = memory.absences.get(owner)
        if record is None or (came_back and record.retired is None):
            record = Absence(owner, now, None)
        if owner.kind == TENANT:
            if owner not in tenants and terms.tenant_is_gone:
                absent.append(record)
            continue
        due = terms.due(record)
        if record.retired is None and now >= due:
            record = record._replace(retired=now)
        if record != memory.absences.get(owner):
            absent.append(record)
        if record.retired is None:
            wakes.append(due)
        elif now < record.retired + terms.retention.of(owner.kind):
            decided[owner] = State.RETIRED
            wakes.append(record.retired + terms.retention.of(owner.kind))
        else:
            decided[owner] = None
            expired.append(owner)
    returned = (memory.absences.keys() & present) | came_back
    return Fates(
        decided, tuple(absent), tuple(sorted(returned)), tuple(expired), min(wakes, default=None)
    )
