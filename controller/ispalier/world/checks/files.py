"""What checks look at, and what they say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from ispalier.api.base import Resource
from ispalier.api.catalogue import Plan
from ispalier.api.contracts import Subscription, Term
from ispalier.api.units import BusinessUnit
from ispalier.world import days
from ispalier.world.fault import Fault
from ispalier.world.findings import Finding, Level
from ispalier.world.snapshot import Ident, Snapshot, ident
from ispalier.world.units import tenant_of


class Check(NamedTuple):
    """A finding about a field of an object."""

    which: Ident
    field: str
    what: str
    remedy: str
    level: Level = Level.ERROR
    other: Ident | None = None
    """Who has what only one may have."""
    wants: bool = False
    """Whether one more resource would make it right."""

    @classmethod
    def of(cls, which: Ident, fault: Fault, level: Level = Level.ERROR) -> "Check":
        """A broken rule, told of an object."""
        return cls(which, fault.field, fault.what, fault.remedy, level, wants=fault.wants)

    @property
    def finding(self) -> Finding:
        """The finding alone."""
        return Finding((), self.what, self.remedy, self.level)


@dataclass(frozen=True, slots=True)
class Files:
    """The snapshot of some files at an instant, and whether they hold all there is."""

    world: Snapshot
    now: datetime
    whole: bool
    names: Mapping[tuple[str, str], set[str]]
    """Names by kind and namespace."""
    kinds: frozenset[str]

    @classmethod
    def of(cls, world: Snapshot, now: datetime, *, whole: bool) -> "Files":
        """Look at a snapshot."""
        names: dict[tuple[str, str], set[str]] = {}
        for thing in world.everything():
            which = ident(thing) if isinstance(thing, Resource) else thing.ident
            names.setdefault((which.kind, which.namespace), set()).add(which.name)
        return cls(world, now, whole, names, frozenset(kind for kind, _ in names))

    def missing(self, kind: str) -> Level:
        """How bad it is that something of this kind is not in the files."""
        return Level.ERROR if self.whole or kind in self.kinds else Level.WARNING

    def unit_of(self, resource: Resource) -> BusinessUnit | None:
        """The business unit of the tenant that a resource leads to."""
        tenant = tenant_of(self.world, resource)
        ref = tenant.spec.business_unit_ref if tenant else None
        return self.world.get(BusinessUnit, "", ref.name) if ref else None

    def today(self, resource: Resource) -> date:
        """The local day of a resource's business unit."""
        unit = self.unit_of(resource)
        return days.local_day(self.now, unit.spec.time_zone if unit else "UTC")

    def plan_today(self, subscription: Subscription) -> Plan | None:
        """The plan in force, or the first one; none after the end."""
        today = self.today(subscription)
        if days.ended_on(subscription, today):
            return None
        term = days.term_on(subscription, today) or subscription.spec.terms[0]
        return self.world.get(Plan, "", term.plan_ref.name)

    def coming_terms(self, subscription: Subscription) -> Iterator[tuple[bool, Term]]:
        """The term of today (before the contract begins the first one) and those to come."""
        today = self.today(subscription)
        if days.ended_on(subscription, today):
            return
        current = days.term_on(subscription, today) or subscription.spec.terms[0]
        for term in subscription.spec.terms:
            if term is current or term.from_ > today:
                yield term is current, term
