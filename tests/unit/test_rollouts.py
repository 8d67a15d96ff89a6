"""An edit of the provider's is through when every customer had a pass that began after it."""

from ispalier.core.conditions import Answer
from ispalier.core.rollouts import Rollouts
from ispalier.world.snapshot import ident
from tests.builders import login, plan

PLAN = plan()
FIBRA = ident(PLAN)


def told(rollouts: Rollouts) -> Answer:
    (answer,) = rollouts.answers(PLAN)
    return answer


def test_nothing_is_said_of_what_nobody_rolls_out() -> None:
    rollouts = Rollouts()
    rollouts.begin(ident(login("joao")), ["10042"])

    assert list(rollouts.answers(PLAN)) == []
    assert list(rollouts.answers(login("joao"))) == []


def test_it_is_over_when_all_have_it_and_says_meanwhile_who_has_not() -> None:
    rollouts = Rollouts()
    rollouts.begin(FIBRA, ["5", "1", "4", "2", "3"])

    first = rollouts.passed("1", rollouts.last)
    message = told(rollouts).message
    others = [rollouts.passed(each, rollouts.last) for each in ("2", "3", "4", "5")]

    assert not first
    assert message == "4 of 5 customers do not have it yet: 2, 3, 4 and 1 more"
    assert others == [False, False, False, True]
    assert told(rollouts).true
    assert rollouts.are_over


def test_a_pass_that_began_before_the_edit_does_not_count() -> None:
    rollouts = Rollouts()
    rollouts.begin(FIBRA, ["1"])
    before = rollouts.last
    rollouts.begin(FIBRA, ["1"])

    assert not rollouts.passed("1", before)
    assert not told(rollouts).true
    assert rollouts.passed("1", rollouts.last)


def test_what_nobody_uses_is_rolled_out_at_once_and_what_is_gone_is_not_waited_for() -> None:
    rollouts = Rollouts()
    rollouts.begin(FIBRA, [])
    unused = told(rollouts)
    rollouts.begin(FIBRA, ["1", "2"])
    rollouts.forget(FIBRA)

    assert unused.true
    assert rollouts.are_over
    assert list(rollouts.answers(PLAN)) == []
