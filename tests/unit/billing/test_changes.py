"""Plan changes and price changes."""

from dataclasses import replace

from ispalier.billing.history import InForce
from tests.unit.billing.contracts import (
    Books,
    Calendar,
    amounts,
    bill,
    contract,
    day,
    in_advance,
    price,
    span,
)

JUNE = Calendar("2007-05-31", closing_day=31)
OLD = JUNE.term("99.90", plan="a")
NEW = JUNE.term("149.90", since="2007-06-16", plan="b")


def test_a_plan_change_gives_the_day_to_the_new_plan() -> None:
    posted = bill(contract([OLD, NEW], today="2007-06-30"), as_of="2007-06-30")

    assert sorted(amounts(posted)) == ["53.28", "69.95"]
    assert {"16 of 30 days × 99.90", "14 of 30 days × 149.90"} == {e.arithmetic for e in posted}


def test_a_prepaid_upgrade_credits_the_old_plan_and_charges_the_new_one_now() -> None:
    books = Books()
    books.bill(in_advance(contract([OLD], today="2007-05-31")), as_of="2007-05-31")

    posted = books.bill(in_advance(contract([OLD, NEW], today="2007-06-16")), as_of="2007-06-16")

    assert {"-46.62", "69.95"} == set(amounts(posted))
    assert str(posted[0].money + posted[1].money) == "23.33 BRL"
    assert {"-14 of 30 days × 99.90", "14 of 30 days × 149.90"} == {e.arithmetic for e in posted}
    assert [day("2007-07-10")] * 2 == [entry.due for entry in posted]


def test_a_change_declared_ahead_counts_at_once_even_if_it_takes_effect_later() -> None:
    books = Books()
    books.bill(in_advance(contract([OLD], today="2007-05-31")), as_of="2007-05-31")

    posted = books.bill(in_advance(contract([OLD, NEW], today="2007-06-05")), as_of="2007-06-05")

    assert {"-46.62", "69.95"} == set(amounts(posted))


def test_a_change_that_the_back_ends_have_late_is_billed_from_the_day_they_have_it() -> None:
    history = contract([OLD, NEW], today="2007-06-30")
    facts = (InForce(day("2007-05-31"), 0, "a"), InForce(day("2007-06-20"), 1, "b"))

    posted = bill(replace(history, in_force=facts), as_of="2007-06-30")

    assert sorted(amounts(posted)) == ["49.97", "66.60"]


def test_a_change_that_never_reached_the_back_ends_leaves_the_old_plan() -> None:
    history = contract([OLD, NEW], today="2007-06-30")

    posted = bill(replace(history, in_force=()), as_of="2007-06-30")

    assert amounts(posted) == ["99.90"]


def test_a_change_that_the_back_ends_had_early_is_billed_from_the_declared_day() -> None:
    history = contract([OLD, NEW], today="2007-06-30")
    facts = (InForce(day("2007-06-14"), 1, "b"), InForce(day("2007-05-31"), 0, "a"))

    posted = bill(replace(history, in_force=facts), as_of="2007-06-30")

    assert sorted(amounts(posted)) == ["53.28", "69.95"]


def test_a_change_of_today_is_expected_although_nobody_saw_it_yet() -> None:
    history = replace(contract([OLD, NEW], today="2007-06-16"), in_force=())

    posted = bill(in_advance(history), as_of="2007-06-16")

    assert sorted(amounts(posted)) == ["53.28", "69.95"]


def test_a_change_back_that_is_late_is_billed_from_the_day_it_is_back() -> None:
    back = JUNE.term("99.90", since="2007-06-20", plan="a")
    facts = (
        InForce(day("2007-05-31"), 0, "a"),
        InForce(day("2007-06-16"), 1, "b"),
        InForce(day("2007-06-22"), 2, "a"),
    )
    history = contract([OLD, NEW, back], today="2007-06-30")

    posted = bill(replace(history, in_force=facts), as_of="2007-06-30")

    assert sorted(amounts(posted)) == ["29.98", "79.92"]


