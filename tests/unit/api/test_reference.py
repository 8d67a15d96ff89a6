"""The reference pages: what a rule says, and which field it is about."""

import pytest

from ispalier.api.base import Resource
from ispalier.api.contracts import Subscription
from ispalier.api.kinds import KINDS
from ispalier.api.machines import Server
from ispalier.api.reference import page


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


def _fields(line: str) -> list[str]:
    before, _, _ = line.removeprefix("- ").partition(": ")
    return before.split(", ") if before.startswith("`") else []
