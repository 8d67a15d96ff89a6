"""Holds of the journal and suspensions of the YAML, added up: the one place that knows both."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from ispalier.api.base import Ref, Resource
from ispalier.api.catalogue import Plan, PlanAccess
from ispalier.api.contracts import Subscription
from ispalier.world.effect import ACTS_ON, Effect


class Hold(NamedTuple):
    """What the journal holds back of a customer: in force from `since` until `until`.

    The subject is a Tenant, a Subscription, or one Login or Mailbox. What is released is none.
    """

    id: int
    kind: str
    name: str
    source: str
    by: str
    reason: str
    effect: Effect
    stops_billing: bool
    since: datetime
    until: datetime | None = None

    def is_on(self, now: datetime) -> bool:
        """Whether it is in force."""
        return self.since <= now and (self.until is None or now < self.until)

    def covers(self, kind: str, name: str, contract: str) -> bool:
        """Whether it concerns a resource of its customer that leads to this contract, if to any."""
        match self.kind:
            case "Tenant":
                return True
            case "Subscription":
                return self.name == contract
            case _:
                return (self.kind, self.name) == (kind, name)


class Stop(NamedTuple):
    """One reason why something does not serve as declared; those of the YAML have no source."""

    source: str
    reason: str
    effect: Effect
    stops_billing: bool

    def __str__(self) -> str:
        """Who holds it and why."""
        return f"{self.source}: {self.reason}" if self.source else self.reason


def declared(subscription: Subscription, today: date) -> Iterator[Stop]:
    """The suspensions of a contract that are in force on a day."""
    for each in subscription.spec.suspensions:
        if each.since <= today and (each.until is None or today < each.until):
            yield Stop("", each.reason, Effect(each.effect), each.billing == "Stop")


def held(
    holds: Sequence[Hold], now: datetime, kind: str, name: str, contract: str
) -> Iterator[Stop]:
    """The holds in force on a resource that leads to this contract."""
    for each in holds:
        if each.is_on(now) and each.covers(kind, name, contract):
            yield Stop(each.source, each.reason, each.effect, each.stops_billing)


def contract_of(resource: Resource) -> str:
    """The name of the contract that a resource is or names; empty if it is another's part."""
    if isinstance(resource, Subscription):
        return resource.name
    ref = getattr(getattr(resource, "spec", None), "subscription_ref", None)
    return ref.name if isinstance(ref, Ref) else ""


def on_line(asked: Collection[Effect], access: PlanAccess) -> Effect | None:
    """What becomes of a line, by what its plan offers; never more than what was asked.

    Where a plan has no walled garden its throttled profile is the next best, and without one the
    line stays as it is.
    """
    if Effect.REFUSE in asked:
        return Effect.REFUSE
    if Effect.WALLED_GARDEN in asked and access.walled_garden_profile_ref is not None:
        return Effect.WALLED_GARDEN
    if {Effect.WALLED_GARDEN, Effect.THROTTLE} & {
        *asked
    } and access.throttled_profile_ref is not None:
        return Effect.THROTTLE
    return None


def lacking(plan: Plan, asked: Collection[Effect]) -> Iterator[tuple[str, str]]:
    """What a plan does not offer of what is asked of its lines, and what is done or to do instead."""
    access, wanted = plan.spec.access, {Effect.THROTTLE, Effect.WALLED_GARDEN} & {*asked}
    if access is None or not wanted:
        return
    on, name = on_line(wanted, access), f"Plan/{plan.name}"
    if on is None:
        what = (
            f"{name} has neither a throttled nor a walled-garden profile, so lines stay as they are"
        )
        field = "spec.access.throttledProfileRef or walledGardenProfileRef"
        yield what, f"add {field} to it, or use Refuse"
    elif on is Effect.THROTTLE and Effect.WALLED_GARDEN in wanted:
        what = f"{name} has no walled-garden profile, so lines are throttled"
        yield what, "add spec.access.walledGardenProfileRef to it if that is not enough"


def restricting(kind: str, stops: Collection[Stop]) -> list[Stop]:
    """Those that take something from a resource of this kind and still let it serve."""
    acts = ACTS_ON.get(kind, frozenset())
    return [each for each in stops if each.effect is not Effect.REFUSE and each.effect in acts]


def changes(holds: Sequence[Hold], now: datetime) -> list[datetime]:
    """The instants ahead at which a hold begins or ends."""
    ends = (each.until for each in holds if each.until is not None)
    return [at for at in (*(each.since for each in holds), *ends) if at > now]
