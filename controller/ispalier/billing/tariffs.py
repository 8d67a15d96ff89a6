"""What terms cost by the price lists that are declared (R17, R24)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from ispalier.api import catalogue, contracts
from ispalier.api.catalogue import Plan
from ispalier.api.units import BusinessUnit
from ispalier.billing.grid import Anchor, grid
from ispalier.billing.history import Price, Term
from ispalier.world.snapshot import Broken, Ident, Snapshot

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Years in which contracts may begin: the calendar needs room for periods on both sides."""
_UNKNOWN_CYCLE: catalogue.Cycle = "P1M"


@dataclass(slots=True)
class Tariffs:
    """The plans as they are declared; each price list is read once."""

    world: Snapshot
    _lists: dict[tuple[str, str, str], tuple[Price, ...]] = field(default_factory=dict)

    def term(self, term: contracts.Term, origin: Anchor, unit: BusinessUnit) -> Term:
        """A term with its grid and the price list of its plan, or why it has none."""
        plan = self.world.find(Ident("Plan", "", term.plan_ref.name))
        cycle = term.cycle or _UNKNOWN_CYCLE
        prices: tuple[Price, ...] = ()
        if not isinstance(plan, Plan):
            why = (
                f"cannot be read: {plan.message}" if isinstance(plan, Broken) else "does not exist"
            )
            problem = f"plan '{term.plan_ref.name}' {why}: declare it or correct the reference"
        else:
            cycle = term.cycle or plan.spec.cycles[0]
            problem = "; ".join(_problems(plan, unit, cycle))
            prices = self._prices(plan, unit.spec.currency, cycle)
        return Term(
            since=term.from_,
            plan=term.plan_ref.name,
            grid=grid(origin, cycle),
            prices=prices,
            quantity=term.quantity,
            override=term.price,
            problem=problem,
        )

    def digest(self) -> str:
        """A name for all price lists as they stand."""
        total = sha256()
        fields = {"available_in", "cycles", "prices"}
        for plan in sorted(self.world.of(Plan), key=lambda plan: plan.name):
            total.update(f"{plan.name}|{plan.spec.model_dump_json(include=fields)}\n".encode())
        return total.hexdigest()

    def _prices(self, plan: Plan, currency: str, cycle: str) -> tuple[Price, ...]:
        key = (plan.name, currency, cycle)
        if key not in self._lists:
            self._lists[key] = tuple(
                Price(each.amount, each.valid_from, _reachable(each), each.mid_period)
                for each in plan.spec.prices
                if (each.currency, each.cycle) == (currency, cycle)
            )
        return self._lists[key]


def is_possible(day: date) -> bool:
    """Whether periods can be counted around a day."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def _problems(plan: Plan, unit: BusinessUnit, cycle: str) -> Iterator[str]:
    if unit.name not in plan.spec.available_in:
        yield f"plan '{plan.name}' is not sold in unit '{unit.name}': add it to its availableIn"
    if cycle not in plan.spec.cycles:
        yield f"plan '{plan.name}' has no cycle {cycle}: use one of {', '.join(plan.spec.cycles)}"


def _reachable(price: catalogue.Price) -> date | None:
    """The day for existing contracts; one beyond the calendar is a way to write never."""
    day = price.valid_from_existing
    return day if day is not None and day.year <= LAST_YEAR else None
