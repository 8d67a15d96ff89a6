from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ispalier.billing.grid import (
    Anchor,
    Cycle,
    Grid,
    anchor,
    counted,
    first_on_or_after,
    grid,
    length,
)
from ispalier.billing.spans import Span
from tests.unit.billing.contracts import day, span

CYCLES: st.SearchStrategy[Cycle] = st.sampled_from(["P1W", "P1M", "P3M", "P6M", "P1Y"])
DAYS = st.dates(date(2019, 1, 1), date(2033, 1, 1))


def boundaries(start: str, cycle: Cycle, count: int) -> list[str]:
    own = grid(anchor(day(start)), cycle)
    return [own.boundary(index + 1).isoformat() for index in range(count)]


@pytest.mark.parametrize(
    ("cycle", "expected"),
    [
        ("P1M", ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        ("P3M", ["2026-04-30", "2026-07-31", "2026-10-31", "2027-01-31"]),
        ("P6M", ["2026-07-31", "2027-01-31"]),
        ("P1Y", ["2027-01-31"]),
        ("P1W", ["2026-02-07", "2026-02-14"]),
    ],
)
def test_periods_from_31_january_clamp_to_short_months_and_come_back(
    cycle: Cycle, expected: list[str]
) -> None:
    assert expected == boundaries("2026-01-31", cycle, len(expected))


def test_an_anchor_on_28_february_is_not_the_end_of_the_month() -> None:
    assert boundaries("2023-02-28", "P1M", 2) == ["2023-03-28", "2023-04-28"]


def test_a_year_from_29_february_ends_on_the_28th_and_every_fourth_on_the_29th() -> None:
    assert boundaries("2024-02-29", "P1Y", 4) == [
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]


def test_a_period_is_due_again_on_the_day_of_the_start() -> None:
    assert boundaries("2007-05-21", "P1M", 2) == ["2007-06-21", "2007-07-21"]


def test_the_first_closing_day_on_or_after_the_start_is_the_anchor() -> None:
    assert anchor(day("2007-05-21"), closing_day=31) == (2007, 5, 31)
    assert anchor(day("2007-05-31"), closing_day=31) == (2007, 5, 31)
    assert anchor(day("2007-05-11"), closing_day=10) == (2007, 6, 10)
    assert anchor(day("2007-11-06"), closing_day=5) == (2007, 12, 5)


def test_the_closing_day_is_the_first_day_of_the_next_period() -> None:
    last_of_month = grid(anchor(day("2026-11-21"), closing_day=31), "P1M")
    calendar_months = grid(anchor(day("2026-11-21"), closing_day=1), "P1M")

    assert span("2026-11-30", "2026-12-31") == last_of_month.period(0)
    assert span("2026-12-01", "2027-01-01") == calendar_months.period(0)


def test_a_closing_day_met_in_february_is_the_31st_again_in_march() -> None:
    own = grid(anchor(day("2026-02-10"), closing_day=31), "P1M")

    assert span("2026-02-28", "2026-03-31") == own.period(0)
    assert span("2026-01-31", "2026-02-28") == own.period(-1)


def test_an_anchor_date_comes_before_the_closing_day() -> None:
    found = anchor(day("2026-02-10"), anchor_date=day("2026-01-05"), closing_day=31)

    assert found == (2026, 1, 5)


@settings(deadline=None)
@given(DAYS, CYCLES, DAYS)
def test_every_day_lies_in_exactly_the_period_of_its_index(
    start: date, cycle: Cycle, any_day: date
) -> None:
    own = Grid(Anchor(start.year, start.month, start.day), cycle)
    index = own.index(any_day)

    assert own.period(index).start <= any_day < own.period(index).end
    assert own.period(index).end == own.period(index + 1).start
    assert any_day <= own.next_boundary(any_day) <= own.period(index).end


def test_the_next_boundary_after_a_boundary_is_itself() -> None:
    own = grid(anchor(day("2026-01-31")), "P1M")

    assert day("2026-02-28") == own.next_boundary(day("2026-02-28"))
    assert day("2026-03-31") == own.next_boundary(day("2026-03-01"))


@pytest.mark.parametrize(
    ("due_day", "payable", "expected"),
    [
        (10, "2007-05-01", "2007-05-10"),
        (10, "2007-05-10", "2007-05-10"),
        (10, "2007-05-11", "2007-06-10"),
        (31, "2026-02-01", "2026-02-28"),
        (31, "2028-02-10", "2028-02-29"),
        (10, "2007-12-31", "2008-01-10"),
    ],
)
def test_the_due_date_is_the_first_due_day_clamped_to_the_month(
    due_day: int, payable: str, expected: str
) -> None:
    assert day(expected) == first_on_or_after(due_day, day(payable))


def test_a_period_is_as_long_as_its_days_or_30_for_each_month() -> None:
    may = span("2007-04-30", "2007-05-31")
    quarter = span("2026-01-01", "2026-04-01")
    week = span("2026-01-01", "2026-01-08")

    assert (length(may, "P1M", "Actual"), length(may, "P1M", "Days30")) == (31, 30)
    assert (length(quarter, "P3M", "Actual"), length(quarter, "P3M", "Days30")) == (90, 90)
    assert (length(week, "P1W", "Actual"), length(week, "P1W", "Days30")) == (7, 7)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2007-05-21", "2007-05-31", 10),
        ("2007-05-11", "2007-05-31", 20),
        ("2007-05-30", "2007-05-31", 1),
        ("2007-05-01", "2007-05-31", 30),
        ("2007-04-30", "2007-05-31", 30),
    ],
)
def test_in_months_of_30_days_the_manuals_10_and_20_days_stay(
    start: str, end: str, expected: int
) -> None:
    may = span("2007-04-30", "2007-05-31")

    assert expected == counted((span(start, end),), may, "P1M", "Days30")


def test_in_months_of_30_days_the_last_of_february_counts_for_those_missing() -> None:
    february = span("2026-02-01", "2026-03-01")
    shifted = span("2026-01-31", "2026-02-28")

    assert counted((span("2026-02-28", "2026-03-01"),), february, "P1M", "Days30") == 3
    assert counted((span("2024-02-29", "2024-03-01"),), february, "P1M", "Days30") == 2
    assert counted((february,), february, "P1M", "Days30") == 30
    assert counted((shifted,), shifted, "P1M", "Days30") == 30


def test_in_months_of_30_days_a_part_never_counts_more_than_the_whole() -> None:
    period = span("2026-02-28", "2026-03-30")

    assert counted((span("2026-02-28", "2026-03-29"),), period, "P1M", "Days30") == 30


@settings(deadline=None)
@given(DAYS, st.integers(0, 70))
def test_a_30_day_month_counts_days_by_their_weights(start: date, days: int) -> None:
    every = [start + timedelta(n) for n in range(days)]
    last = [each for each in every if (each + timedelta(1)).day == 1]
    expected = days - len(last) + sum(31 - each.day for each in last)
    far = Span(date(2000, 1, 1), date(2001, 1, 1))

    assert expected == counted((Span(start, start + timedelta(days)),), far, "P1Y", "Days30")
