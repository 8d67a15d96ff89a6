"""The view of a unit is of one instant, whatever is declared meanwhile."""

import pytest

from ispalier.api.base import Ref
from ispalier.world.errors import Waiting
from ispalier.world.state import State
from tests.builders import login, plan, snapshot, subscription, tenant, unit
from tests.views import view

SUSPENDED = subscription(suspensions=[{"reason": "Unpaid", "since": "2026-11-01"}])


def test_a_contract_that_is_declared_during_a_pass_serves_nobody_in_it() -> None:
    """Its suspension is not known to the view, and so it would be served for a moment."""
    world = snapshot(unit(), plan(), tenant(), login("joao"))
    seen = view(world)
    world.put(SUSPENDED)

    with pytest.raises(Waiting, match="declared just now"):
        seen.subscription_of(Ref(name="home"), "silva")


def test_a_contract_that_is_edited_during_a_pass_is_what_it_was() -> None:
    line = login("joao")
    world = snapshot(unit(), plan(), tenant(), subscription(), line)
    seen = view(world)
    world.put(SUSPENDED)

    found = seen.subscription_of(Ref(name="home"), "silva")

    assert found.spec.suspensions == ()
    assert seen.state_of(line) == State.ACTIVE
