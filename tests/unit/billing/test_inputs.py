"""From resources and facts to histories."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ispalier.api.base import Resource
from ispalier.billing.grid import Anchor
from ispalier.billing.history import History, InForce, Lineage, Pause, Price
from ispalier.billing.inputs import GONE, Inputs, inputs
from ispalier.billing.tariffs import Tariffs
from ispalier.core.memory import Fact
from ispalier.world.snapshot import Broken, Ident, Snapshot
from tests.builders import plan, resource, snapshot, subscription, tenant, unit

NIGHT = datetime(2026, 11, 22, 1, tzinfo=UTC)
"""It is still the 21st in São Paulo."""
HOME = Lineage("test", "10042", "home", 0)
READY = Fact("home", "ready", date(2026, 11, 3), "", 0)


def read(*resources: Resource | Broken, facts: tuple[Fact, ...] = ()) -> Inputs:
    """What comes of these resources and facts of customer 10042."""
    world = snapshot()
    for each in resources:
        world.put(each)
    return inputs(world, {"10042": facts}, "test", NIGHT)


def history(*resources: Resource | Broken, facts: tuple[Fact, ...] = ()) -> History:
    """The only contract of these resources."""
    (only,) = read(*resources, facts=facts).histories
    return only


def reasons(found: Inputs) -> list[str]:
    """Why contracts cannot be rated."""
    return [each.reason for each in found.unbilled]


def contract(**spec: object) -> Resource:
    return subscription(**spec)  # type: ignore[arg-type]  # its other parameters are names


def test_a_contract_takes_its_terms_from_its_unit() -> None:
    found = history(unit(), plan(), tenant(), subscription(), facts=(READY,))

    assert found.lineage == HOME
    assert (found.payer, found.unit, found.currency) == ("10042", "londrina", "BRL")
    assert (found.timing, found.due_day, found.day_count) == ("Arrears", 10, "Actual")
    assert [Anchor(2026, 11, 31)] == [term.grid.anchor for term in found.terms]
    assert found.today == date(2026, 11, 21)
    assert found.ready == date(2026, 11, 3)


def test_a_tenant_comes_before_its_unit_and_an_anchor_date_before_both() -> None:
    billing = {"timing": "Advance", "closingDay": 5, "dueDay": 20}
    customer = resource(
        "Tenant",
        "silva",
        {
            "number": "10042",
            "displayName": "x",
            "businessUnitRef": {"name": "londrina"},
            "billing": billing,
        },
        "silva",
    )
    own = contract(billing={"anchorDate": "2026-10-17", "billedThrough": "2026-12-01"})

    theirs = history(unit(), plan(), customer, subscription())
    found = history(unit(), plan(), customer, own)

    assert (theirs.timing, theirs.due_day) == ("Advance", 20)
    assert theirs.terms[0].grid.anchor == Anchor(2026, 11, 5)
    assert found.terms[0].grid.anchor == Anchor(2026, 10, 17)
    assert found.billed_through == date(2026, 12, 1)


def test_prices_are_those_of_the_currency_and_the_cycle() -> None:
    prices = [
        {"currency": "BRL", "amount": "99.90", "validFrom": "2026-01-01"},
        {"currency": "BRL", "amount": "999.00", "validFrom": "2026-01-01", "cycle": "P1Y"},
        {"currency": "EUR", "amount": "19.90", "validFrom": "2026-01-01"},
        {
            "currency": "BRL",
            "amount": "109.90",
            "validFrom": "2027-01-01",
            "validFromExisting": "2027-02-01",
            "midPeriod": True,
        },
    ]
    sold = plan(prices=prices, cycles=["P1Y", "P1M"])
    name = {"name": "fibra-300"}
    terms = [
        {"from": "2026-11-01", "planRef": name},
        {"from": "2026-12-01", "planRef": name, "cycle": "P1M", "quantity": 2, "price": "5"},
    ]

    year, month = history(unit(), sold, tenant(), contract(terms=terms)).terms

    assert (year.grid.cycle, year.prices) == ("P1Y", (Price("999.00", date(2026, 1, 1)),))
    assert (month.grid.cycle, month.quantity, month.override) == ("P1M", 2, "5")
    assert month.prices == (
        Price("99.90", date(2026, 1, 1)),
        Price("109.90", date(2027, 1, 1), date(2027, 2, 1), mid_period=True),
    )


def test_only_suspensions_that_stop_billing_count() -> None:
    spoken = {"reason": "Spam", "since": "2026-11-05", "billing": "Continue"}
    unpaid = {"reason": "Unpaid", "since": "2026-11-07", "until": "2026-11-09"}
    hold = {"hold": [{"reason": "Gift", "since": "2026-12-01"}]}
    facts = (
        READY,
        Fact("home", "plan", date(2026, 11, 3), "fibra-300", 0),
        Fact("home", "service:Spam", date(2026, 11, 5), "OffBilled", 0),
        Fact("home", "service:Unpaid", date(2026, 11, 7), "Off", 0),
        Fact("office", "service:Unpaid", date(2026, 11, 7), "Off", 0),
    )
    spec = contract(
        suspensions=[spoken, unpaid], billing=hold, end={"date": "2027-01-01", "reason": "Moves"}
    )

    found = history(unit(), plan(), tenant(), spec, facts=facts)

    assert found.suspensions == (Pause("Unpaid", date(2026, 11, 7), date(2026, 11, 9)),)
    assert found.offs == (Pause("Unpaid", date(2026, 11, 7)),)
    assert found.holds == (Pause("Gift", date(2026, 12, 1)),)
    assert found.in_force == (InForce(date(2026, 11, 3), 0, "fibra-300"),)
    assert found.end == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("sold", "problem"),
    [
        (plan("other"), "plan 'fibra-300' does not exist: declare it or correct the reference"),
        (
            Broken(Ident("Plan", "", "fibra-300"), "spec is missing"),
            "plan 'fibra-300' cannot be read: spec is missing: declare it or correct the reference",
        ),
        (
            plan(availableIn=["maringa"]),
            "plan 'fibra-300' is not sold in unit 'londrina': add it to its availableIn",
        ),
    ],
)
def test_a_plan_that_cannot_be_had_is_a_problem_of_its_term(
    sold: Resource | Broken, problem: str
) -> None:
    term = history(unit(), sold, tenant(), subscription()).terms[0]

    assert problem == term.problem
    assert term.grid.cycle == "P1M"


@pytest.mark.parametrize(
    ("things", "reason"),
    [
        ((unit(), subscription()), "a Tenant is not in namespace 'silva' (yet): create it"),
        ((tenant(), subscription()), "BusinessUnit/londrina, which says how to bill, is not there"),
        (
            (unit(), Broken(Ident("Tenant", "silva", "silva"), "no number"), subscription()),
            "Tenant/silva cannot be read: no number",
        ),
        (
            (tenant(), Broken(Ident("BusinessUnit", "", "londrina"), "bad zone"), subscription()),
            "BusinessUnit/londrina cannot be read: bad zone",
        ),
        (
            (unit(), tenant(), Broken(Ident("Subscription", "silva", "home"), "no terms")),
            "cannot be read: no terms",
        ),
        (
            (unit(), tenant(), resource("Tenant", "two", tenant().spec, "silva"), subscription()),  # type: ignore[attr-defined]
            "belongs to nobody, as namespace 'silva' holds several Tenants",
        ),
        (
            (unit(), tenant(), contract(tenantRef={"name": "souza"})),
            "Tenant/souza is not in namespace 'silva' (yet): create it",
        ),
        (
            (unit(), tenant(), contract(billing={"anchorDate": "0001-01-31"})),
            "spec.billing.anchorDate is 0001-01-31: write a day of the years 1900 to 2199",
        ),
    ],
)
def test_what_cannot_be_rated_says_why(things: tuple[Resource | Broken, ...], reason: str) -> None:
    found = read(*things)

    assert found.histories == []
    assert [each.startswith(reason) for each in reasons(found)] == [True]


def test_of_two_tenants_in_a_namespace_the_contract_names_one() -> None:
    other = resource("Tenant", "other", {**SILVA, "number": "10043"}, "silva")

    found = history(unit(), plan(), tenant(), other, contract(tenantRef={"name": "other"}))

    assert found.payer == "10043"


SILVA = {"displayName": "x", "businessUnitRef": {"name": "londrina"}}


def test_a_contract_that_was_served_and_is_gone_is_told_only_if_all_was_seen() -> None:
    found = read(unit(), plan(), tenant(), facts=(READY,))
    half = Snapshot(complete={"Tenant"})

    assert [(each.unit, each.subscription) for each in found.unbilled] == [("londrina", "home")]
    assert reasons(found) == [GONE]
    assert HOME.key in found.declared
    assert inputs(half, {"10042": [READY]}, "test", NIGHT).unbilled == []


def test_a_contract_that_is_being_deleted_is_gone() -> None:
    going = subscription()
    meta = going.metadata.model_copy(update={"deletion_timestamp": NIGHT})

    found = read(unit(), tenant(), going.model_copy(update={"metadata": meta}), facts=(READY,))

    assert reasons(found) == [GONE]


def test_a_contract_that_was_never_served_is_not_missed() -> None:
    refused = Fact("home", "service:Unpaid", date(2026, 11, 7), "Off", 0)

    assert read(unit(), tenant(), facts=(refused,)).unbilled == []


def test_the_catalogue_has_another_name_when_a_price_changes() -> None:
    same, again, other = (
        Tariffs(snapshot(plan(), plan("b", speed, prices=prices))).digest()
        for speed, prices in (("1m", ()), ("100m", ()), ("1m", PRICES))
    )

    assert same == again
    assert same != other


PRICES = [{"currency": "BRL", "amount": "1", "validFrom": "2026-01-01"}]


def test_a_price_for_existing_contracts_beyond_the_calendar_is_none() -> None:
    never = {**PRICES[0], "validFromExisting": "9999-12-31"}

    found = history(unit(), plan(prices=[never]), tenant(), subscription())

    assert found.terms[0].prices == (Price("1", date(2026, 1, 1)),)
    assert replace(found, ready=None) == found
