"""Whom to ask about next: gently, fairly, who was changed last first."""

from collections import Counter

from ispalier.core.items import Owner
from ispalier.core.probe import Subject
from ispalier.loop.rounds import TURN, Rounds

INTERVAL = 60.0


def of(customer: str, number: int = 0) -> Subject:
    return Subject(Owner("home", customer, "Login", f"login-{number}"), ("radius", "one"))


def fleet(count: int) -> Rounds:
    """So many customers with one login each, that all had a first turn long ago."""
    rounds = Rounds(INTERVAL)
    for number in range(count):
        customer = f"{number:05}"
        rounds.expect(customer, [of(customer)], ())
    return rounds


def asked(rounds: Rounds, now: float, times: int = 1) -> list[str]:
    """The customers of the next turns."""
    turns = (rounds.take(now) for _ in range(times))
    return [turn[0].owner.customer for turn in turns if turn]


def change(rounds: Rounds, customer: str) -> None:
    rounds.expect(customer, [of(customer)], [of(customer)])


def test_everybody_has_a_turn_and_then_again() -> None:
    rounds = fleet(10)

    first, second = asked(rounds, 0, 20), asked(rounds, INTERVAL, 20)

    assert sorted(first) == [f"{number:05}" for number in range(10)]
    assert second == first


def test_nobody_is_asked_twice_within_an_interval() -> None:
    rounds = fleet(1)

    assert asked(rounds, 0) == ["00000"]
    change(rounds, "00000")
    rounds.doubt("00000")
    assert asked(rounds, INTERVAL - 1, 4) == []
    assert asked(rounds, INTERVAL) == ["00000"]


def test_who_was_changed_last_comes_first() -> None:
    rounds = fleet(1000)
    change(rounds, "00400")
    change(rounds, "00700")

    assert asked(rounds, 0, 2) == ["00700", "00400"]


def test_who_is_in_doubt_comes_before_the_round() -> None:
    rounds = fleet(1000)
    rounds.doubt("00400")

    assert asked(rounds, 0) == ["00400"]


def test_many_in_doubt_and_many_changes_do_not_stop_the_round() -> None:
    rounds = fleet(1000)
    for number in range(500, 1000):
        change(rounds, f"{number:05}")
        rounds.doubt(f"{number:05}")

    turns = Counter(each < "00500" for each in asked(rounds, 0, 400))

    assert turns[True] == 100


def test_of_many_logins_each_has_its_turn() -> None:
    rounds = Rounds(INTERVAL)
    logins = [of("10042", number) for number in range(50)]
    rounds.expect("10042", logins, ())

    turns = [rounds.take(now * INTERVAL) for now in range(3)]

    assert [len(turn) for turn in turns] == [TURN] * 3
    assert set(logins) == {each for turn in turns for each in turn}


def test_a_changed_login_of_many_is_asked_in_the_next_turn() -> None:
    rounds = Rounds(INTERVAL)
    logins = [of("10042", number) for number in range(50)]
    rounds.expect("10042", logins, ())

    rounds.expect("10042", logins, [logins[44]])

    assert rounds.take(0)[0] == logins[44]


def test_who_has_nothing_to_be_asked_is_left_out() -> None:
    rounds = fleet(2)
    change(rounds, "00000")
    rounds.doubt("00000")

    rounds.expect("00000", [], ())

    assert asked(rounds, 0, 8) == ["00001"]
