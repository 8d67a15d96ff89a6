"""Billing holds and suspensions: days that are simply not billed."""

from dataclasses import replace

import pytest

from tests.unit.billing.contracts import (
    Books,
    Calendar,
    amounts,
    bill,
    contract,
    day,
    in_advance,
    pause,
    suspended,
)

JUNE = Calendar("2007-05-31", closing_day=31)
CONTRACT = contract([JUNE.term("99.90")], today="2007-06-30")


def test_a_billing_hold_stops_billing_and_nothing_else() -> None:
    held = replace(CONTRACT, holds=(pause("2007-06-10"),))

    assert amounts(bill(held, as_of="2007-06-30")) == ["33.30"]


def test_a_suspension_with_its_service_off_stops_billing() -> None:
    off = suspended(CONTRACT, pause("2007-06-10"))

    assert amounts(bill(off, as_of="2007-06-30")) == ["33.30"]


def test_a_suspension_within_a_period_is_not_billed() -> None:
    entry = bill(suspended(CONTRACT, pause("2007-06-10", "2007-06-20")), as_of="2007-06-30")[0]

    assert amounts([entry]) == ["66.60"]
    assert [step.amount for step in entry.segments] == [3330, 3330]
    assert entry.arithmetic == "(10 + 10) of 30 days × 99.90"


def test_a_prepaid_suspension_is_taken_to_last_and_its_end_charges_the_rest() -> None:
    books = Books()
    books.bill(in_advance(contract([JUNE.term("99.90")], today="2007-05-31")), as_of="2007-05-31")
    on_the_day = in_advance(contract([JUNE.term("99.90")], today="2007-06-10"))
    back = in_advance(contract([JUNE.term("99.90")], today="2007-06-20"))

    stopped = books.bill(suspended(on_the_day, pause("2007-06-10")), as_of="2007-06-10")
    resumed = books.bill(suspended(back, pause("2007-06-10", "2007-06-20")), as_of="2007-06-20")

    assert amounts(stopped) == ["-66.60"]
    assert amounts(resumed) == ["33.30"]
    assert [(step.days, step.lost) for step in stopped[0].segments] == [(-20, True)]
    assert resumed[0].arithmetic == "10 of 30 days × 99.90"
    assert day("2007-07-10") == resumed[0].due


def test_a_suspension_deleted_afterwards_bills_nothing_for_the_gap() -> None:
    books = Books()
    off = suspended(CONTRACT, pause("2007-06-10", "2007-06-20"))
    books.bill(off, as_of="2007-06-30")

    tidied = replace(off, suspensions=())

    assert books.bill(tidied, as_of="2007-07-01") == []


def test_a_suspension_that_never_reached_the_back_ends_is_billed() -> None:
    declared = replace(CONTRACT, suspensions=(pause("2007-06-10", "2007-06-20"),))

    assert amounts(bill(declared, as_of="2007-06-30")) == ["99.90"]


def test_a_service_that_came_back_late_is_billed_from_its_return() -> None:
    late = replace(
        CONTRACT,
        suspensions=(pause("2007-06-10", "2007-06-20"),),
        offs=(pause("2007-06-10", "2007-06-22"),),
    )

    assert amounts(bill(late, as_of="2007-06-30")) == ["59.94"]


def test_a_service_that_is_off_without_a_suspension_in_sight_stays_unbilled() -> None:
    absent = replace(CONTRACT, offs=(pause("2007-06-10", reason="Absent"),))

    assert amounts(bill(absent, as_of="2007-06-30")) == ["33.30"]


@pytest.mark.parametrize("today", ["2007-06-12", "2007-06-20"])
def test_the_end_of_a_suspension_is_expected_on_its_day(today: str) -> None:
    history = in_advance(contract([JUNE.term("99.90")], today))
    off = replace(
        history,
        suspensions=(pause("2007-06-10", "2007-06-20"),),
        offs=(pause("2007-06-10"),),
    )

    assert amounts(bill(off, as_of="2007-06-12")) == ["66.60"]


def test_a_change_inside_a_suspension_is_billed_from_the_return() -> None:
    changed = contract(
        [JUNE.term("99.90", plan="a"), JUNE.term("149.90", since="2007-06-15", plan="b")],
        today="2007-06-30",
    )

    posted = bill(suspended(changed, pause("2007-06-10", "2007-06-20")), as_of="2007-06-30")

    assert sorted(amounts(posted)) == ["33.30", "49.97"]


def test_a_yearly_contract_keeps_its_term_through_a_pause() -> None:
    books = Books()
    calendar = Calendar("2012-05-01", cycle="P1Y")
    start = in_advance(contract([calendar.term("2399.95")], today="2012-05-12"))
    back = in_advance(contract([calendar.term("2399.95")], today="2012-06-04"))
    books.bill(suspended(start, pause("2012-05-12")), as_of="2012-05-12")

    resumed = books.bill(suspended(back, pause("2012-05-12", "2012-06-04")), as_of="2012-06-04")

    assert amounts(resumed) == ["2176.39"]


def test_overlapping_pauses_take_each_day_once() -> None:
    history = replace(
        suspended(CONTRACT, pause("2007-06-10", "2007-06-20")),
        holds=(pause("2007-06-15", "2007-06-25"),),
    )

    assert amounts(bill(history, as_of="2007-06-30")) == ["49.95"]
