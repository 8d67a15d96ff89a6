"""What customers are billed, from the YAML and the facts to the line in the ledger."""

import pytest

from tests.billing.firm import Firm, lasting


@pytest.mark.parametrize(
    ("start", "day_count", "line"),
    [
        ("2007-05-21", "Actual", "32.23 = 10 of 31 days × 99.90"),
        ("2007-05-21", "Days30", "33.30 = 10 of 30 days × 99.90"),
        ("2007-05-11", "Actual", "64.45 = 20 of 31 days × 99.90"),
        ("2007-05-11", "Days30", "66.60 = 20 of 30 days × 99.90"),
    ],
)
def test_the_first_partial_period_is_prorated(
    firm: Firm, start: str, day_count: str, line: str
) -> None:
    firm.unit(dayCount=day_count)
    firm.contract(f"{start} fibra-300")
    firm.observe(f"{start} ready", f"{start} plan fibra-300")

    assert [line] == firm.post("2007-05-31")


def test_the_second_billing_starts_at_the_close(firm: Firm) -> None:
    firm.contract("2007-05-21 fibra-300")
    firm.observe("2007-05-21 ready", "2007-05-21 plan fibra-300")
    firm.post("2007-05-31")

    june, july = firm.post("2007-06-30"), firm.post("2007-07-31")

    assert june == ["99.90 = 30 of 30 days × 99.90"]
    assert july == ["99.90 = 31 of 31 days × 99.90"]
    assert [each["refPeriod"] for each in firm.entries()] == [
        {"start": "2007-04-30", "end": "2007-05-31"},
        {"start": "2007-05-31", "end": "2007-06-30"},
        {"start": "2007-06-30", "end": "2007-07-31"},
    ]


def test_prepaid_the_due_day_in_may_pays_may(firm: Firm) -> None:
    firm.unit(timing="Advance", closingDay=1)
    firm.contract("2007-05-01 fibra-300")
    firm.observe("2007-05-01 ready")

    posted = firm.post("2007-05-01")

    entry = firm.entries()[0]
    assert posted == ["99.90 = 31 of 31 days × 99.90"]
    assert entry["due"] == "2007-05-10"
    assert entry["period"] == {"start": "2007-05-01", "end": "2007-06-01"}


def test_postpaid_the_due_day_in_may_pays_april(firm: Firm) -> None:
    firm.unit(closingDay=1)
    firm.contract("2007-04-01 fibra-300")
    firm.observe("2007-04-01 ready")

    posted = firm.post("2007-05-01")

    entry = firm.entries()[0]
    assert posted == ["99.90 = 30 of 30 days × 99.90"]
    assert entry["due"] == "2007-05-10"
    assert entry["period"] == {"start": "2007-04-01", "end": "2007-05-01"}


def test_terms_of_the_tenant_go_before_those_of_its_unit(firm: Firm) -> None:
    firm.tenant(billing={"timing": "Advance", "closingDay": 1, "dueDay": 20})
    firm.contract("2007-05-01 fibra-300")
    firm.observe("2007-05-01 ready")

    posted = firm.post("2007-05-01")

    assert posted == ["99.90 = 31 of 31 days × 99.90"]
    assert firm.entries()[0]["due"] == "2007-05-20"


def test_a_billing_hold_stops_charges_alone(firm: Firm) -> None:
    firm.contract("2007-05-31 fibra-300", billing={"hold": [lasting("2007-06-10")]})
    firm.observe("2007-05-31 ready")

    assert firm.post("2007-06-30") == ["33.30 = 10 of 30 days × 99.90"]
    assert firm.post("2007-07-31") == []


def test_a_suspension_stops_charges_until_it_ends(firm: Firm) -> None:
    firm.contract("2007-05-31 fibra-300", suspensions=[lasting("2007-06-10")])
    firm.observe("2007-05-31 ready", "2007-06-10 service:Unpaid Off")

    june, july = firm.post("2007-06-30"), firm.post("2007-07-31")

    firm.contract("2007-05-31 fibra-300", suspensions=[lasting("2007-06-10", "2007-08-10")])
    firm.observe("2007-08-10 service:Unpaid On")
    assert june == ["33.30 = 10 of 30 days × 99.90"]
    assert july == []
    assert firm.post("2007-08-31") == ["67.67 = 21 of 31 days × 99.90"]


def test_a_suspension_that_goes_on_billing_changes_nothing(firm: Firm) -> None:
    billed = {**lasting("2007-06-10"), "billing": "Continue"}
    firm.contract("2007-05-31 fibra-300", suspensions=[billed])
    firm.observe("2007-05-31 ready", "2007-06-10 service:Unpaid OffBilled")

    assert firm.post("2007-06-30") == ["99.90 = 30 of 30 days × 99.90"]


