"""What `validate` says of rules between resources is why something is not served, too."""

import pytest

from ispalier.api.base import Resource
from ispalier.core.engine import Outcome
from ispalier.world.checks.every import checks
from ispalier.world.checks.files import Files
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot, ident
from tests.builders import NOW, plan, resource, snapshot, subscription
from tests.engine.passes import LINE, PROVIDER, SILVA, message, ready, run, verbs
from tests.inmemory import Memory, engine

EXTRA = subscription("silva", "extra", terms=[{"from": "2026-11-01", "planRef": {"name": "extra"}}])
IN_EUROS = {"currency": "EUR", "amount": "19.90", "validFrom": "2026-01-01"}
THERE = resource(
    "BusinessUnit",
    "londrina",
    {
        "displayName": "Londrina",
        "timeZone": "America/Sao_Paulo",
        "currency": "BRL",
        "cities": ["Londrina"],
    },
)


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
        ([plan(availableIn=["maringa"])], SILVA[1]),
        ([plan(prices=[IN_EUROS])], SILVA[1]),
        ([plan(cycles=["P1Y"])], SILVA[1]),
    ],
    ids=[
        *("access point", "add-on", "requires", "mandatory", "conflicts"),
        *("not sold there", "no price there", "another cycle"),
    ],
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


def test_a_plan_of_next_year_that_is_not_sold_takes_nothing_away_today() -> None:
    later = {"from": "2027-01-01", "planRef": {"name": "elsewhere"}}
    home = subscription(terms=[*subscription().model_dump(by_alias=True)["spec"]["terms"], later])
    world = snapshot(
        *PROVIDER, SILVA[0], home, SILVA[2], plan("elsewhere", availableIn=["maringa"])
    )

    outcome = run(engine(world, Memory()))

    [said] = told(world, home)
    assert said.startswith(
        "spec.terms[1].planRef.name: Plan/elsewhere is not sold in BusinessUnit/londrina"
    )
    assert ready(outcome, home)["Ready"] == "True Ready"
    (terms,) = (
        each for each in outcome.statuses[ident(home)]["conditions"] if each["type"] == "TermsSold"
    )
    assert terms["message"] == said


def with_profile(text: str | None) -> Outcome:
    """A pass over a customer whose profile is in a Secret, or in one that is not there."""
    spec = {
        "number": "10042",
        "displayName": "customer 10042",
        "businessUnitRef": {"name": "londrina"},
    }
    ref = {"profileSecretRef": {"name": "profile", "key": "yaml"}}
    world = snapshot(*PROVIDER, *SILVA[1:], THERE, resource("Tenant", "silva", spec | ref, "silva"))
    if text is not None:
        world.put_secret("silva", "profile", {"yaml": Secret(text)})
    return run(engine(world, Memory()))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("address: {street: a, city: Londrina, country: BR}", "True Ready"),
        ("address: {street: a, city: Maringá, country: BR}", "False Invalid"),
        ("email: nobody", "False Invalid"),
        (None, "False Waiting"),
    ],
    ids=["right", "another city", "wrong", "not there"],
)
def test_a_profile_in_a_secret_is_judged_like_one_in_the_open(text: str | None, told: str) -> None:
    outcome = with_profile(text)

    assert ready(outcome, SILVA[0])["Ready"] == told
    assert "Maringá" not in message(outcome, SILVA[0])
    assert "nobody" not in message(outcome, SILVA[0])
