"""`kubectl explain`, as somebody uses it who has no other manual."""

from random import Random

import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.api.base import GROUP
from ispalier.api.kinds import ACTS, KINDS
from tests.unit.api.schemas import EXPLAINED, Node

PLURALS = {kind.__name__: kind.plural for kind in (*KINDS, *ACTS)}
SOME = Random(2026).sample(EXPLAINED, 20)  # noqa: S311 - not for secrets


def explained(kinds: ControlPlane, node: Node) -> str:
    """What it says of a field, in one line."""
    path = node.path.replace("[]", "")
    return " ".join(kinds.run_kubectl("explain", f"{PLURALS[node.kind]}.{GROUP}.{path}").split())


@pytest.mark.parametrize("node", SOME, ids=str)
def test_it_says_what_a_field_is(kinds: ControlPlane, node: Node) -> None:
    assert " ".join(node.schema["description"].split()) in explained(kinds, node)


def test_it_shows_the_default_and_the_words_to_choose_from(kinds: ControlPlane) -> None:
    (field,) = (node for node in EXPLAINED if str(node) == "Subscription.spec.suspensions[].effect")

    assert explained(kinds, field).endswith(" Default: Refuse.")
    assert "ENUM: Refuse WalledGarden Throttle NoSubmission" in explained(kinds, field)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("subscriptions.spec.discounts", "Less for a time. No effect yet: charges do not know it"),
        ("domains.spec.dns", "No effect yet (Secondary): secondary zones are not made yet."),
        ("sites", "No effect yet: no site or database is made yet."),
    ],
)
def test_it_says_what_has_no_effect_yet(kinds: ControlPlane, path: str, told: str) -> None:
    plural, _, field = path.partition(".")
    said = kinds.run_kubectl("explain", f"{plural}.{GROUP}.{field}".rstrip("."))

    assert told in " ".join(said.split())
