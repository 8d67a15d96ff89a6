"""Sold: whether a business unit sells what a term names, and what it costs there."""

from collections.abc import Iterator
from datetime import date

from ispalier.api.catalogue import Plan
from ispalier.api.contracts import Subscription, Term
from ispalier.api.units import BusinessUnit
from ispalier.world.fault import Fault


def unsold(
    unit: BusinessUnit, plan: Plan, contract: Subscription, term: Term
) -> Iterator[tuple[Fault, bool]]:
    """What is wrong with a term, and whether it is no more than perhaps not meant.

    A plan that has no prices at all may be one whose contracts say what they cost.
    """
    field = f"spec.terms[{contract.spec.terms.index(term)}]"
    if unit.name not in plan.spec.available_in:
        what = f"Plan/{plan.name} is not sold in BusinessUnit/{unit.name}"
        remedy = "choose another plan or add the unit to its availableIn"
        yield Fault(f"{field}.planRef.name", what, remedy), False
    cycle, bought = term.cycle or plan.spec.cycles[0], _bought(contract, term)
    if cycle not in plan.spec.cycles:
        what = f"{cycle} is not a cycle of Plan/{plan.name}"
        yield Fault(f"{field}.cycle", what, f"use one of {', '.join(plan.spec.cycles)}"), False
    elif term.price is None and not _has_price(plan, unit, cycle, bought):
        what = (
            f"Plan/{plan.name} has no price in {unit.spec.currency} per {cycle} for a contract of"
            f" {bought}"
        )
        remedy = "add a price that is valid by then, or set price here"
        yield Fault(f"{field}.planRef.name", what, remedy), not plan.spec.prices


def _bought(contract: Subscription, term: Term) -> date:
    """The day from which the contract has had this plan and cycle without a break."""
    bought = term.from_
    earlier = sorted(
        (each for each in contract.spec.terms if each.from_ < term.from_),
        key=lambda each: each.from_,
        reverse=True,
    )
    for each in earlier:
        if (each.plan_ref, each.cycle) != (term.plan_ref, term.cycle):
            break
        bought = each.from_
    return bought


def _has_price(plan: Plan, unit: BusinessUnit, cycle: str, bought: date) -> bool:
    return any(
        price.currency == unit.spec.currency
        and price.cycle == cycle
        and (price.valid_from <= bought or price.valid_from_existing is not None)
        for price in plan.spec.prices
    )
