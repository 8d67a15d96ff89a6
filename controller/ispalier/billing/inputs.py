"""The two inputs of money, declared and observed, as one history per contract (R2, R12, R24).

What is declared counts with the dates that stand in it; the tenant's billing terms go before those
of its business unit, and a contract's own anchor date before a closing day.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from ispalier.api.contracts import Subscription
from ispalier.api.parties import Tenant
from ispalier.api.units import BusinessUnit
from ispalier.billing.facts import observations
from ispalier.billing.grid import anchor
from ispalier.billing.history import History, Lineage, Pause
from ispalier.billing.spans import Days
from ispalier.billing.tariffs import FIRST_YEAR, LAST_YEAR, Tariffs, is_possible
from ispalier.core.contract import READY
from ispalier.core.memory import Fact
from ispalier.world.days import local_day
from ispalier.world.errors import Conflict, Invalid, IspalierError, Waiting
from ispalier.world.snapshot import Broken, Ident, Snapshot

KINDS = frozenset({"BusinessUnit", "Plan", "Tenant", "Subscription"})
"""What is read here: unless all of it was seen, nothing follows from what is missing."""
GONE = (
    "is not declared (any more), so nothing is charged or credited: declare it again, with a"
    " spec.end if it has ended"
)


class Unbilled(NamedTuple):
    """R24: a contract, or days of it, that cannot be rated: reported, never rated as zero."""

    unit: str
    customer: str
    subscription: str
    reason: str
    days: Days = ()


@dataclass(slots=True)
class Inputs:
    """What can be rated and what cannot.

    `declared` are the lineages of all contracts that are there, whether they can be rated or not.
    """

    histories: list[History] = field(default_factory=list)
    unbilled: list[Unbilled] = field(default_factory=list)
    declared: set[bytes] = field(default_factory=set)


def inputs(
    world: Snapshot, facts: Mapping[str, Iterable[Fact]], installation: str, now: datetime
) -> Inputs:
    """One history for each contract that is declared.

    A contract that was observed and is not declared is unbilled, if everything was seen.
    """
    reader = _Reader(world, installation, now, Tariffs(world), _by_contract(facts))
    for thing in _contracts(world):
        reader.read(thing)
    if world.complete >= KINDS:
        reader.miss()
    return reader.found


@dataclass(slots=True)
class _Reader:
    """Reads contract after contract."""

    world: Snapshot
    installation: str
    now: datetime
    tariffs: Tariffs
    facts: Mapping[tuple[str, str], Sequence[Fact]]
    found: Inputs = field(default_factory=Inputs)
    _today: dict[str, date] = field(default_factory=dict)

    def read(self, thing: Subscription | Broken) -> None:
        """Take a contract in, or the reason why it cannot be rated."""
        name = thing.ident.name if isinstance(thing, Broken) else thing.name
        unit = customer = ""
        try:
            tenant = self._tenant(thing)
            unit, customer = tenant.spec.business_unit_ref.name, tenant.spec.number
            self.found.declared.add(Lineage(self.installation, customer, name, 0).key)
            if isinstance(thing, Broken):
                raise Invalid(f"cannot be read: {thing.message}")
            self.found.histories.append(self._history(thing, tenant, self._unit(unit)))
        except IspalierError as error:
            self.found.unbilled.append(Unbilled(unit, customer, name, str(error)))

    def miss(self) -> None:
        """Tell of contracts that were in service once and are not declared."""
        for (customer, name), facts in sorted(self.facts.items()):
            key = Lineage(self.installation, customer, name, 0).key
            if key not in self.found.declared and any(fact.topic == READY for fact in facts):
                tenants = self.world.tenants(customer)
                unit = tenants[0].spec.business_unit_ref.name if tenants else ""
                self.found.unbilled.append(Unbilled(unit, customer, name, GONE))
                self.found.declared.add(key)

    def _tenant(self, thing: Subscription | Broken) -> Tenant:
        ref = None if isinstance(thing, Broken) else thing.spec.tenant_ref
        space = thing.ident.namespace if isinstance(thing, Broken) else thing.namespace
        if ref is not None:
            tenant = self.world.find(Ident("Tenant", space, ref.name))
        else:
            tenants = list(self.world.things("Tenant", space))
            if len(tenants) > 1:
                raise Waiting(
                    f"belongs to nobody, as namespace '{space}' holds several Tenants:"
                    " name one in spec.tenantRef"
                )
            tenant = tenants[0] if tenants else None
        if isinstance(tenant, Broken):
            raise Waiting(f"{tenant.ident} cannot be read: {tenant.message}")
        if not isinstance(tenant, Tenant):
            named = f"Tenant/{ref.name}" if ref else "a Tenant"
            raise Waiting(f"{named} is not in namespace '{space}' (yet): create it")
        first = self.world.tenants(tenant.spec.number)[0]
        if first is not tenant:
            raise Conflict(
                f"customer number {tenant.spec.number} belongs to Tenant/{first.name} in namespace"
                f" '{first.namespace}': give Tenant/{tenant.name} another"
            )
        return tenant

    def _unit(self, name: str) -> BusinessUnit:
        unit = self.world.find(Ident("BusinessUnit", "", name))
        if isinstance(unit, Broken):
            raise Waiting(f"{unit.ident} cannot be read: {unit.message}")
        if not isinstance(unit, BusinessUnit):
            raise Waiting(f"BusinessUnit/{name}, which says how to bill, is not there: create it")
        return unit

    def _history(self, subscription: Subscription, tenant: Tenant, unit: BusinessUnit) -> History:
        spec, own, theirs = subscription.spec, tenant.spec.billing, unit.spec.billing
        customer, name = tenant.spec.number, subscription.name
        _check_days(subscription, unit)
        origin = anchor(
            min(term.from_ for term in spec.terms),
            anchor_date=spec.billing.anchor_date,
            closing_day=own.closing_day or theirs.closing_day,
        )
        observed = observations(self.facts.get((customer, name), ()))
        return History(
            lineage=Lineage(self.installation, customer, name, 0),
            payer=customer,
            unit=unit.name,
            currency=unit.spec.currency,
            timing=own.timing or theirs.timing,
            due_day=own.due_day or theirs.due_day,
            day_count=theirs.day_count,
            terms=tuple(self.tariffs.term(term, origin, unit) for term in spec.terms),
            today=self._day_of(unit),
            ready=observed.ready,
            in_force=observed.in_force,
            offs=observed.offs,
            suspensions=tuple(
                Pause(each.reason, each.since, each.until)
                for each in spec.suspensions
                if each.billing == "Stop"
            ),
            holds=tuple(Pause(each.reason, each.since, each.until) for each in spec.billing.hold),
            end=spec.end.date if spec.end else None,
            ledger_start=unit.spec.ledger_start,
            billed_through=spec.billing.billed_through,
        )

    def _day_of(self, unit: BusinessUnit) -> date:
        """The local day, the same for all contracts of a unit."""
        if unit.name not in self._today:
            self._today[unit.name] = local_day(self.now, unit.spec.time_zone)
        return self._today[unit.name]


def _contracts(world: Snapshot) -> Iterator[Subscription | Broken]:
    """Every contract that is there and not being deleted."""
    for thing in world.everything():
        match thing:
            case Subscription() if not thing.is_going:
                yield thing
            case Broken() if thing.ident.kind == "Subscription":
                yield thing
            case _:
                pass


def _by_contract(facts: Mapping[str, Iterable[Fact]]) -> dict[tuple[str, str], list[Fact]]:
    found: dict[tuple[str, str], list[Fact]] = {}
    for customer, each in facts.items():
        for fact in each:
            found.setdefault((customer, fact.subscription), []).append(fact)
    return found


def _check_days(subscription: Subscription, unit: BusinessUnit) -> None:
    billing = subscription.spec.billing
    days = (
        *((f"terms[{at}].from", term.from_) for at, term in enumerate(subscription.spec.terms)),
        ("billing.anchorDate", billing.anchor_date),
        ("billing.billedThrough", billing.billed_through),
        (f"ledgerStart of BusinessUnit/{unit.name}", unit.spec.ledger_start),
    )
    for where, day in days:
        if day is not None and not is_possible(day):
            years = f"{FIRST_YEAR} to {LAST_YEAR}"
            raise Invalid(f"spec.{where} is {day}: write a day of the years {years}")
