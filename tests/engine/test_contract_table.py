"""What a table of contracts shows: plan, price and IP addresses as they are today (S1-11, S3-40)."""

from datetime import timedelta
from typing import Any

from ispalier.core.engine import Outcome
from ispalier.world.snapshot import Ident
from tests.builders import NOW, claim, plan, pool, snapshot, subscription
from tests.engine.passes import PROVIDER, SILVA, run
from tests.inmemory import Memory, engine

HOME = Ident("Subscription", "silva", "home")
PRICES = [
    {"currency": "BRL", "amount": "99.90", "validFrom": "2026-01-01"},
    {"currency": "BRL", "amount": "1080", "cycle": "P1Y", "validFrom": "2026-01-01"},
    {
        "currency": "BRL",
        "amount": "109.90",
        "validFrom": "2026-12-01",
        "validFromExisting": "2027-01-01",
    },
]
FIRST = {"from": "2026-11-01", "planRef": {"name": "fibra-300"}}


def shown(outcome: Outcome) -> dict[str, Any]:
    status = outcome.statuses[HOME]
    return {name: status[name] for name in ("plan", "price", "addresses") if name in status}


def test_a_contract_shows_its_price_of_today_and_its_addresses() -> None:
    world = snapshot(*PROVIDER, *SILVA, pool(), claim("one", "joao"), claim("two", "joao"))
    parts = engine(world, Memory())
    parts.world.put(plan(prices=PRICES, cycles=["P1M", "P1Y"]))
    run(parts)
    outcome = run(parts)

    assert shown(outcome) == {
        "plan": "fibra-300",
        "price": {"amount": "99.90", "currency": "BRL", "cycle": "P1M"},
        "addresses": ["100.64.0.1", "100.64.0.2"],
    }


def test_a_price_for_those_who_have_the_plan_is_shown_from_the_period_after() -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory())
    parts.world.put(plan(prices=PRICES, cycles=["P1M", "P1Y"]))

    day = timedelta(days=1)
    outcomes = [run(parts, later=day * after) for after in (0, 60, 80)]

    assert [shown(each)["price"]["amount"] for each in outcomes] == ["99.90", "99.90", "109.90"]


def test_a_pass_is_made_on_the_day_of_a_new_price() -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory())
    parts.world.put(plan(prices=PRICES, cycles=["P1M", "P1Y"]))

    before = run(parts)
    assert before.wake is not None
    after = run(parts, later=before.wake - NOW)

    assert shown(before)["price"]["amount"] == "99.90"
    assert shown(after)["price"]["amount"] == "109.90"
    assert after.wake is None


def test_units_and_an_agreed_price_count_and_no_price_is_none() -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory())
    parts.world.put(plan(prices=PRICES, cycles=["P1M", "P1Y"]))
    terms = [FIRST | {"quantity": 3, "price": "79.905", "cycle": "P1Y"}]
    parts.world.put(subscription(terms=terms))
    agreed = shown(run(parts))
    parts.world.put(plan(prices=[]))
    parts.world.put(subscription(terms=[FIRST]))

    assert agreed["price"] == {"amount": "239.72", "currency": "BRL", "cycle": "P1Y"}
    assert "price" not in shown(run(parts))


def test_a_contract_that_has_ended_costs_nothing_any_more() -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory())
    run(parts)
    parts.world.put(subscription(end={"date": "2026-11-20", "reason": "moved"}))

    assert "price" not in shown(run(parts))
