"""What is no longer declared has its effect until its hold time is over."""

from dataclasses import replace

from ispalier.radius.items import Group, Subscriber
from ispalier.radius.room import ROOM
from ispalier.world.snapshot import Ident
from tests.builders import (
    claim,
    nas,
    plan,
    pool,
    profile,
)
from tests.unit.radius.line import ANN, world
from tests.views import view, wanted


def test_a_claim_that_is_waited_for_still_gives_its_address() -> None:
    there = world(ANN)
    claims = {("IPClaim/four", "IP address"): "100.64.0.1"}
    seen = replace(view(there, claims), waited_for=(claim("four", "ann"),))

    (item,) = wanted(ROOM, seen, ANN)

    assert isinstance(item, Subscriber)
    assert "100.64.0.1" in [each.text for each in item.reply]


def test_a_new_claim_takes_the_place_of_one_that_is_waited_for() -> None:
    there = world(ANN, pool(), claim("new", "ann"))
    claims = {
        ("IPClaim/four", "IP address"): "100.64.0.1",
        ("IPClaim/six", "IP address"): "2001:db8::1",
        ("IPClaim/new", "IP address"): "100.64.0.2",
    }
    gone = (claim("four", "ann"), claim("six", "ann"))
    seen = replace(view(there, claims), waited_for=gone)

    (item,) = wanted(ROOM, seen, ANN)

    assert isinstance(item, Subscriber)
    assert {"100.64.0.2", "2001:db8::1"} == {each.text for each in item.reply}


def test_an_access_server_that_is_waited_for_still_has_its_vendor() -> None:
    there = world(plan())
    there.remove(Ident("NAS", "", "tower"))
    seen = replace(view(there), customer="", waited_for=(nas(),))

    (item,) = wanted(ROOM, seen, profile())

    assert isinstance(item, Group)
    assert "Mikrotik-Rate-Limit" in [each.name for each in item.reply]
