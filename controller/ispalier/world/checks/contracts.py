"""What contracts hold: plans that are sold, have a price, and include what is there."""

from collections.abc import Iterator

from ispalier.api.access import Login
from ispalier.api.catalogue import Plan
from ispalier.api.contracts import Subscription
from ispalier.world.checks.files import Check, Files
from ispalier.world.effect import Effect
from ispalier.world.findings import Level
from ispalier.world.holds import lacking
from ispalier.world.snapshot import ident
from ispalier.world.sold import unsold


def unsold_plans(files: Files) -> Iterator[Check]:
    """Terms to come whose plan will not be sold there or have no price, and doubts about today's.

    What is wrong with the term of today is a rule that is broken (`sound.py`).
    """
    for subscription in files.world.of(Subscription):
        unit = files.unit_of(subscription)
        for now, term in files.coming_terms(subscription):
            plan = files.world.get(Plan, "", term.plan_ref.name)
            if plan is None or unit is None:
                continue
            for fault, is_doubt in unsold(unit, plan, subscription, term):
                if is_doubt:
                    yield Check.of(ident(subscription), fault, Level.WARNING)
                elif not now:
                    yield Check.of(ident(subscription), fault)


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
