"""The command line of holds: what is refused, placed, listed and released."""

import json
from pathlib import Path

import pytest

from ispalier.core.items import Owner
from ispalier.core.memory import Tombstone, Update
from ispalier.journal.database import connect
from ispalier.journal.notes import Notes
from tests.builders import NOW, login, plan, subscription, tenant
from tests.golden.test_cli import ended, folder
from tests.operators import as_json

__all__ = ["folder"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("Domain/x", "--effect", "Refuse"), "cannot be held"),
        (("Login", "--effect", "Refuse"), "cannot be held"),
        (("joao", "--effect", "Refuse"), "'joao' cannot be held: name one of Login, Mailbox"),
        (("Login/x", "--effect", "NoSubmission"), "does nothing to a Login"),
        (("Mailbox/x", "--effect", "Throttle"), "does nothing to a Mailbox"),
        (("Mailbox/x", "--effect", "Refuse", "--billing", "Stop"), "not billed by itself"),
        (("Login/x", "--effect", "Refuse", "--source", "A b"), "is not a source"),
    ],
)
def test_a_hold_that_makes_no_sense_is_not_understood(words: tuple[str, ...], why: str) -> None:
    code, _, err = ended("hold", *words, "--reason", "Unpaid")

    assert code == 2
    assert why in " ".join(err.replace("│", " ").split())


def test_a_reason_of_several_lines_is_not_understood() -> None:
    assert ended("hold", "Login/x", "--effect", "Refuse", "--reason", "a\nb")[0] == 2


def test_what_nobody_declared_is_not_held(folder: Path) -> None:
    connect(f"sqlite:///{folder}/ispalier.db").dispose()
    hold = ("hold", "Login/x", "--effect", "Refuse", "--reason", "Unpaid")

    code, _, err = ended(*hold)
    of, _, told = ended(*hold, "--customer", "10042")

    assert (code, of) == (1, 1)
    assert "Login/x is not known here: correct the name (`ispalier find` tells it), or" in err
    assert "Login/x of customer 10042 is not known here" in told
    assert ended("release", "Login/x")[2].endswith(
        "Login/x is not held by source manual: see `ispalier holds`\n"
    )
    assert ended("holds")[:2] == (0, "")


def test_who_holds_is_told_what_a_plan_does_not_offer(folder: Path) -> None:
    declared = (plan(), tenant(), subscription(), login("joao"))
    engine = connect(f"sqlite:///{folder}/ispalier.db")
    with engine.begin() as connection:
        for each in declared:
            customer = "10042" if each.namespace else ""
            owner = Owner("test", customer, each.kind, each.name)
            update = Update(declared=[Tombstone(owner, "0", json.dumps(as_json(each)))])
            Notes(connection, NOW).take({customer: update})
    engine.dispose()
    said = {
        (subject, effect): ended("hold", subject, "--effect", effect, "--reason", "Unpaid")[2]
        for subject in ("Login/joao", "Tenant/silva")
        for effect in ("Throttle", "Refuse")
    }

    (remark,) = {
        each.partition("\nbut ")[2] for (_, effect), each in said.items() if effect == "Throttle"
    }
    assert " ".join(remark.split()) == (
        "Plan/fibra-300 has neither a throttled nor a walled-garden profile, so lines stay as they"
        " are: add spec.access.throttledProfileRef or walledGardenProfileRef to it, or use Refuse"
    )
    assert not any("\nbut " in each for (_, effect), each in said.items() if effect == "Refuse")


def test_a_hold_is_placed_listed_and_released_by_its_number(folder: Path) -> None:
    login, unit = ("10042", "Login", "x"), ("", "BusinessUnit", "londrina")
    tenant = ("10042", "Tenant", "silva")
    bodies = {
        login: {},
        tenant: {"spec": {"businessUnitRef": {"name": "londrina"}}},
        unit: {"spec": {"timeZone": "America/Sao_Paulo"}},
    }
    engine = connect(f"sqlite:///{folder}/ispalier.db")
    with engine.begin() as connection:
        for (customer, kind, name), body in bodies.items():
            owner = Owner("test", customer, kind, name)
            declared = Update(declared=[Tombstone(owner, "0", json.dumps(body))])
            Notes(connection, NOW).take({customer: declared})
    engine.dispose()
    until = ("--until", "2100-01-01")
    hold = ("hold", "login/x", "--effect", "refuse", "--reason", "Unpaid", *until)

    placed, again = ended(*hold), ended(*hold)
    listed = ended("holds")[1].splitlines()
    late = ended(*hold[:-1], "2020-01-01")
    odd = ended(*hold[:-1], "1.1.2100")
    by_others = ended("release", "1", "--source", "abuse")
    released = ended("release", "1")

    assert "hold 1 on Login/x of customer 10042: Refuse until 2100-01-01T03:00:00Z" in placed[2]
    assert "hold 1 was there already" in again[2]
    assert listed[1].split() == [
        *("1", "10042", "Login/x", "Refuse", "Continue", "manual", "2100-01-01T03:00:00Z"),
        "Unpaid",
    ]
    assert (late[0], odd[0], by_others[0], released[0]) == (2, 2, 1, 0)
    assert "'1.1.2100' is no day: write" in " ".join(odd[2].replace("│", " ").split())
    assert "1 hold of source manual released on Login/x" in released[2]
