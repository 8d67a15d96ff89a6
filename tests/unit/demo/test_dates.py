"""The demo's days: what a person works out for them is what billing charges."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hack.demo.dates import story
from ispalier.billing.grid import anchor, grid

ZONE = "America/Sao_Paulo"


@pytest.mark.parametrize(
    ("now", "today", "closes", "arithmetic", "charge"),
    [
        ("2026-11-22T18:00", "2026-11-22", "2026-11-30", "8 of 30 days × 149.90", "39.97"),
        ("2026-11-28T12:00", "2026-11-28", "2026-11-30", "2 of 30 days × 149.90", "9.99"),
        ("2026-11-29T12:00", "2026-11-29", "2026-11-30", "1 of 30 days × 149.90", "5.00"),
        ("2026-11-30T12:00", "2026-11-30", "2026-12-31", "31 of 31 days × 149.90", "149.90"),
        ("2026-12-31T12:00", "2026-12-31", "2027-01-31", "31 of 31 days × 149.90", "149.90"),
        ("2026-12-31T01:00", "2026-12-30", "2026-12-31", "1 of 31 days × 149.90", "4.84"),
        ("2026-12-01T01:00", "2026-11-30", "2026-12-31", "31 of 31 days × 149.90", "149.90"),
        ("2028-02-28T12:00", "2028-02-28", "2028-02-29", "1 of 29 days × 149.90", "5.17"),
        ("2028-02-29T12:00", "2028-02-29", "2028-03-31", "31 of 31 days × 149.90", "149.90"),
    ],
)
def test_the_story_tells_the_day_the_close_and_the_charge(
    now: str, today: str, closes: str, arithmetic: str, charge: str
) -> None:
    days = story(datetime.fromisoformat(now).replace(tzinfo=UTC), ZONE)

    assert (today, closes) == (days.today.isoformat(), days.closes.isoformat())
    assert arithmetic == days.arithmetic("149.90")
    assert charge == str(days.charge("149.90"))


@given(st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is given beside
def test_the_period_is_that_of_the_billing_grid(now: datetime) -> None:
    days = story(now, ZONE)
    boundaries = grid(anchor(days.today, closing_day=31), "P1M")

    assert days.closes == boundaries.boundary(1 if days.today == days.opened else 0)
    assert days.opened == boundaries.boundary(0 if days.today == days.opened else -1)
    assert isinstance(days.opened, date)
