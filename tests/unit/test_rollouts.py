"""An edit of the provider's is through when every customer had a pass that began after it."""

import pytest

from ispalier.core.conditions import Answer
from ispalier.core.items import PROVIDER
from ispalier.core.rollouts import NOT_IN_PLACE, Rollouts, lags
from ispalier.world.errors import Refused, Unavailable, Unsafe
from ispalier.world.snapshot import ident
from tests.builders import login, plan

PLAN = plan()
FIBRA = ident(PLAN)


def told(rollouts: Rollouts) -> Answer:
    (answer,) = rollouts.answers(PLAN)
    return answer


def of_many_plans(number: int) -> Rollouts:
    """Rollouts of so many plans, of which each reaches two customers."""
    rollouts = Rollouts()
    for each in range(number):
        rollouts.begin(ident(plan(f"plan-{each}")), ["1", "2"])
    return rollouts


def through(rollouts: Rollouts, customer: str) -> bool:
    """Whether an edit is through by the pass of a customer."""
    rollouts.passed(customer, rollouts.last)
    return rollouts.is_through


def test_nothing_is_said_of_what_nobody_rolls_out() -> None:
    rollouts = Rollouts()
    rollouts.begin(ident(login("joao")), ["10042"])

    assert list(rollouts.answers(PLAN)) == []
    assert list(rollouts.answers(login("joao"))) == []


def test_it_is_over_when_all_have_it_and_says_meanwhile_who_has_not() -> None:
    rollouts = Rollouts()
    rollouts.begin(FIBRA, [PROVIDER, "5", "1", "4", "2", "3"])

    rollouts.passed(PROVIDER, rollouts.last)
    rollouts.passed("1", rollouts.last)
    message = told(rollouts).message
    are_through = [through(rollouts, each) for each in ("2", "3", "4", "5")]

    assert message == "4 of 5 customers do not have it yet: 2, 3, 4 and 1 more"
    assert are_through == [False, False, False, True]
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


def test_what_the_provider_itself_has_not_got_is_not_rolled_out() -> None:
    rollouts = Rollouts()
    rollouts.begin(FIBRA, [PROVIDER, "1"])

    rollouts.passed("1", rollouts.last)
    rollouts.passed(PROVIDER, rollouts.last, behind={FIBRA})
    behind = told(rollouts)
    rollouts.passed(PROVIDER, rollouts.last)

    assert (behind.true, behind.reason) == (False, NOT_IN_PLACE)
    assert told(rollouts).true


def test_who_waits_for_something_has_not_got_what_the_provider_has_not() -> None:
    rollouts = Rollouts()
    rollouts.begin(FIBRA, [PROVIDER, "1"])

    first = rollouts.passed("1", rollouts.last, waits=True)
    rollouts.passed(PROVIDER, rollouts.last)

    assert not first
    assert rollouts.passed("1", rollouts.last, waits=True)


def test_there_are_news_when_somebody_got_an_edit_and_not_before() -> None:
    rollouts = Rollouts()
    rollouts.begin(FIBRA, ["1", "2"])

    rollouts.passed("3", rollouts.last)
    none = rollouts.has_news
    rollouts.passed("2", rollouts.last)
    some = rollouts.has_news
    rollouts.told()

    assert (none, some, rollouts.has_news) == (False, True, False)


def test_news_are_told_every_few_seconds_and_the_end_at_once() -> None:
    rollouts = Rollouts()
    rollouts.begin(FIBRA, ["1", "2"])
    rollouts.passed("1", rollouts.last)
    news = [rollouts.is_to_be_told(since) for since in (4, 6)]
    rollouts.passed("2", rollouts.last)

    assert news == [False, True]
    assert rollouts.is_to_be_told(0)


@pytest.mark.parametrize(("reached", "pause"), [(["1"], 10), (["1", "2"], 50)])
def test_of_many_edits_it_is_told_more_seldom(reached: list[str], pause: int) -> None:
    rollouts = of_many_plans(500)
    rollouts.begin(FIBRA, reached)
    rollouts.passed("1", rollouts.last)

    assert not rollouts.is_to_be_told(pause - 1)
    assert rollouts.is_to_be_told(pause + 1)


def test_what_a_host_refuses_was_brought_to_it() -> None:
    assert not lags([Refused("too long")], [Refused("too long")])
    assert lags([Refused("too long"), Unavailable("is away")], [])
    assert lags([], [Unsafe("is held back")])


def test_what_nobody_uses_is_rolled_out_when_it_is_in_place_and_what_is_gone_is_not_waited_for() -> (
    None
):
    rollouts = Rollouts()
    rollouts.begin(FIBRA, [PROVIDER])
    rollouts.passed(PROVIDER, rollouts.last)
    unused = told(rollouts)
    rollouts.begin(FIBRA, [PROVIDER, "1", "2"])
    rollouts.forget(FIBRA)

    assert unused.true
    assert rollouts.are_over
    assert list(rollouts.answers(PLAN)) == []
