"""Whose the values of Secrets are: each is written again for the resource it was made for alone."""

import pytest

from ispalier.world.secret import MadeFor, Secret
from ispalier.world.snapshot import Snapshot
from tests.builders import login

RUI, EVA = MadeFor("10042", "Login", "rui"), MadeFor("10042", "Login", "eva")
OTHER, MAIL = MadeFor("10043", "Login", "rui"), MadeFor("10042", "Mailbox", "rui")


def world(made_for: dict[str, MadeFor] | None = None) -> Snapshot:
    """A Secret in whose keys `password` and `theirs` something stands, and the Login rui."""
    found = Snapshot()
    found.put(login("rui"))
    data = {"password": Secret("made"), "theirs": Secret("by hand")}
    found.put_secret("silva", "made", data, made_for)
    return found


@pytest.mark.parametrize(
    ("of", "key", "is_foreign"),
    [
        (RUI, "password", False),
        (EVA, "password", True),
        (MAIL, "password", True),
        (OTHER, "password", True),
        (RUI, "theirs", True),
        (RUI, "another", False),
        (EVA, "another", False),
        (OTHER, "another", True),
    ],
)
def test_a_value_is_of_one_resource_and_a_secret_of_one_customer(
    of: MadeFor, key: str, *, is_foreign: bool
) -> None:
    assert is_foreign is world({"password": RUI}).is_foreign_secret("silva", "made", key, of)


@pytest.mark.parametrize("key", ["password", "another"])
def test_a_secret_that_we_did_not_make_is_nobodys_to_write(key: str) -> None:
    assert world().is_foreign_secret("silva", "made", key, RUI)
    assert not world().was_made_for("silva", "made", key, RUI)


def test_a_secret_that_is_not_there_may_be_made() -> None:
    assert not world().is_foreign_secret("silva", "new", "password", RUI)


@pytest.mark.parametrize(
    ("marks", "of", "value", "is_to_be_marked"),
    [
        ({}, RUI, "made", True),
        ({}, RUI, "another", False),
        ({"password": RUI}, RUI, "made", False),
        ({"password": RUI}, EVA, "made", False),
        ({"password": OTHER}, RUI, "made", False),
        ({"password": MadeFor("10042", "Login", "rui-before")}, RUI, "made", True),
        (None, RUI, "made", False),
    ],
)
def test_who_finds_its_password_in_a_secret_of_ours_is_told_there(
    marks: dict[str, MadeFor] | None, of: MadeFor, value: str, *, is_to_be_marked: bool
) -> None:
    place = ("silva", "made", "password")

    assert is_to_be_marked is world(marks).is_to_be_marked(*place, of, Secret(value))


@pytest.mark.parametrize(("of", "is_its_own"), [(EVA, True), (MAIL, False), (OTHER, False)])
def test_after_a_rename_it_is_the_new_names_of_that_customer_and_kind(
    of: MadeFor, *, is_its_own: bool
) -> None:
    renamed = world({"password": MadeFor("10042", "Login", "rui-before")})

    assert is_its_own is renamed.was_made_for("silva", "made", "password", of)
    assert is_its_own is not renamed.is_foreign_secret("silva", "made", "password", of)