def test_a_change_overtaken_by_the_next_has_no_days() -> None:
    third = JUNE.term("200.00", since="2007-06-20", plan="c")
    history = contract([OLD, NEW, third], today="2007-06-30")
    facts = (InForce(day("2007-05-31"), 0, "a"), InForce(day("2007-06-21"), 1, "c"))

    posted = bill(replace(history, in_force=facts), as_of="2007-06-30")

    assert sorted(amounts(posted)) == ["60.00", "69.93"]


def test_of_two_changes_on_one_day_the_last_wins() -> None:
    third = JUNE.term("60.00", since="2007-06-16", plan="c")

    posted = bill(contract([OLD, NEW, third], today="2007-06-30"), as_of="2007-06-30")

    assert {entry.slot.pricing.plan: str(entry.money)[:-4] for entry in posted} == {
        "a": "53.28",
        "c": "28.00",
    }


def test_a_change_back_on_the_same_day_posts_nothing() -> None:
    books = Books()
    books.bill(in_advance(contract([OLD], today="2007-05-31")), as_of="2007-05-31")
    back = JUNE.term("99.90", since="2007-06-16", plan="a")

    changed = in_advance(contract([OLD, NEW, back], today="2007-06-16"))

    assert books.bill(changed, as_of="2007-06-16") == []


def test_a_change_there_and_back_within_a_period_is_one_slot_for_the_first_plan() -> None:
    back = JUNE.term("99.90", since="2007-06-20", plan="a")

    posted = bill(contract([OLD, NEW, back], today="2007-06-30"), as_of="2007-06-30")

    assert sorted(amounts(posted)) == ["19.99", "86.58"]
    assert "(16 + 10) of 30 days × 99.90" in {entry.arithmetic for entry in posted}


def test_another_quantity_needs_no_back_end_and_keeps_the_price_once_bought() -> None:
    prices = (price("10.00"), price("12.00", valid_from="2007-06-01"))
    one = JUNE.term(prices, plan="a")
    two = JUNE.term(prices, since="2007-06-16", plan="a", quantity=2)

    posted = bill(contract([one, two], today="2007-06-30"), as_of="2007-06-30")

    assert sorted(amounts(posted)) == ["5.33", "9.33"]


def test_another_cycle_keeps_the_anchor_and_takes_the_price_of_its_day() -> None:
    start = Calendar("2026-01-31")
    month = start.term("31.00")
    year = start.term((price("365.00", valid_from="2026-02-20"),), since="2026-02-28", cycle="P1Y")

    posted = bill(in_advance(contract([month, year], today="2026-02-28")), as_of="2026-02-28")

    assert amounts(posted) == ["31.00", "337.00"]
    assert span("2026-01-31", "2027-01-31") == posted[1].period


def test_a_new_price_reaches_an_existing_contract_at_its_next_period() -> None:
    prices = (price("99.90"), price("109.90", "2026-07-01", existing="2026-07-01"))
    history = contract([Calendar("2026-06-15").term(prices)], today="2026-08-15")

    assert amounts(bill(history, as_of="2026-08-15")) == ["99.90", "109.90"]


def test_a_price_that_may_change_within_a_period_charges_the_difference() -> None:
    calendar = Calendar("2026-06-15")
    books = Books()
    before = contract([calendar.term("99.90")], today="2026-06-15")
    books.bill(in_advance(before), as_of="2026-06-15")
    prices = (price("99.90"), price("109.90", "2026-07-01", "2026-07-01", mid_period=True))

    after = contract([calendar.term(prices)], today="2026-07-01")
    posted = books.bill(in_advance(after), as_of="2026-07-01")

    assert {"-46.62", "51.29"} == set(amounts(posted))
    assert str(posted[0].money + posted[1].money) == "4.67 BRL"


def test_a_price_for_new_contracts_leaves_existing_ones_alone() -> None:
    prices = (price("99.90"), price("109.90", valid_from="2026-07-01"))
    old = contract([Calendar("2026-06-15").term(prices)], today="2026-08-15")
    new = contract([Calendar("2026-07-15").term(prices)], today="2026-08-15")

    assert amounts(bill(old, as_of="2026-08-15")) == ["99.90", "99.90"]
    assert amounts(bill(new, as_of="2026-08-15")) == ["109.90"]


