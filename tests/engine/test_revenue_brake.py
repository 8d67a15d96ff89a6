"""What changes the recurring revenue by much waits for a person."""

from dataclasses import replace

from ispalier.core.items import Owner
from ispalier.core.limits import REVENUE
from ispalier.world.errors import Unsafe
from ispalier.world.secret import Secret
from tests.builders import login, plan, subscription, tenant
from tests.engine.fleet import SMALL, names, on, on_plan, passed, pending, put, served


def test_contracts_that_are_to_owe_much_more_wait_and_new_ones_do_not() -> None:
    parts, memory = served(20, limits=replace(SMALL, interrupted_always=100))
    price = {"currency": "BRL", "amount": "199.90", "validFrom": "2026-01-01"}
    put(parts, [plan("fibra-100", "100m", prices=[price])])
    put(parts, (on_plan(each, "fibra-100") for each in names(12)))
    put(parts, [tenant("neu", "neu"), subscription("neu"), login("neu", "neu")])
    parts.world.put_secret("neu", "passwords", {"login": Secret("x")})

    outcomes = passed(parts, [*names(20), "neu"], whole=True)
    (held,) = pending(parts)

    assert on(memory, "fibra-100") == 0
    assert ("line", "neu") in memory.items
    assert (held.cause, held.revenue) == (REVENUE, {"BRL": 12 * 10000})
    assert "99.90 -> 199.90 BRL per month" in {each.what for each in held.resources}
    assert isinstance(outcomes["c1"].problems[Owner("test", "c1", "Subscription", "home")], Unsafe)


def test_a_few_contracts_may_change_their_price() -> None:
    parts, memory = served(20)
    put(parts, (on_plan(each, "fibra-100") for each in names(2)))

    passed(parts, names(20), whole=True)

    assert on(memory, "fibra-100") == 2


def test_many_contracts_that_end_are_much_revenue() -> None:
    parts, _ = served(20)
    end = {"date": "2027-03-31", "reason": "left"}
    put(parts, (subscription(each, end=end) for each in names(5)))

    passed(parts, names(20), whole=True)
    (held,) = pending(parts)

    assert held.revenue == {"BRL": -5 * 9990}
