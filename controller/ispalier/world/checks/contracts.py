"""What contracts hold: plans that are sold, have a price, and include what is there."""

from collections.abc import Iterator
from datetime import date

from ispalier.api.access import Login
from ispalier.api.catalogue import Plan
from ispalier.api.contracts import Subscription, Term
from ispalier.api.units import BusinessUnit
from ispalier.world.checks.files import Check, Files
from ispalier.world.effect import Effect
from ispalier.world.findings import Level
from ispalier.world.holds import lacking
from ispalier.world.snapshot import ident


def unsold_plans(files: Files) -> Iterator[Check]:
    """Terms of today and later whose plan is not sold there, or has no price."""
    for subscription in files.world.of(Subscription):
        unit = files.unit_of(subscription)
        for index, term in files.coming_terms(subscription):
            plan = files.world.get(Plan, "", term.plan_ref.name)
            if plan is None or unit is None:
                continue
            which, field = ident(subscription), f"spec.terms[{index}]"
            if unit.name not in plan.spec.available_in:
                what = f"Plan/{plan.name} is not sold in BusinessUnit/{unit.name}"
                remedy = "choose another plan or add the unit to its availableIn"
                yield Check(which, f"{field}.planRef.name", what, remedy)
            cycle = term.cycle or plan.spec.cycles[0]
            if cycle not in plan.spec.cycles:
                what = f"{cycle} is not a cycle of Plan/{plan.name}"
                remedy = f"use one of {', '.join(plan.spec.cycles)}"
                yield Check(which, f"{field}.cycle", what, remedy)
            elif term.price is None and not _has_price(
                plan, unit, cycle, _bought(subscription, term)
            ):
                level = Level.ERROR if plan.spec.prices else Level.WARNING
                what = (
                    f"Plan/{plan.name} has no price in {unit.spec.currency} per {cycle} for a"
                    f" contract of {_bought(subscription, term)}"
                )
                remedy = "add a price that is valid by then, or set price here"
                yield Check(which, f"{field}.planRef.name", what, remedy, level)


def lines_without_access(files: Files) -> Iterator[Check]:
    """Logins of contracts whose plan serves none."""
    for login in files.world.of(Login):
        ref = login.spec.subscription_ref
        subscription = files.world.get(Subscription, login.namespace, ref.name)
        plan = files.plan_today(subscription) if subscription else None
        if plan is not None and plan.spec.access is None:
            what = f"Plan/{plan.name} of Subscription/{ref.name} serves no logins"
            yield Check(
                ident(login), "spec.subscriptionRef.name", what, "choose a plan of family Access"
            )


def suspensions_of_no_effect(files: Files) -> Iterator[Check]:
    """Suspensions that are not over and ask more of lines than their plan offers."""
    lines = {(each.namespace, each.spec.subscription_ref.name) for each in files.world.of(Login)}
    for subscription in files.world.of(Subscription):
        if not subscription.spec.suspensions or (
            (subscription.namespace, subscription.name) not in lines
        ):
            continue
        plan, today = files.plan_today(subscription), files.today(subscription)
        for index, each in enumerate(subscription.spec.suspensions):
            if plan is None or (each.until is not None and each.until <= today):
                continue
            for what, remedy in lacking(plan, [Effect(each.effect)]):
                field = f"spec.suspensions[{index}].effect"
                yield Check(ident(subscription), field, what, remedy, Level.WARNING)


def _bought(subscription: Subscription, term: Term) -> date:
    """The day from which the contract has had this plan and cycle without a break."""
    bought = term.from_
    earlier = sorted(
        (each for each in subscription.spec.terms if each.from_ < term.from_),
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
