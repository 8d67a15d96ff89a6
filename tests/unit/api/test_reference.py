"""The reference pages: what a rule says, and which field it is about."""

import re
from typing import get_args

import pytest

from ispalier.api.base import Resource
from ispalier.api.contracts import State, Subscription
from ispalier.api.kinds import ACTS, KINDS
from ispalier.api.machines import Server
from ispalier.api.names import Domain
from ispalier.api.parties import Tenant
from ispalier.api.reference import page
from ispalier.api.states import STATES
from ispalier.core.room import Room
from ispalier.rooms import ROOMS


def rules(kind: type[Resource]) -> list[str]:
    _, _, below = page(kind, "").partition("## Rules\n")
    return [line for line in below.splitlines() if line.startswith("- ")]


def test_a_rule_below_the_spec_names_its_fields_and_one_of_the_spec_is_a_sentence() -> None:
    either = "exactly one of {} must be set: keep one of them."
    until = "until must not be before since: correct one of the two."
    fee = either.format("amount and percentOfRest")

    assert rules(Subscription)[1:] == [
        "- No term may begin after spec.end.date: remove the term or the end.",
        f"- `discounts[]`: {either.format('percent and amount')}",
        f"- `discounts[]`, `suspensions[]`, `billing.hold[]`: {until}",
        f"- `contract.terminationFee`: {fee}",
    ]


def test_who_has_no_rules_has_no_heading_for_them() -> None:
    assert "## Rules" not in page(Server, "")


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_rule_stands_in_the_table(kind: type[Resource]) -> None:
    text = page(kind, "")
    named = {each.strip("`") for line in rules(kind) for each in _fields(line)}

    assert [each for each in named if f"| `{each.removesuffix('[]')}` |" not in text] == []


def told(kind: type[Resource]) -> list[str]:
    """The fields and conditions of the status, as the page lists them."""
    _, _, below = page(kind, "").partition("## Status\n")
    names = (line.split("|")[1] for line in below.splitlines() if line.startswith("| `"))
    return [each for name in names for each in name.strip(" `").split(", ")]


def test_the_status_of_a_domain_tells_what_proves_it_and_who_serves_it() -> None:
    proof = ["verification", "verification.name", "verification.value"]

    assert told(Domain) == [
        *("conditions", "observedGeneration", *proof, "Ready", "Reconciling", "Stalled"),
        *("Effective", "Managed", "Suspended", "Served", "DNSConfirmed", "Verified"),
    ]


@pytest.mark.parametrize("kind", [*KINDS, *ACTS])
def test_every_field_of_a_status_stands_on_its_page(kind: type[Resource]) -> None:
    status = kind.model_fields["status"].annotation
    fields = {each.alias for each in getattr(status, "model_fields", {}).values()}

    assert fields - {*told(kind)} == set()
    assert "Ready" in told(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_condition_of_a_column_stands_on_its_page(kind: type[Resource]) -> None:
    paths = " ".join(each.path for each in kind.columns)

    assert set(re.findall(r'@\.type=="(\w+)"', paths)) - {*told(kind)} == set()


@pytest.mark.parametrize("room", ROOMS, ids=lambda each: each.name)
def test_every_condition_of_a_room_stands_on_the_pages_of_its_kinds(room: Room) -> None:
    asked = {each.condition for some in room.probes.values() for each in some}
    pages = {name for kind in room.desired for name in told(kind)}
    proven = {proof.condition: told(kind) for kind, proof in room.proofs.items()}

    assert asked - pages == set()
    assert [name for name, there in proven.items() if name not in there] == []
    assert room.title in told(Subscription)
    assert not asked or f"{room.title}Probed" in told(Tenant)


def _fields(line: str) -> list[str]:
    before, _, _ = line.removeprefix("- ").partition(": ")
    return before.split(", ") if before.startswith("`") else []


def test_states_of_contracts_are_told_in_the_words_of_others() -> None:
    portal = "ordered confirmed provisioning provisioned cancelled deprovisioning deprovisioned"
    erp = {"awaiting installation", "enabled", "inactive", "cancelled"}
    _, _, told = page(Subscription, "").partition("## States\n")

    assert [each.state for each in STATES] == list(get_args(State))
    assert {word for each in STATES for word in each.portal.split(", ")} == {*portal.split()}
    assert {each.erp for each in STATES} == erp
    assert told.count("\n| ") == len(STATES) + 2