def test_a_price_is_new_on_its_first_day() -> None:
    prices = (price("99.90"), price("109.90", valid_from="2026-06-15"))
    history = contract([Calendar("2026-06-15").term(prices)], today="2026-07-15")

    assert amounts(bill(history, as_of="2026-07-15")) == ["109.90"]


def test_a_price_that_existing_contracts_pay_sooner_reaches_a_new_one_after_its_first_period() -> (
    None
):
    prices = (price("99.90"), price("109.90", "2026-09-01", existing="2026-01-01"))
    history = contract([Calendar("2026-06-15").term(prices)], today="2026-08-15")

    assert amounts(bill(history, as_of="2026-08-15")) == ["99.90", "109.90"]


def test_an_older_price_never_comes_back() -> None:
    prices = (price("80.00", "2020-01-01", "2026-08-01"), price("99.90", valid_from="2026-06-01"))
    history = contract([Calendar("2026-06-15").term(prices)], today="2026-09-15")

    assert amounts(bill(history, as_of="2026-09-15")) == ["99.90"] * 3


def test_a_contract_older_than_the_price_list_gets_the_price_for_existing_ones() -> None:
    prices = (price("99.90", "2026-01-01", existing="2026-01-01"),)
    history = contract([Calendar("2019-06-15").term(prices)], today="2026-02-15")

    posted = bill(replace(history, ledger_start=day("2026-01-15")), as_of="2026-02-15")

    assert amounts(posted) == ["99.90"]


def test_an_agreed_price_takes_the_place_of_the_plans() -> None:
    term = replace(Calendar("2007-05-31", closing_day=31).term("99.90"), override="60.00")

    entry = bill(contract([term], today="2007-06-30"), as_of="2007-06-30")[0]

    assert amounts([entry]) == ["60.00"]
    assert entry.slot.pricing.valid_from is None


def test_an_agreed_price_written_otherwise_is_the_same_price() -> None:
    books = Books()
    term = replace(Calendar("2007-05-31", closing_day=31).term("99.90"), override="60.00")
    books.bill(contract([term], today="2007-06-30"), as_of="2007-06-30")

    same = contract([replace(term, override="60.0")], today="2007-06-30")

    assert books.bill(same, as_of="2007-06-30") == []


def test_a_slip_in_a_price_is_put_right_on_the_same_slot() -> None:
    books = Books()
    calendar = Calendar("2007-05-31", closing_day=31)
    books.bill(contract([calendar.term("9.99")], today="2007-06-30"), as_of="2007-06-30")

    posted = books.bill(contract([calendar.term("99.90")], today="2007-07-01"), "2007-07-01")

    assert amounts(posted) == ["89.91"]
    assert posted[0].seq == 2
    assert posted[0].arithmetic == "correction: total 99.90, before 9.99"
    assert day("2007-07-10") == posted[0].due


def test_a_yearly_contract_cancelled_in_advance_keeps_what_was_used() -> None:
    books = Books()
    history = in_advance(
        contract([Calendar("2026-01-01", cycle="P1Y").term("1200.00")], today="2026-01-01")
    )
    books.bill(history, as_of="2026-01-01")

    posted = books.bill(
        replace(history, today=day("2026-04-01"), end=day("2026-04-01")), as_of="2026-04-01"
    )

    assert amounts(posted) == ["-904.11"]
    assert posted[0].arithmetic == "-275 of 365 days × 1200.00"


def test_a_yearly_contract_changed_in_march_stays_on_its_year() -> None:
    calendar = Calendar("2015-01-01", cycle="P1Y")
    small = calendar.term("2399.95", plan="small")
    big = calendar.term("5999.95", since="2015-03-15", plan="big")
    books = Books()
    books.bill(in_advance(contract([small], today="2015-01-01")), as_of="2015-01-01")

    posted = books.bill(in_advance(contract([small, big], today="2015-03-15")), as_of="2015-03-15")

    assert {"-1919.96", "4799.96"} == set(amounts(posted))
