"""Contract: where a subscription stands, and what is in force of it."""

from collections.abc import Iterable, Iterator

from ispalier.api.contracts import State, Subscription
from ispalier.core.conditions import Answer
from ispalier.core.engine import Plan
from ispalier.core.items import Owner
from ispalier.core.rules import around
from ispalier.core.stopped import refusals
from ispalier.world.days import ended_on, next_change, term_on
from ispalier.world.errors import Invalid
from ispalier.world.sound import to_come
from ispalier.world.view import View

READY = "ready"
"""Topic of the fact that all of a contract was served for the first time."""


def told_of_contract(
    plan: Plan, subscription: Subscription, parts: Iterable[Owner]
) -> dict[str, str | None]:
    """The fields of its status."""
    view = plan.view
    term = term_on(subscription, view.today)
    following = next_change(subscription, view.today)
    return {
        "state": state_of(plan, subscription, parts),
        "plan": term.plan_ref.name if term else None,
        "nextChange": following.isoformat() if following else None,
        "suspended": refusals(view, subscription)[:200] or None,
    }


def told_of_terms(view: View, subscription: Subscription) -> Iterator[Answer]:
    """The condition TermsSold, only while it is false."""
    found = next(to_come(around(view), subscription), None)
    if found is not None:
        message = f"{found.field}: {found.what}: {found.remedy}"
        yield Answer("TermsSold", true=False, reason=Invalid.reason, message=message)


def state_of(plan: Plan, subscription: Subscription, parts: Iterable[Owner]) -> State:
    """Where a contract stands (S2-24, S3-12: the states of a portal and of a billing system).

    state         here                                   S2-24                        S3-12
    Ordered       deployment is Requested                ordered                      awaiting
    Confirmed     approved, its first term is to come    confirmed                    awaiting
    Provisioning  begun, and not all was served yet      provisioning                 awaiting
    Active        all of it was served once              provisioned                  active
    Suspended     service is refused                     provisioned                  suspended
    Ending        its end is declared and to come        cancelled                    active
    Ended         its end is past                        deprovisioning, -provisioned cancelled
    """
    view, spec = plan.view, subscription.spec
    if ended_on(subscription, view.today):
        return "Ended"
    if spec.deployment == "Requested":
        return "Ordered"
    if refusals(view, subscription):
        return "Suspended"
    if term_on(subscription, view.today) is None:
        return "Confirmed"
    was_ready = any(
        (each.subscription, each.topic) == (subscription.name, READY) for each in plan.memory.facts
    )
    owners = list(parts)
    if not was_ready and (not owners or any(each in plan.problems for each in owners)):
        return "Provisioning"
    return "Active" if spec.end is None else "Ending"
