"""Lines that a hold throttles or keeps in the walled garden."""

from ispalier.core.impact import Impact
from ispalier.radius.items import Group, Membership, Subscriber
from ispalier.radius.room import ROOM
from ispalier.world.effect import Effect
from ispalier.world.state import State
from tests.builders import hold, nas, plan, profile, resource
from tests.unit.radius.line import ANN, world
from tests.views import one, view

SLOW = profile("slow", "1M", "512k")
GARDEN = profile(
    "garden",
    "1M",
    "512k",
    walledGarden={"addressList": "unpaid", "redirectURL": "https://pay.example/?a=1"},
)
ACCESS = {
    "profileRef": {"name": "300m"},
    "throttledProfileRef": {"name": "slow"},
    "walledGardenProfileRef": {"name": "garden"},
}
GENEROUS = plan(access=ACCESS)
PROVIDER = (SLOW, GARDEN, GENEROUS)


def groups(*holds: Effect) -> tuple[Membership, ...]:
    there = view(world(ANN, *PROVIDER), holds=[hold("Login/ann", each) for each in holds])
    return one(ROOM, there, ANN, Subscriber).groups


def test_a_walled_garden_is_told_in_the_words_of_every_vendor() -> None:
    there = view(world(nas("switch", "127.0.0.2", vendor="WISPr"), *PROVIDER), customer="")

    group = one(ROOM, there, GARDEN, Group)

    assert [str(each) for each in group.reply] == [
        "Mikrotik-Address-List := unpaid",
        "Mikrotik-Rate-Limit := 512k/1M",
        "WISPr-Bandwidth-Max-Down := 1000000",
        "WISPr-Bandwidth-Max-Up := 512000",
        "WISPr-Redirection-URL := https://pay.example/?a=1",
    ]


def test_a_garden_without_a_speed_has_none() -> None:
    garden = resource("AccessProfile", "garden", {"walledGarden": {"addressList": "unpaid"}})

    group = one(ROOM, view(world(), customer=""), garden, Group)

    assert [str(each) for each in group.reply] == ["Mikrotik-Address-List := unpaid"]


def test_to_leave_a_slower_profile_is_a_relief_and_to_get_one_is_none() -> None:
    there = world(ANN, *PROVIDER)
    slow = view(there, holds=[hold("Login/ann", Effect.THROTTLE)])
    cut, free = one(ROOM, slow, ANN, Subscriber), one(ROOM, view(there), ANN, Subscriber)

    assert cut.impact(free) is Impact.REFRESH
    assert free.impact(cut) is Impact.INTERRUPT


def test_a_held_line_is_in_the_group_of_the_strongest_effect() -> None:
    assert groups() == (Membership("300m", 1),)
    assert groups(Effect.THROTTLE) == (Membership("slow", 1),)
    assert groups(Effect.THROTTLE, Effect.WALLED_GARDEN) == (Membership("garden", 1),)


def test_a_refused_line_remembers_how_it_will_be_served() -> None:
    effects = (Effect.REFUSE, Effect.THROTTLE)
    there = view(world(ANN, *PROVIDER), holds=[hold("Login/ann", each) for each in effects])

    found = one(ROOM, there, ANN, Subscriber)

    assert found.state is State.SUSPENDED
    assert found.groups == (Membership("slow", 1),)


def test_status_shows_the_speed_of_a_line_that_is_cut_back() -> None:
    there = view(world(ANN, *PROVIDER), holds=[hold("Login/ann", Effect.THROTTLE)])

    assert ROOM.shown[type(ANN)](there, ANN)["speed"] == "1M/512k"
