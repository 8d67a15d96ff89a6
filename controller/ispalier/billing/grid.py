"""The calendar of a contract: billing periods, the days they count, due days (R1, R2, R3)."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from ispalier.billing.spans import Days, Span

Cycle = Literal["P1W", "P1M", "P3M", "P6M", "P1Y"]
DayCount = Literal["Actual", "Days30"]

_WEEK = timedelta(weeks=1)
_MONTHS: dict[Cycle, int] = {"P1W": 0, "P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12}


class Anchor(NamedTuple):
    """R2: the date from which all boundaries are counted; its day may exceed its month's length.

    A closing day of 31 met in February begins there on the 28th and is the 31st again in March,
    while an anchor on the 28th stays the 28th.
    """

    year: int
    month: int
    day: int


def anchor(
    start: date, *, anchor_date: date | None = None, closing_day: int | None = None
) -> Anchor:
    """R2: the anchor date, else the first closing day on or after the start, else the start."""
    if anchor_date is not None:
        return Anchor(anchor_date.year, anchor_date.month, anchor_date.day)
    if closing_day is None:
        return Anchor(start.year, start.month, start.day)
    first = first_on_or_after(closing_day, start)
    return Anchor(first.year, first.month, closing_day)


def first_on_or_after(day_of_month: int, day: date) -> date:
    """The first such day of a month on or after a day; in short months it is the last day."""
    month = day.year * 12 + day.month - 1
    found = _clamped(month, day_of_month)
    return found if found >= day else _clamped(month + 1, day_of_month)


@dataclass(frozen=True, slots=True)
class Grid:
    """R2: billing periods [boundary k, boundary k + 1), each counted from the anchor, never chained.

    A boundary is the anchor's month plus k cycles, its day clamped to the month's length:
    31 January is followed by 28 February and then 31 March.
    """

    anchor: Anchor
    cycle: Cycle
    _memo: dict[int, date] = field(default_factory=dict, compare=False, repr=False)

    def boundary(self, index: int) -> date:
        """The day on which period `index` starts; period 0 starts at the anchor."""
        day = self._memo.get(index)
        if day is None:
            day = self._memo[index] = self._boundary(index)
        return day

    def period(self, index: int) -> Span:
        """The full nominal period, whatever part of it is billed."""
        return Span(self.boundary(index), self.boundary(index + 1))

    def index(self, day: date) -> int:
        """The period in which a day lies."""
        months = _MONTHS[self.cycle]
        if not months:
            return (day - self.boundary(0)).days // _WEEK.days
        passed = (day.year - self.anchor.year) * 12 + day.month - self.anchor.month
        found = passed // months
        return found if self.boundary(found) <= day else found - 1

    def next_boundary(self, day: date) -> date:
        """The first boundary on or after a day."""
        found = self.boundary(self.index(day))
        return found if found == day else self.boundary(self.index(day) + 1)

    def _boundary(self, index: int) -> date:
        start = self.anchor.year * 12 + self.anchor.month - 1
        months = _MONTHS[self.cycle]
        if not months:
            return _clamped(start, self.anchor.day) + index * _WEEK
        return _clamped(start + index * months, self.anchor.day)


@lru_cache(maxsize=65536)
def grid(anchor: Anchor, cycle: Cycle) -> Grid:
    """The grid of an anchor and a cycle, made once: its boundaries are remembered."""
    return Grid(anchor, cycle)


def length(period: Span, cycle: Cycle, day_count: DayCount) -> int:
    """R3: the days by which a price is divided: those of the full nominal period.

    With `Days30` (R3b) every month has 30 days; a week always has 7.
    """
    if day_count == "Actual" or cycle == "P1W":
        return (period.end - period.start).days
    return 30 * _MONTHS[cycle]


def counted(days: Days, period: Span, cycle: Cycle, day_count: DayCount) -> int:
    """R3, R3b: how many of a period's days these are.

    With `Days30` a day counts 1 and a month's last day makes it 30 (the 31st counts 0, 28 February
    3); never more than the period has, and all of it when no day is missing.
    """
    if day_count == "Actual" or cycle == "P1W":
        return sum((span.end - span.start).days for span in days)
    full = 30 * _MONTHS[cycle]
    if days == (period,):
        return full
    return min(full, sum(_position30(span.end) - _position30(span.start) for span in days))


def _position30(day: date) -> int:
    return 30 * (12 * day.year + day.month) + day.day - 1


def _clamped(month: int, day: int) -> date:
    year, index = divmod(month, 12)
    return date(year, index + 1, min(day, monthrange(year, index + 1)[1]))
