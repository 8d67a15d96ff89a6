"""The days of the story, and the charge that a person would work out for them."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Story:
    """A contract that starts today, in a unit whose periods close on the last day of the month.

    A period runs from one closing day up to, not including, the next one (half-open); a contract
    that starts on a closing day gets the whole period that begins on it.
    """

    today: date
    opened: date
    closes: date

    @property
    def days(self) -> int:
        """Days that are charged at the close."""
        return (self.closes - self.today).days

    @property
    def length(self) -> int:
        """Days of the whole period."""
        return (self.closes - self.opened).days

    def charge(self, price: str) -> Decimal:
        """The charge for a price per month, rounded half up to the cent."""
        exact = Decimal(price) * self.days / self.length
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def arithmetic(self, price: str) -> str:
        """How the charge comes about, as its line tells it."""
        return f"{self.days} of {self.length} days × {price}"


def story(now: datetime, time_zone: str) -> Story:
    """The story as it begins at this instant, on the local day of the unit."""
    today = now.astimezone(ZoneInfo(time_zone)).date()
    last = _last_of_month(today)
    if today == last:
        return Story(today, today, _last_of_month(today + timedelta(days=1)))
    return Story(today, today.replace(day=1) - timedelta(days=1), last)


def _last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
