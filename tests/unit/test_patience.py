"""A host is waited for as long as its answers usually take, and somewhat longer."""

import pytest

from ispalier.core.patience import EACH, FLOOR, MEMORY, TIMES, Patience

HERE = ("dns", "one")
MOST = 10.0


def patience(*answers: tuple[float, float]) -> Patience:
    """After answers that took so many seconds, at these times."""
    made = Patience()
    for seconds, now in answers:
        made.note(HERE, "observe", seconds, now)
    return made


def waited(made: Patience, size: int = 0) -> float:
    return made.seconds(HERE, "observe", size, MOST)


def test_a_host_that_never_answered_has_all_the_time() -> None:
    assert waited(Patience()) == MOST


def test_a_quick_host_has_a_little_time_and_more_if_it_is_asked_for_much() -> None:
    made = patience((0.01, 100))

    assert waited(made) == FLOOR
    assert waited(made, 400) == pytest.approx(FLOOR + 400 * EACH)


def test_a_slow_host_has_more_time_at_once_but_never_more_than_all() -> None:
    assert waited(patience((0.01, 100), (2.0, 101))) == TIMES * 2.0
    assert waited(patience((0.01, 100), (5.0, 101))) == MOST


def test_that_it_was_slow_is_forgotten_as_it_gets_quick_again() -> None:
    soon = patience((2.0, 100), (0.01, 101))
    later = patience((2.0, 100), (0.01, 100 + 20 * MEMORY))

    assert waited(soon) > TIMES
    assert waited(later) == FLOOR


def test_who_is_rarely_asked_is_not_taken_for_quick() -> None:
    made = patience((2.0, 100))

    assert waited(made) == TIMES * 2.0


def test_reading_and_writing_are_told_apart() -> None:
    made = patience((0.01, 100))

    assert made.seconds(HERE, "apply", 0, MOST) == MOST
