"""Absence: what becomes of owners that are no longer declared. It never destroys at once."""

from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from ispalier.core.items import Owner
from ispalier.core.memory import Absence, Memory
from ispalier.core.retention import Retention
from ispalier.world.snapshot import NUMBER, Ident
from ispalier.world.state import State

TENANT = "Tenant"
SOON = timedelta(seconds=1)
"""Nobody is retired in the pass in which they are first missed: all who are gone are noted first."""
LOOK_AGAIN = timedelta(minutes=5)
"""How often one who is held back is looked at: a person may have approved it."""


class Terms(NamedTuple):
    """How long this unit's absent owners are waited for, and kept.

    `again` tells of kinds that could not be seen for a while since when they are seen completely
    again: only from then on is an absence counted. Of the kinds in `held` too many are missing.
    While nobody `is_confirmed` to stand by the view, nothing has any effect; from when somebody
    `confirmed` it, absences are counted anew. What `left` the namespace `space` is waited for from
    then on, even if no pass saw that it had been there again; and so is all of a Tenant that did.
    """

    hold: timedelta
    retention: Retention
    again: Mapping[str, datetime]
    tenant_is_gone: bool = False
    is_returning: bool = False
    """Whether the Tenant came back in the midst of the pass: then nothing has its effect in it."""
    held: Container[str] = ()
    is_confirmed: bool = True
    confirmed: datetime | None = None
    left: Mapping[Ident, datetime] = MappingProxyType({})
    space: str = ""

    def is_due(self, record: Absence, now: datetime) -> bool:
        """Whether an absence has its effect now."""
        is_free = bool(record.approved) or record.owner.kind not in self.held
        return self.may_act and is_free and now >= self.due(record)

    @property
    def may_act(self) -> bool:
        """Whether anything absent may have an effect in this pass."""
        return self.is_confirmed and not self.is_returning

    def due(self, record: Absence) -> datetime:
        """When an absence has its effect."""
        owner, since = record.owner, record.since
        again = self.again.get(owner.kind, since)
        left = self.left.get(Ident(owner.kind, self.space, owner.name), since)
        whole = (Ident(TENANT, self.space, ""), Ident(NUMBER, "", owner.customer))
        went = [self.left.get(each, since) for each in whole if self.tenant_is_gone]
        return max(since, again, left, *went, self.confirmed or since) + self.hold


class Look(NamedTuple):
    """When hosts were looked at, and who was served there: not switched off, at any rate."""

    now: datetime
    serving: Container[Owner] = ()


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
    if record is None or record.retired is not None:
        return record is None
    return not terms.is_due(record, now) or bool(came_back(memory, terms))


def came_back(memory: Memory, terms: Terms) -> set[Owner]:
    """The Tenants that were noted as gone, if the tenant is there again."""
    tenants = {owner for owner in memory.absences if owner.kind == TENANT}
    return set() if terms.tenant_is_gone else tenants


def fates(
    known: set[Owner], present: set[Owner], memory: Memory, terms: Terms, seen: Look
) -> Fates:
    """Decide for every known owner that is not present.

    An owner is waited for from when it was first missed, then retired, then kept for its
    retention (or until a person purges it), then deleted. Whoever is served somewhere all the same,
    as a host was away, is retired first, and kept from then on. When a tenant comes back, what is
    still missing of it may follow, and is waited for anew; so the pass that ends its absence is one
    that saw it from the beginning. The Tenant itself is only noted: a customer number is for ever.
    `known` must hold only owners whose kind was seen completely.
    """
    now = seen.now
    decided: dict[Owner, State | None] = {}
    absent: list[Absence] = []
    expired: list[Owner] = []
    wakes: list[datetime] = []
    back = came_back(memory, terms)
    for owner in sorted(known - present):
        record = memory.absences.get(owner)
        if record is None or (back and record.retired is None):
            record = Absence(owner, now, None)
        if owner.kind == TENANT:
            if owner not in memory.absences and terms.tenant_is_gone:
                absent.append(record)
            continue
        is_new = owner not in memory.absences
        if not is_new:
            record = _advanced(record, memory, terms, seen)
        if record != memory.absences.get(owner):
            absent.append(record)
        if record.retired is None:
            due = terms.due(record)
            wakes.append(due if now < due else now + (SOON if is_new else LOOK_AGAIN))
            continue
        over = record.retired + _kept(record, memory, terms)
        if now < over or not terms.may_act:
            decided[owner] = State.RETIRED
            wakes.append(max(over, now + LOOK_AGAIN))
        else:
            decided[owner] = None
            expired.append(owner)
    returned = {each for each in memory.absences.keys() & present if each.kind != TENANT} | back
    return Fates(
        decided, tuple(absent), tuple(sorted(returned)), tuple(expired), min(wakes, default=None)
    )


def _advanced(record: Absence, memory: Memory, terms: Terms, seen: Look) -> Absence:
    """The same, retired now if it is due, or once more if it is served although it was retired."""
    if record.retired is None:
        return record._replace(retired=seen.now) if terms.is_due(record, seen.now) else record
    kept = _kept(record, memory, terms)
    is_over = seen.now >= record.retired + kept
    again = kept and is_over and record.owner in seen.serving
    return record._replace(retired=seen.now) if again else record


def _kept(record: Absence, memory: Memory, terms: Terms) -> timedelta:
    kind, owner = record.owner.kind, record.owner
    return terms.retention.of(kind, memory.kept.get(owner), purge=record.purge)
