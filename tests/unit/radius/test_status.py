"""What the status of a Login shows."""

from ispalier.radius.room import ROOM
from ispalier.world.snapshot import Ident
from tests.builders import (
    claim,
    pool,
    subscription,
)
from tests.unit.radius.line import ANN, suspension, world
from tests.views import view


def test_status_shows_address_and_speed() -> None:
    there = world(ANN, pool(), claim("four", "ann"))
    claims = {("IPClaim/four", "IP address"): "100.64.0.1"}

    shown = ROOM.shown[type(ANN)](view(there, claims), ANN)

    assert shown == {"address": "100.64.0.1", "speed": "300M/150M"}


def test_status_shows_no_speed_while_suspended() -> None:
    there = world(ANN, subscription(**suspension(since="2026-11-01")))

    assert ROOM.shown[type(ANN)](view(there), ANN)["speed"] is None


def test_status_shows_the_address_but_no_speed_while_the_plan_is_missing() -> None:
    there = world(ANN, pool(), claim("four", "ann"))
    there.remove(Ident("Plan", "", "fibra-300"))
    claims = {("IPClaim/four", "IP address"): "100.64.0.1"}

    shown = ROOM.shown[type(ANN)](view(there, claims), ANN)

    assert shown == {"address": "100.64.0.1", "speed": None}
