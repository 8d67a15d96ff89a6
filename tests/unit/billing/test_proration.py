"""What a contract owes for whole and partial periods, in advance and in arrears."""

from dataclasses import replace

import pytest

from ispalier.billing.grid import DayCount
from tests.unit.billing.contracts import (
    Calendar,
    amounts,
    bill,
    contract,
    day,
    in_advance,
    rated,
    span,
)


@pytest.mark.parametrize(
    ("start", "day_count", "expected", "arithmetic"),
    [
        ("2007-05-21", "Actual", "32.23", "10 of 31 days × 99.90"),
        ("2007-05-21", "Days30", "33.30", "10 of 30 days × 99.90"),
        ("2007-05-11", "Actual", "64.45", "20 of 31 days × 99.90"),
        ("2007-05-11", "Days30", "66.60", "20 of 30 days × 99.90"),
    ],
)
def test_the_first_partial_period_is_prorated_on_the_full_one(
    start: str, day_count: DayCount, expected: str, arithmetic: str
) -> None:
    history = contract([Calendar(start, closing_day=31).term("99.90")], today="2007-05-31")

    entry = bill(replace(history, day_count=day_count), as_of="2007-05-31")[0]

    assert [expected] == amounts([entry])
    assert arithmetic == entry.arithmetic
    assert span("2007-04-30", "2007-05-31") == entry.period == entry.ref_period


def test_the_second_billing_starts_at_the_close_and_no_day_is_lost_or_billed_twice() -> None:
    history = contract([Calendar("2007-05-21", closing_day=31).term("99.90")], today="2007-07-31")

    posted = bill(history, as_of="2007-07-31")

    assert amounts(posted) == ["32.23", "99.90", "99.90"]
    assert [
        span("2007-04-30", "2007-05-31"),
        span("2007-05-31", "2007-06-30"),
        span("2007-06-30", "2007-07-31"),
    ] == [entry.period for entry in posted]
    assert [str(entry.due) for entry in posted] == ["2007-06-10", "2007-07-10", "2007-08-10"]


def test_a_start_on_the_close_date_is_a_full_period() -> None:
    history = contract([Calendar("2007-05-31", closing_day=31).term("99.90")], today="2007-06-30")

    assert amounts(bill(history, as_of="2007-06-30")) == ["99.90"]


def test_in_arrears_nothing_is_owed_before_the_period_is_over() -> None:
    history = contract([Calendar("2007-05-21", closing_day=31).term("99.90")], today="2007-05-30")

    assert bill(history, as_of="2007-05-30") == []


def test_prepaid_the_due_day_in_may_pays_may() -> None:
    history = in_advance(contract([Calendar("2007-05-01").term("99.90")], today="2007-05-01"))

    entry = bill(history, as_of="2007-05-01")[0]

    assert (day("2007-05-10"), span("2007-05-01", "2007-06-01")) == (entry.due, entry.period)


def test_postpaid_the_due_day_in_may_pays_april() -> None:
    history = contract([Calendar("2007-04-01").term("99.90")], today="2007-05-01")

    entry = bill(history, as_of="2007-05-01")[0]

    assert (day("2007-05-10"), span("2007-04-01", "2007-05-01")) == (entry.due, entry.period)


def test_a_prepaid_start_within_a_period_is_due_after_the_start() -> None:
    calendar = Calendar("2007-05-21", closing_day=31)
    history = in_advance(contract([calendar.term("99.90")], today="2007-05-21"))

    entry = bill(history, as_of="2007-05-21")[0]

    assert amounts([entry]) == ["32.23"]
    assert day("2007-06-10") == entry.due


def test_a_due_day_that_february_lacks_is_its_last_day() -> None:
    history = contract([Calendar("2026-01-10").term("99.90")], today="2026-02-10")

    entry = bill(replace(history, due_day=31), as_of="2026-02-10")[0]

    assert day("2026-02-28") == entry.due


@pytest.mark.parametrize(
    ("start", "calendar", "amount", "as_of", "expected"),
    [
        ("2024-02-15", Calendar("2024-02-01"), "29.00", "2024-03-01", "15.00"),
        ("2026-02-15", Calendar("2026-02-01"), "29.00", "2026-03-01", "14.50"),
        ("2026-02-15", Calendar("2026-01-01", cycle="P3M"), "300.00", "2026-04-01", "150.00"),
        ("2011-02-14", Calendar("2011-01-31"), "28.00", "2011-02-28", "14.00"),
        ("2026-01-05", Calendar("2026-01-01", cycle="P1W"), "7.00", "2026-01-08", "3.00"),
    ],
)
def test_the_denominator_is_the_length_of_the_nominal_period(
    start: str, calendar: Calendar, amount: str, as_of: str, expected: str
) -> None:
    history = contract([calendar.term(amount, since=start)], today=as_of)

    assert [expected] == amounts(bill(history, as_of))


