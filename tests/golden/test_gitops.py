"""Health of our objects for Argo CD and Flux, where the operator cannot be made to show it."""

from typing import Any

import pytest

from tests.gitops import argo_health, flux_health

READY = {"type": "Ready", "status": "True", "reason": "Ready", "message": ""}
UNREADY = {"type": "Ready", "status": "False", "reason": "Waiting", "message": "Plan/x is missing"}
SEEN = {"generation": 2}


def told(status: Any, **meta: Any) -> tuple[tuple[str, str], str]:  # noqa: ANN401 - JSON
    """What Argo CD and Flux make of a contract."""
    body = {"kind": "Subscription", "metadata": {**SEEN, **meta}, "status": status}
    return argo_health(body), flux_health("home-fibre", body)


def conditions(*some: dict[str, str], **extra: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"observedGeneration": 2, "conditions": list(some), **extra}


@pytest.mark.parametrize("status", [{"observedGeneration": -1}, {"observedGeneration": 2}])
def test_what_nobody_has_looked_at_is_on_its_way(status: Any) -> None:  # noqa: ANN401 - JSON
    unseen = ("Progressing", "The controller has not seen this version yet")

    assert told(status) == (unseen, "InProgress")


def test_without_any_status_argo_cd_does_not_fail() -> None:
    assert argo_health({"metadata": {"generation": 1}})[0] == "Progressing"


def test_what_was_ready_before_the_edit_is_on_its_way() -> None:
    (health, _), flux = told({**conditions(READY), "observedGeneration": 1})

    assert (health, flux) == ("Progressing", "InProgress")


def test_what_is_being_deleted_is_on_its_way() -> None:
    health, _ = told(conditions(READY), deletionTimestamp="2026-11-26T12:00:00Z")

    assert health == ("Progressing", "It is being deleted")


def test_what_waits_is_on_its_way_and_says_for_what() -> None:
    reconciling = {**UNREADY, "type": "Reconciling", "status": "True"}

    assert told(conditions(UNREADY, reconciling)) == (
        ("Progressing", "Plan/x is missing"),
        "InProgress",
    )


def test_what_waits_for_a_person_has_failed() -> None:
    stalled = {"type": "Stalled", "status": "True", "reason": "Conflict", "message": "taken"}

    assert told(conditions(UNREADY, stalled)) == (("Degraded", "taken"), "Failed")


def test_what_nothing_acts_on_is_not_waited_for() -> None:
    nobody = {**UNREADY, "reason": "NotYetActedUpon", "message": "nothing serves it"}

    assert told(conditions(nobody)) == (("Suspended", "nothing serves it"), "Current")


def test_what_is_refused_on_purpose_is_in_place() -> None:
    refused = {"type": "Suspended", "status": "True", "reason": "Suspended", "message": "Unpaid"}

    assert told(conditions(READY, refused, state="Suspended")) == (
        ("Suspended", "Unpaid"),
        "Current",
    )


def test_an_order_waits_for_approval() -> None:
    (health, said), flux = told(conditions(READY, state="Ordered"))

    assert (health, said) == ("Suspended", "It is ordered and waits for approval")
    assert flux == "Current"


def test_a_status_that_does_not_tell_of_ready_is_on_its_way() -> None:
    other = {**READY, "type": "Effective"}

    assert told(conditions(other)) == (
        ("Progressing", "The controller has not told if it is ready"),
        "InProgress",
    )
