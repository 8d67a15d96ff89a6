"""Lines that a hold throttles or keeps in the walled garden."""

from ispalier.radius.items import Group, Membership, Subscriber
from ispalier.radius.room import ROOM
from ispalier.world.effect import Effect
from ispalier.world.state import State
from tests.builders import hold, nas, plan
from tests.unit.radius.line import ANN, world
from tests.views import one, view, wanted

ACCESS = {
    "download": "300M",
    "upload": "150M",
    "throttled": {"download": "1M", "upload": "512k"},
    "walledGarden": {"addressList": "unpaid", "redirectUrl": "https://pay.example/?a=1"},
}
GENEROUS = plan(access=ACCESS)


def groups(*holds: Effect) -> tuple[Membership, ...]:
    there = view(world(ANN, GENEROUS), holds=[hold("Login/ann", each) for each in holds])
    return one(ROOM, there, ANN, Subscriber).groups


def test_a_plan_is_a_group_for_each_way_in_which_it_serves() -> None:
    there = view(world(nas("switch", "127.0.0.2", vendor="WISPr"), GENEROUS), customer="")

    found = wanted(ROOM, there, GENEROUS)

    assert {
        each.name: [str(one) for one in each.reply] for each in found if isinstance(each, Group)
    } == {
        "fibra-300": [
            "Mikrotik-Rate-Limit := 150M/300M",
            "WISPr-Bandwidth-Max-Down := 300000000",
            "WISPr-Bandwidth-Max-Up := 150000000",
        ],
        "fibra-300_throttled": [
            "Mikrotik-Rate-Limit := 512k/1M",
            "WISPr-Bandwidth-Max-Down := 1000000",
            "WISPr-Bandwidth-Max-Up := 512000",
        ],
        "fibra-300_walled": [
            "Mikrotik-Address-List := unpaid",
            "Mikrotik-Rate-Limit := 512k/1M",
            "WISPr-Bandwidth-Max-Down := 1000000",
            "WISPr-Bandwidth-Max-Up := 512000",
            "WISPr-Redirection-URL := https://pay.example/?a=1",
        ],
    }


def test_a_held_line_is_in_the_group_of_the_strongest_effect() -> None:
    assert groups() == (Membership("fibra-300", 1),)
    assert groups(Effect.THROTTLE) == (Membership("fibra-300_throttled", 1),)
    assert groups(Effect.THROTTLE, Effect.WALLED_GARDEN) == (Membership("fibra-300_walled", 1),)


def test_a_refused_line_remembers_how_it_will_be_served() -> None:
    effects = (Effect.REFUSE, Effect.THROTTLE)
    there = view(world(ANN, GENEROUS), holds=[hold("Login/ann", each) for each in effects])

    found = one(ROOM, there, ANN, Subscriber)

    assert found.state is State.SUSPENDED
    assert found.groups == (Membership("fibra-300_throttled", 1),)


def test_status_shows_the_speed_of_a_line_that_is_cut_back() -> None:
    there = view(world(ANN, GENEROUS), holds=[hold("Login/ann", Effect.THROTTLE)])

    assert ROOM.shown[type(ANN)](there, ANN)["speed"] == "1M/512k"
