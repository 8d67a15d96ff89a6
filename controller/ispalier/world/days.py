"""Days: what is in force on a local day of a business unit."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:  # a day is known without the models
    from ispalier.api.contracts import Subscription, Term


def local_day(now: datetime, time_zone: str) -> date:
    """The day that it is at this instant in a time zone."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def first_instant(day: date, time_zone: str) -> datetime:
    """The first instant of a local day, also where midnight does not exist (UTC)."""
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


def term_on(subscription: "Subscription", day: date) -> "Term | None":
    """The term in force on a day: the latest that has begun."""
    begun = [term for term in subscription.spec.terms if term.from_ <= day]
    return max(begun, key=lambda term: term.from_, default=None)


def ended_on(subscription: "Subscription", day: date) -> bool:
    """Whether the contract has ended: `end.date` is the first day without service."""
    return subscription.spec.end is not None and subscription.spec.end.date <= day


def change_days(subscription: "Subscription") -> Iterator[date]:
    """Every day on which something declared changes."""
    for term in subscription.spec.terms:
        yield term.from_
    for each in subscription.spec.suspensions:
        yield each.since
        if each.until is not None:
            yield each.until
    if subscription.spec.end is not None:
        yield subscription.spec.end.date


def next_change(subscription: "Subscription", today: date) -> date | None:
    """The next day after today on which something declared changes."""
    return min((day for day in change_days(subscription) if day > today), default=None)
