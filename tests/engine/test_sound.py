"""What `validate` says of rules between resources is why something is not served, too."""

import pytest

from ispalier.api.base import Resource
from ispalier.world.checks.every import checks
from ispalier.world.checks.files import Files
from ispalier.world.snapshot import Snapshot
from tests.builders import NOW, plan, snapshot, subscription
from tests.engine.passes import LINE, PROVIDER, SILVA, message, ready, run, verbs
from tests.inmemory import Memory, engine

EXTRA = subscription("silva", "extra", terms=[{"from": "2026-11-01", "planRef": {"name": "extra"}}])
MOVED = subscription(end={"date": "2027-01-01", "reason": "Bored"})


def told(world: Snapshot, which: Resource) -> list[str]:
    """What is said of a resource in files."""
    found = checks(Files.of(world, NOW, whole=True))
    return [
        f"{each.field}: {each.what}: {each.remedy}"
        for each in found
        if each.which.name == which.name and each.which.kind == which.kind
    ]


@pytest.mark.parametrize(
    ("more", "which"),
    [
        ([plan(requiresAccessPoint=True)], SILVA[1]),
        ([plan(addOn=True)], SILVA[1]),
        ([plan(requires=["base"])], SILVA[1]),
        ([plan("base", family="Mail", access=None, mandatoryFor=["Access"])], SILVA[1]),
        ([plan("extra", conflicts=["fibra-300"]), EXTRA], SILVA[1]),
    ],
    ids=["access point", "add-on", "requires", "mandatory", "conflicts"],
)
def test_both_say_the_same(more: list[Resource], which: Resource) -> None:
    world = snapshot(*PROVIDER, *SILVA, *more)
    [said] = told(world, which)

    outcome = run(engine(world, Memory()))

    assert ready(outcome, which)["Ready"] == "False Invalid"
    assert message(outcome, which) == said


def test_a_rule_that_is_broken_takes_nothing_away() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)

    parts.world.put(plan(requires=["base"]))
    outcome = run(parts)

    assert verbs(outcome) == []
    assert ready(outcome, SILVA[2])["Ready"] == "False Waiting"
    assert LINE in memory.items
