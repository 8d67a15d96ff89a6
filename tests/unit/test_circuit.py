"""A host that does not answer in time is left alone, longer each time, until it answers."""

from ispalier.core.circuit import FIRST, LONGEST, SLOW, Circuits
from ispalier.world.errors import Unanswered, Unasked, Unavailable

HERE, THERE = ("dns", "one"), ("dns", "two")
WE, THEY = frozenset({"1"}), frozenset({"2"})
DEAD = Unavailable("host 'one' did not answer in 10 s")


def opened() -> Circuits:
    circuits = Circuits()
    circuits.failed(HERE, DEAD, WE, began=90, now=100)
    return circuits


def tried_in_vain(circuits: Circuits, times: int) -> float:
    """When the last of so many tries in vain ended."""
    now = 100.0
    for _ in range(times):
        now += 2 * LONGEST
        assert circuits.refusal(HERE, now) is None
        circuits.failed(HERE, DEAD, frozenset({str(now)}), began=now, now=now + 1)
    return now + 1


def test_who_was_slow_to_fail_is_left_alone_and_others_are_not() -> None:
    circuits = opened()

    refusal = circuits.refusal(HERE, 101)

    assert isinstance(refusal, Unasked)
    assert str(refusal) == (
        "host 'one' did not answer in 10 s; it is left alone for a while and then asked again"
    )
    assert circuits.refusal(THERE, 101) is None
    assert list(circuits.open()) == [HERE]


def test_what_fails_at_once_holds_nobody_up() -> None:
    circuits = Circuits()
    circuits.failed(HERE, DEAD, WE, began=100, now=100 + SLOW / 2)

    assert circuits.refusal(HERE, 101) is None


def test_who_is_not_waited_for_any_longer_is_left_alone_however_soon_that_was() -> None:
    circuits = Circuits()
    circuits.failed(HERE, Unanswered("not yet"), WE, began=100, now=100 + SLOW / 2)

    assert list(circuits.open()) == [HERE]


def test_one_asks_for_all_when_the_time_is_over() -> None:
    circuits = opened()
    due = list(circuits.due(100 + FIRST))

    first, second = circuits.refusal(HERE, 100 + FIRST), circuits.refusal(HERE, 100 + FIRST)

    assert due == [HERE]
    assert first is None
    assert second is not None
    assert list(circuits.due(100 + FIRST)) == []


def test_calls_that_were_on_their_way_say_nothing_new() -> None:
    circuits = opened()
    for _ in range(8):
        circuits.failed(HERE, DEAD, WE, began=91, now=101)

    assert circuits.refusal(HERE, 100 + FIRST) is None


def test_each_try_in_vain_doubles_the_time_up_to_a_limit() -> None:
    circuits = opened()
    end = tried_in_vain(circuits, 9)

    assert circuits.refusal(HERE, end + LONGEST - 1) is not None
    assert circuits.refusal(HERE, end + LONGEST) is None


def test_a_try_that_fails_at_once_is_in_vain_too() -> None:
    circuits = opened()
    assert circuits.refusal(HERE, 102) is None
    circuits.failed(HERE, DEAD, WE, began=102, now=102.1)

    assert circuits.refusal(HERE, 103) is not None


def test_any_answer_closes_the_circuit() -> None:
    circuits = opened()

    assert circuits.answered(HERE)
    assert circuits.refusal(HERE, 103) is None
    assert not circuits.answered(HERE)


def test_who_may_be_the_reason_does_not_make_the_time_longer() -> None:
    circuits = opened()
    for now in (110, 120, 130):
        assert circuits.refusal(HERE, now) is None
        circuits.failed(HERE, DEAD, WE, began=now, now=now + 1)
    still_short = list(circuits.due(131 + FIRST))
    circuits.failed(HERE, DEAD, THEY, began=140, now=141)

    assert still_short == [HERE]
    assert list(circuits.due(141 + FIRST)) == []
