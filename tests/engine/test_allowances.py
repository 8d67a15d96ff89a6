"""What is beyond a plan is not served, and takes nothing; what was served goes on."""

from ispalier.api.base import Resource
from ispalier.world.checks.every import checks
from ispalier.world.checks.files import Files
from ispalier.world.snapshot import ident
from tests.builders import NOW, login, plan, snapshot
from tests.engine.passes import LINE, PROVIDER, SILVA, message, ready, run, verbs
from tests.inmemory import Memory, engine

SECOND = login("antonia")


def allowing(logins: int) -> Resource:
    return plan(includes={"logins": logins})


def test_the_newest_is_not_served_and_validate_says_so() -> None:
    memory = Memory()
    world = snapshot(*PROVIDER, *SILVA, allowing(0))
    [said] = [each for each in checks(Files.of(world, NOW, whole=True)) if "Login" in each.what]

    outcome = run(engine(world, memory))

    assert ready(outcome, SILVA[2])["Ready"] == "False OverAllowance"
    assert message(outcome, SILVA[2]).startswith(f"{said.field}: {said.what}: {said.remedy}")
    assert LINE not in memory.items


def test_it_takes_no_name() -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA, allowing(0)), Memory())
    run(parts)

    parts.world.remove(ident(SILVA[2]))
    parts.world.put(login("joao", name="other"))
    parts.world.put(allowing(1))

    assert ready(run(parts), login("joao", name="other"))["Ready"].startswith("True")


def test_who_was_served_goes_on_whoever_comes() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA, allowing(1)), memory)
    run(parts)

    parts.world.put(SECOND)
    outcome = run(parts)

    assert ready(outcome, SECOND)["Ready"] == "False OverAllowance"
    assert ready(outcome, SILVA[2])["Ready"].startswith("True")


def test_a_plan_that_is_made_smaller_takes_nothing_away() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA, allowing(1)), memory)
    run(parts)

    parts.world.put(allowing(0))
    outcome = run(parts)

    assert ready(outcome, SILVA[2])["Ready"] == "False OverAllowance"
    assert verbs(outcome) == []
    assert LINE in memory.items