def test_a_plan_change_splits_the_period_on_its_day(firm: Firm) -> None:
    firm.plan("fibra-600", "149.90")
    firm.contract("2007-05-31 fibra-300", "2007-06-16 fibra-600")
    firm.observe("2007-05-31 ready", "2007-05-31 plan fibra-300", "2007-06-16 plan fibra-600")

    assert firm.post("2007-06-30") == [
        "53.28 = 16 of 30 days × 99.90",
        "69.95 = 14 of 30 days × 149.90",
    ]


def test_a_change_that_the_back_ends_had_later_is_billed_from_then_on(firm: Firm) -> None:
    firm.plan("fibra-600", "149.90")
    firm.contract("2007-05-31 fibra-300", "2007-06-16 fibra-600")
    firm.observe("2007-05-31 ready", "2007-05-31 plan fibra-300", "2007-06-20 plan fibra-600")

    assert firm.post("2007-06-30") == [
        "49.97 = 10 of 30 days × 149.90",
        "66.60 = 20 of 30 days × 99.90",
    ]


def test_an_anchor_on_the_31st_closes_on_the_last_of_every_month(firm: Firm) -> None:
    firm.unit(closingDay=None)
    firm.contract("2026-01-31 fibra-300")
    firm.observe("2026-01-31 ready")

    firm.post("2026-05-31")

    assert [each["period"]["end"] for each in firm.entries()] == [
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
    ]


def test_an_anchor_date_of_the_contract_goes_before_all_closing_days(firm: Firm) -> None:
    firm.tenant(billing={"closingDay": 5})
    firm.contract("2026-01-31 fibra-300", billing={"anchorDate": "2026-01-20"})
    firm.observe("2026-01-31 ready")

    firm.post("2026-03-20")

    assert [each["period"]["end"] for each in firm.entries()] == ["2026-02-20", "2026-03-20"]


def test_days_of_a_suspension_within_a_period_are_not_billed(firm: Firm) -> None:
    firm.contract("2007-05-31 fibra-300", suspensions=[lasting("2007-06-10", "2007-06-20")])
    firm.observe(
        "2007-05-31 ready", "2007-06-10 service:Unpaid Off", "2007-06-20 service:Unpaid On"
    )

    assert firm.post("2007-06-30") == ["66.60 = (10 + 10) of 30 days × 99.90"]


def test_prepaid_a_suspension_is_credited_when_it_begins_and_charged_when_it_ends(
    firm: Firm,
) -> None:
    firm.unit(timing="Advance")
    firm.contract("2007-05-31 fibra-300")
    firm.observe("2007-05-31 ready")
    month = firm.post("2007-05-31")
    firm.contract("2007-05-31 fibra-300", suspensions=[lasting("2007-06-10")])
    firm.observe("2007-06-10 service:Unpaid Off")
    begin = firm.post("2007-06-10")
    firm.contract("2007-05-31 fibra-300", suspensions=[lasting("2007-06-10", "2007-06-20")])
    firm.observe("2007-06-20 service:Unpaid On")
    end = firm.post("2007-06-20")

    assert month == ["99.90 = 30 of 30 days × 99.90"]
    assert begin == ["-66.60 = -20 of 30 days × 99.90"]
    assert end == ["33.30 = 10 of 30 days × 99.90"]


def test_deleting_a_suspension_afterwards_does_not_bill_the_gap(firm: Firm) -> None:
    firm.contract("2007-05-31 fibra-300")
    firm.observe(
        "2007-05-31 ready", "2007-06-10 service:Unpaid Off", "2007-06-20 service:Unpaid On"
    )

    assert firm.post("2007-06-30") == ["66.60 = (10 + 10) of 30 days × 99.90"]


def test_thirds_of_ten_make_ten(firm: Firm) -> None:
    firm.unit(timing="Advance", closingDay=1)
    firm.plan("fibra-300", "10.00")
    firm.observe("2007-06-01 ready")

    firm.contract("2007-06-01 fibra-300", billing={"hold": [lasting("2007-06-11")]})
    first = firm.post("2007-06-01")
    firm.contract("2007-06-01 fibra-300", billing={"hold": [lasting("2007-06-21")]})
    second = firm.post("2007-06-11")
    firm.contract("2007-06-01 fibra-300")
    third = firm.post("2007-06-21")

    assert first == ["3.33 = 10 of 30 days × 10.00"]
    assert second == ["3.34 = 10 of 30 days × 10.00 (total 6.67, before 3.33)"]
    assert third == ["3.33 = 10 of 30 days × 10.00"]


def test_what_was_never_seen_in_service_owes_nothing_and_is_counted(firm: Firm) -> None:
    firm.contract("2007-05-21 fibra-300")

    result = firm.bill("2007-05-31")

    assert result.exit_code == 0
    assert "1 contract not seen in service yet: nothing is owed" in result.stderr
    assert "nothing to post for 1 contract" in result.stderr
