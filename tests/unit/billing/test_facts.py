from itertools import permutations

from ispalier.billing.facts import OFF, OFF_BILLED, ON, PLAN, observations
from ispalier.billing.history import InForce
from ispalier.core.contract import READY
from ispalier.core.memory import Fact
from tests.unit.billing.contracts import day, pause

UNPAID = "service:Unpaid"
SPAM = "service:Spam"


def test_facts_say_the_same_in_any_order() -> None:
    facts = [
        Fact("home", READY, day("2026-05-21"), "", 1),
        Fact("home", PLAN, day("2026-05-21"), "a", 1),
        Fact("home", PLAN, day("2026-06-16"), "b", 2),
        Fact("home", UNPAID, day("2026-06-20"), OFF, 1),
        Fact("home", UNPAID, day("2026-06-25"), ON, 2),
    ]

    said = {observations(order) for order in permutations(facts)}

    assert len(said) == 1
    assert (InForce(day("2026-05-21"), 1, "a"), InForce(day("2026-06-16"), 2, "b")) == (
        said.pop().in_force
    )


def test_the_earliest_day_of_readiness_counts() -> None:
    facts = [
        Fact("home", READY, day("2026-05-25"), "", 1),
        Fact("home", READY, day("2026-05-21"), "", 2),
    ]

    assert day("2026-05-21") == observations(facts).ready
    assert observations([]).ready is None


def test_each_source_ends_only_its_own_off() -> None:
    facts = [
        Fact("home", UNPAID, day("2026-06-10"), OFF, 1),
        Fact("home", SPAM, day("2026-06-12"), OFF, 1),
        Fact("home", UNPAID, day("2026-06-20"), ON, 2),
    ]

    assert (pause("2026-06-12", reason="Spam"), pause("2026-06-10", "2026-06-20")) == (
        observations(facts).offs
    )


def test_an_off_while_billing_goes_on_is_none() -> None:
    facts = [
        Fact("home", UNPAID, day("2026-06-10"), OFF_BILLED, 1),
        Fact("home", UNPAID, day("2026-06-12"), OFF, 2),
        Fact("home", UNPAID, day("2026-06-15"), OFF_BILLED, 3),
    ]

    assert (pause("2026-06-12", "2026-06-15"),) == observations(facts).offs


def test_off_and_on_within_a_day_is_no_off() -> None:
    facts = [
        Fact("home", UNPAID, day("2026-06-10"), OFF, 1),
        Fact("home", UNPAID, day("2026-06-10"), ON, 2),
    ]

    assert observations(facts).offs == ()
