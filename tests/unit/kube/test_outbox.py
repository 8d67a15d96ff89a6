"""The newest status of an object wins, and one that will not last is not written."""

from typing import Any

from ispalier.kube.outbox import PATIENCE, PAUSE, Letter, Outbox
from ispalier.kube.status import merge_patch
from ispalier.world.snapshot import Ident

JOAO, ANA = Ident("Login", "silva", "joao"), Ident("Login", "silva", "ana")


def body(*types: str, generation: int = 1) -> dict[str, Any]:
    return {"observedGeneration": generation, "conditions": [{"type": each} for each in types]}


READY, WAITING = body("Ready"), body("Ready", "Reconciling")


def taken(outbox: Outbox, now: float, *busy: Ident) -> list[dict[str, Any]]:
    found = [outbox.take(now, busy) for _ in range(3)]
    return [each[1].body for each in found if each]


def test_a_status_is_due_at_once() -> None:
    outbox = Outbox()
    outbox.settle("1", {JOAO: READY}, 0)

    assert taken(outbox, 0) == [READY]


def test_what_waits_is_told_only_if_it_still_waits_a_little_later() -> None:
    outbox = Outbox()
    outbox.settle("1", {JOAO: WAITING, ANA: WAITING}, 0)
    outbox.settle("1", {JOAO: READY, ANA: WAITING}, PATIENCE / 2)

    assert taken(outbox, PATIENCE / 2) == [READY]
    assert taken(outbox, PATIENCE) == [WAITING]


def test_a_status_that_is_right_already_takes_an_older_letter_out() -> None:
    outbox = Outbox()
    outbox.settle("1", {JOAO: WAITING}, 0)
    outbox.settle("1", {}, 0)

    assert taken(outbox, 9) == []
    assert not outbox


def test_a_unit_settles_only_its_own() -> None:
    outbox = Outbox()
    outbox.settle("1", {JOAO: READY}, 0)
    outbox.settle("2", {}, 0)

    assert taken(outbox, 0) == [READY]


def test_a_second_status_about_the_same_generation_waits_for_more() -> None:
    outbox = Outbox()
    outbox.told(JOAO, READY, 0)
    outbox.settle("1", {JOAO: READY}, 0.1)

    assert taken(outbox, 0.2) == []
    assert taken(outbox, PAUSE) == [READY]


def test_an_answer_to_an_edit_never_waits() -> None:
    outbox = Outbox()
    outbox.told(JOAO, READY, 0)
    newer = body("Ready", generation=2)
    outbox.settle("1", {JOAO: newer}, 0.1)

    assert taken(outbox, 0.1) == [newer]


def test_an_object_has_one_letter_on_its_way_at_a_time() -> None:
    outbox = Outbox()
    outbox.settle("1", {JOAO: READY}, 0)

    during = taken(outbox, 0, JOAO)
    outbox.again(JOAO)

    assert during == []
    assert taken(outbox, 0) == [READY]


def test_a_newer_letter_takes_the_place_of_one_that_is_tried_again() -> None:
    outbox = Outbox()
    outbox.put(JOAO, Letter("1", WAITING, 5, failures=3))
    outbox.settle("1", {JOAO: READY}, 1)

    assert taken(outbox, 1) == [READY]
    assert taken(outbox, 9) == []


def test_a_patch_takes_out_what_the_status_no_longer_says() -> None:
    patch = merge_patch("Login", "uid", {"observedGeneration": 2, "conditions": []})

    assert patch == {
        "metadata": {"uid": "uid"},
        "status": {"observedGeneration": 2, "conditions": [], "address": None, "speed": None},
    }