def test_a_quarter_closing_on_the_31st_is_measured_from_the_closing_day() -> None:
    calendar = Calendar("2011-02-14", closing_day=31, cycle="P3M")

    entry = bill(contract([calendar.term("90.00")], today="2011-02-28"), "2011-02-28")[0]

    assert amounts([entry]) == ["14.00"]
    assert entry.arithmetic == "14 of 90 days × 90.00"


def test_a_currency_of_three_decimals_is_rounded_to_three() -> None:
    history = contract([Calendar("2007-05-21", closing_day=31).term("10.000")], today="2007-05-31")

    posted = bill(replace(history, currency="KWD"), as_of="2007-05-31")

    assert amounts(posted) == ["3.226"]


def test_a_quantity_multiplies_the_exact_price_and_is_one_entry() -> None:
    calendar = Calendar("2007-05-21", closing_day=31)
    history = contract([calendar.term("9.995", quantity=3)], today="2007-05-31")

    entry = bill(history, as_of="2007-05-31")[0]

    assert amounts([entry]) == ["9.67"]
    assert entry.arithmetic == "10 of 31 days × 3 × 9.995"


def test_billing_starts_when_all_back_ends_were_ready() -> None:
    history = contract([Calendar("2007-05-21", closing_day=31).term("99.90")], today="2007-05-31")

    posted = bill(replace(history, ready=day("2007-05-25")), as_of="2007-05-31")

    assert amounts(posted) == ["19.34"]


def test_ready_before_the_declared_start_begins_on_the_declared_start() -> None:
    history = contract([Calendar("2007-05-21", closing_day=31).term("99.90")], today="2007-05-31")

    posted = bill(replace(history, ready=day("2007-05-02")), as_of="2007-05-31")

    assert amounts(posted) == ["32.23"]


def test_ready_in_a_future_that_a_back_end_imagined_counts_as_today() -> None:
    history = contract([Calendar("2007-05-21", closing_day=31).term("99.90")], today="2007-05-25")

    posted = bill(replace(history, ready=day("2099-01-01")), as_of="2007-05-31")

    assert amounts(posted) == ["19.34"]


def test_what_was_never_ready_owes_nothing_ever() -> None:
    calendar = Calendar("2007-05-21", closing_day=31)
    history = replace(contract([calendar.term("99.90")], today="2007-08-31"), ready=None)
    cancelled = replace(history, end=day("2007-06-10"))

    assert bill(history, as_of="2007-08-31") == []
    assert bill(cancelled, as_of="2007-08-31") == []
    assert bill(in_advance(history), as_of="2007-08-31") == []


def test_a_contract_ended_on_its_first_day_owes_nothing() -> None:
    history = contract([Calendar("2007-06-01").term("99.90")], today="2007-06-01")

    assert bill(replace(history, end=day("2007-06-01")), as_of="2007-07-01") == []


def test_an_end_closes_the_last_period_in_arrears_at_once() -> None:
    history = contract([Calendar("2026-03-01").term("31.00")], today="2026-03-20")

    entry = bill(replace(history, end=day("2026-03-20")), as_of="2026-03-20")[0]

    assert amounts([entry]) == ["19.00"]
    assert day("2026-04-10") == entry.due


def test_a_price_of_zero_makes_no_entry() -> None:
    history = contract([Calendar("2007-05-21").term("0.00")], today="2007-08-31")

    assert bill(history, as_of="2007-08-31") == []


def test_nothing_before_the_ledger_start_or_the_takeover_of_a_contract_is_rated() -> None:
    calendar = Calendar("2020-01-01")
    history = contract([calendar.term("30.00")], today="2026-07-01")

    from_ledger = bill(replace(history, ledger_start=day("2026-06-16")), as_of="2026-07-01")
    from_takeover = bill(
        replace(history, ledger_start=day("2026-06-16"), billed_through=day("2026-06-21")),
        as_of="2026-07-01",
    )

    assert amounts(from_ledger) == ["15.00"]
    assert amounts(from_takeover) == ["10.00"]


def test_a_contract_without_a_plan_or_price_is_reported_and_not_rated_as_zero() -> None:
    calendar = Calendar("2007-05-21", closing_day=31)
    lost = replace(calendar.term("99.90"), problem="plan 'fibra-3000' does not exist: create it")
    late = calendar.term((), plan="fibra-300")

    unknown = rated(contract([lost], today="2007-05-31"), as_of="2007-05-31")
    unpriced = rated(contract([late], today="2007-05-31"), as_of="2007-05-31")

    assert () == unknown.charges == unpriced.charges
    assert [e.reason for e in unknown.held] == ["plan 'fibra-3000' does not exist: create it"]
    assert (span("2007-05-21", "2007-05-31"),) == unknown.held[0].days
    assert "plan 'fibra-300' has no price in BRL per P1M" in unpriced.held[0].reason
