"""What `ispalier apply` tells: as much as somebody can read."""

import pytest

from ispalier.cli.output import Format
from ispalier.cli.serve.applying import Report
from ispalier.core.engine import Outcome
from ispalier.core.items import Owner
from ispalier.settings import Settings
from ispalier.world.errors import Unsafe
from tests.builders import snapshot, tenant

HELD = "a brake holds it back"


def test_of_many_who_are_held_back_the_first_are_shown_and_the_rest_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    numbers = [str(10_000 + each) for each in range(400)]
    world = snapshot(*(tenant(f"c{each}", each) for each in numbers))
    report = Report(world, Settings(), Format.TEXT, dry_run=False)

    list(map(report.add, map(held_back, numbers)))
    report.end(1.0)

    said = capsys.readouterr()
    assert said.out.count(HELD) == 10
    assert "400 resources not served as declared (400 units" in said.err
    assert "held back of 390 more customers, too: see `ispalier pending`" in said.err


def held_back(number: str) -> Outcome:
    problems = {Owner("here", number, "Login", "line"): Unsafe(HELD)}
    return Outcome(number, {}, problems, {}, (), {}, None)
