"""What cannot be billed is told, never taken for zero."""

import json
from typing import Any

import pytest

from tests.billing.firm import Firm

POST = ("--post", "--first-run")


@pytest.fixture
def home(firm: Firm) -> Firm:
    """A contract in advance whose May was posted."""
    firm.unit(timing="Advance")
    firm.contract("2007-05-31 fibra-300")
    firm.observe("2007-05-31 ready", "2007-05-31 plan fibra-300")
    firm.post("2007-05-31")
    return firm


def unbilled(firm: Firm, as_of: str = "2007-06-30", *words: str) -> list[dict[str, Any]]:
    """What a run that ends with 1 says of contracts that it cannot bill; it posts nothing."""
    before = firm.entries()
    result = firm.bill(as_of, *words, *POST, "--format", "json")
    assert result.exit_code == 1
    assert before == firm.entries()
    found: list[dict[str, Any]] = json.loads(result.stdout)["unbilled"]
    return found


def test_a_contract_that_is_gone_is_held(home: Firm) -> None:
    home.file("Subscription", "home", "silva").unlink()

    held = unbilled(home)

    assert [(each["unit"], each["customer"], each["subscription"]) for each in held] == [
        ("londrina", "10042", "home")
    ]
    assert held[0]["reason"].startswith("is not declared (any more), so nothing is charged")


def test_a_customer_who_is_gone_is_held(home: Firm) -> None:
    home.file("Subscription", "home", "silva").unlink()
    home.file("Tenant", "silva", "silva").unlink()

    assert [each["customer"] for each in unbilled(home)] == ["10042"]


def test_a_contract_that_was_served_and_never_billed_is_missed_as_well(home: Firm) -> None:
    home.observe("2007-06-02 ready", name="office")

    assert [each["subscription"] for each in unbilled(home, "2007-05-31")] == ["office"]


def test_a_plan_that_is_gone_is_held_with_its_days(home: Firm) -> None:
    home.file("Plan", "fibra-300").unlink()

    held = unbilled(home)

    assert [each["days"] for each in held] == [[{"start": "2007-05-31", "end": "2007-07-31"}]]
    assert held[0]["reason"] == (
        "plan 'fibra-300' does not exist: declare it or correct the reference"
    )


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ({"availableIn": ["maringa"]}, "plan 'fibra-300' is not sold in unit 'londrina'"),
        ({"prices": []}, "plan 'fibra-300' has no price in BRL per P1M"),
        ({"cycles": ["P1Y"], "prices": []}, "plan 'fibra-300' has no price in BRL per P1Y"),
    ],
)
def test_a_plan_without_a_price_for_the_contract_is_held(
    home: Firm, plan: dict[str, object], reason: str
) -> None:
    home.plan("fibra-300", "99.90", **plan)

    assert all(each["reason"].startswith(reason) for each in unbilled(home))


def test_a_cycle_that_the_plan_has_not_is_held(home: Firm) -> None:
    term = {"from": "2007-05-31", "planRef": {"name": "fibra-300"}, "cycle": "P3M"}
    home.declare("Subscription", "home", {"terms": [term]}, "silva")

    assert "has no cycle P3M: use one of P1M" in unbilled(home)[0]["reason"]


def test_a_unit_that_is_gone_is_held(home: Firm) -> None:
    home.file("BusinessUnit", "londrina").unlink()

    assert "BusinessUnit/londrina, which says how to bill" in unbilled(home)[0]["reason"]


def test_a_customer_who_moved_to_another_unit_is_held(home: Firm) -> None:
    home.unit("maringa")
    home.plan("fibra-300", "99.90", availableIn=["londrina", "maringa"])
    home.tenant(businessUnitRef={"name": "maringa"})

    assert unbilled(home)[0]["reason"].startswith("was billed in unit 'londrina'")
    assert unbilled(home, "2007-06-30", "--unit", "maringa") == unbilled(home)


def test_a_second_tenant_of_one_number_is_held_and_the_first_is_billed(home: Firm) -> None:
    home.tenant("twin", "10042")
    home.contract("2007-05-31 fibra-300", namespace="twin", name="office")

    result = home.bill("2007-06-30", "--post")

    assert result.exit_code == 1
    assert "customer number 10042 belongs to Tenant/silva" in result.stderr
    assert [entry["subscription"] for entry in home.entries()] == ["home", "home"]


def test_a_contract_of_nobody_is_held(home: Firm) -> None:
    home.contract("2007-05-31 fibra-300", namespace="empty", name="lost")

    result = home.bill("2007-06-30", "--post")

    assert "unknown customer lost: a Tenant is not in namespace 'empty'" in result.stderr
    assert result.exit_code == 1


def test_a_year_beyond_the_calendar_is_held(home: Firm) -> None:
    home.contract("9999-12-31 fibra-300")

    assert unbilled(home)[0]["reason"] == (
        "spec.terms[0].from is 9999-12-31: write a day of the years 1900 to 2199"
    )


def test_an_amount_that_no_ledger_holds_is_held(home: Firm) -> None:
    term = {"from": "2007-05-31", "planRef": {"name": "fibra-300"}, "quantity": 100000}
    home.declare("Subscription", "home", {"terms": [{**term, "price": "999999999999.99"}]}, "silva")

    assert "owes more than the ledger can hold" in unbilled(home)[0]["reason"]


def test_what_is_held_holds_nobody_else(home: Firm) -> None:
    home.file("Plan", "fibra-300").unlink()
    home.plan("fibra-600", "149.90")
    home.tenant("souza", "10043")
    home.contract("2007-06-10 fibra-600", namespace="souza")
    home.observe("2007-06-10 ready", customer="10043")

    result = home.bill("2007-06-30", "--post")

    assert result.exit_code == 1
    assert "not billed: 10042 home: plan 'fibra-300' does not exist" in result.stderr
    assert [(entry["customer"], entry["amount"]) for entry in home.entries()] == [
        ("10042", "99.90"),
        ("10043", "99.93"),
        ("10043", "149.90"),
    ]


def test_a_contract_that_comes_back_is_billed_for_all_days(home: Firm) -> None:
    file = home.file("Subscription", "home", "silva")
    text = file.read_text()
    file.unlink()
    home.bill("2007-06-30", "--post")

    file.write_text(text)

    assert home.post("2007-06-30") == ["99.90 = 31 of 31 days × 99.90"]
