"""Holds and suspensions add up, whoever they come from."""

from datetime import timedelta

import pytest

from ispalier.api.catalogue import PlanAccess
from ispalier.world.effect import Effect
from ispalier.world.holds import changes, on_line
from ispalier.world.snapshot import Ident
from ispalier.world.state import State
from tests.builders import (
    NOW,
    hold,
    login,
    mailbox,
    plan,
    snapshot,
    subscription,
    tenant,
    unit,
)
from tests.views import view

HOUR = timedelta(hours=1)
JOAO, ANA, MARIA = login("joao"), login("ana"), mailbox("maria", "maria@silva.test")
WORLD = (unit(), plan(), tenant(), subscription(), JOAO, ANA, MARIA)
UNPAID = [{"reason": "Unpaid", "since": "2026-11-20"}]
SPEED = {"profileRef": {"name": "300m"}}
SLOW = {"throttledProfileRef": {"name": "1m"}}
GARDEN = {"walledGardenProfileRef": {"name": "garden"}}


@pytest.mark.parametrize("subject", ["Tenant/silva", "Subscription/home", "Login/joao"])
def test_a_hold_on_a_customer_a_contract_or_a_login_refuses_the_login(subject: str) -> None:
    it = view(snapshot(*WORLD), holds=[hold(subject)])

    assert it.state_of(JOAO) is State.SUSPENDED


def test_a_hold_on_one_login_concerns_no_other() -> None:
    it = view(snapshot(*WORLD), holds=[hold("Login/joao"), hold("Subscription/office")])

    assert [it.state_of(each) for each in (ANA, MARIA)] == [State.ACTIVE] * 2


def test_a_suspension_of_the_yaml_and_holds_of_several_sources_are_told_together() -> None:
    there = snapshot(*WORLD, subscription(suspensions=UNPAID))
    holds = [hold("Tenant/silva"), hold("Login/joao", source="abuse", reason="Scans")]

    told = [str(each) for each in view(there, holds=holds).stops_of(JOAO)]

    assert told == ["Unpaid", "dunning: Invoice 17 is overdue", "abuse: Scans"]


def test_what_one_source_releases_another_still_holds() -> None:
    both = [hold("Login/joao"), hold("Login/joao", source="abuse")]

    after = view(snapshot(*WORLD), holds=both[1:])

    assert after.state_of(JOAO) is State.SUSPENDED


def test_a_hold_is_in_force_from_its_first_instant_up_to_its_end() -> None:
    it = hold("Login/joao", since=NOW, until=NOW + HOUR)

    assert [it.is_on(NOW + each * HOUR / 2) for each in (-1, 0, 1, 2)] == [False, True, True, False]
    assert changes([it], NOW - HOUR) == [NOW, NOW + HOUR]
    assert changes([it], NOW) == [NOW + HOUR]


def test_weaker_effects_leave_everything_serving() -> None:
    holds = [hold("Tenant/silva", each) for each in Effect if each is not Effect.REFUSE]

    it = view(snapshot(*WORLD), holds=holds)

    assert it.state_of(JOAO) is State.ACTIVE
    assert it.effects_on(MARIA) == set(Effect) - {Effect.REFUSE}


def test_an_ended_contract_is_not_merely_held() -> None:
    ended = subscription(end={"date": "2026-11-20", "reason": "moved"})

    it = view(snapshot(*WORLD, ended), holds=[hold("Tenant/silva")])

    assert it.state_of(JOAO) is State.RETIRED


def test_a_hold_acts_on_what_cannot_be_read() -> None:
    it = view(snapshot(*WORLD), holds=[hold("Login/broken")])

    assert it.state_of_broken(Ident("Login", "silva", "broken")) is State.SUSPENDED
    assert it.state_of_broken(Ident("Login", "silva", "other")) is State.ACTIVE


W, T, R = Effect.WALLED_GARDEN, Effect.THROTTLE, Effect.REFUSE


@pytest.mark.parametrize(
    ("asked", "offered", "done"),
    [
        ({T}, SLOW, T),
        ({W}, GARDEN, W),
        ({W, T}, {**SLOW, **GARDEN}, W),
        ({W}, SLOW, T),
        ({T}, GARDEN, None),
        ({W}, {}, None),
        ({R, T}, {}, R),
        ({Effect.NO_SUBMISSION}, {**SLOW, **GARDEN}, None),
    ],
)
def test_a_line_gets_the_strongest_that_its_plan_offers_and_never_more_than_was_asked(
    asked: set[Effect], offered: dict[str, object], done: Effect | None
) -> None:
    access = PlanAccess.model_validate({**SPEED, **offered})

    assert on_line(asked, access) == done
