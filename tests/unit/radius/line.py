"""A tenant with a line on a tower, for tests of what RADIUS should hold."""

from typing import Any

from ispalier.api.base import Resource
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot
from tests.builders import (
    access_point,
    login,
    nas,
    plan,
    service_host,
    snapshot,
    subscription,
    tenant,
    unit,
)

HOME = subscription(accessPointRef={"name": "hill"})
ANN = login("ann")


def world(*more: Resource) -> Snapshot:
    """One tenant with a line on a tower with a MikroTik, and what the test is about."""
    found = snapshot(
        unit(),
        plan(),
        service_host("one", "RADIUS"),
        nas(),
        access_point(),
        tenant(),
        HOME,
        *more,
    )
    found.put_secret("ispalier", "nas", {"secret": Secret("tower-secret")})
    return found


def suspension(**days: str) -> dict[str, Any]:
    return {"suspensions": [{"reason": "Unpaid", **days}], "accessPointRef": {"name": "hill"}}
