"""A host that does not answer in time is left alone, longer each time, until it answers."""

from ispalier.core.circuit import FIRST, LONGEST, SLOW, Circuits
from ispalier.world.errors import Refused, Unavailable

HERE, THERE = ("dns", "one"), ("dns", "two")
DEAD = Unavailable("host 'one' did not answer in 10 s")


def opened() -> Circuits:
    circuits = Circuits()
    circuits.ended(HERE, DEAD, took=10, now=100)
    return circuits


def test_who_was_slow_to_fail_is_left_alone_and_others_are_not() -> None:
    circuits = opened()

    refusal = circuits.refusal(HERE, 101)

    assert str(refusal) == "host 'one' did not answer in 10 s; it is asked again in 1 s"
    assert circuits.refusal(THERE, 101) is None
    assert list(circuits.open()) == [HERE]


def test_what_fails_at_once_holds_nobody_up() -> None:
    circuits = Circuits()
    circuits.ended(HERE, DEAD, took=SLOW / 2, now=100)

    assert circuits.refusal(HERE, 100) is None


def test_one_asks_for_all_when_the_time_is_over() -> None:
    circuits = opened()

    first, second = circuits.refusal(HERE, 100 + FIRST), circuits.refusal(HERE, 100 + FIRST)

    assert first is None
    assert second is not None


def test_who_asks_for_all_does_not_wait_for_long() -> None:
    circuits = opened()

    assert circuits.patience(HERE, 10) == 2
    assert circuits.patience(THERE, 10) == 10


def test_each_failure_doubles_the_time_up_to_a_limit() -> None:
    circuits = Circuits()
    for _ in range(12):
        circuits.ended(HERE, DEAD, took=10, now=100)

    assert circuits.refusal(HERE, 100 + LONGEST - 1) is not None
    assert circuits.refusal(HERE, 100 + LONGEST) is None


def test_any_answer_closes_the_circuit() -> None:
    circuits = opened()
    circuits.ended(HERE, Refused("it does not like that"), took=10, now=103)

    assert circuits.refusal(HERE, 103) is None
    assert circuits.closed == 1
