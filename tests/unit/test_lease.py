"""The lease as its holder sees it: what is begun ends within it, and once lost it stays lost."""

import pytest

from ispalier.core.lease import CALL, RENEW, Lease
from ispalier.world.errors import Lost, Unavailable
from tests.contract.case import Clock


def taken(clock: Clock, *, released: bool = True, expires: bool = True) -> Lease:
    lease = Lease("home", 15, clock)
    lease.took(3, clock.now, expires=expires, released=released)
    return lease


def test_before_it_is_taken_nothing_may_be_written() -> None:
    with pytest.raises(Lost, match="it was never taken"):
        Lease("home", 15, Clock()).check()


def test_renewed_as_it_should_be_more_than_three_times_of_what_a_call_takes_is_left() -> None:
    assert 1 - RENEW - CALL > 3 * CALL


def test_a_call_that_might_outlast_it_waits_for_its_renewal() -> None:
    clock = Clock()
    lease = taken(clock)
    clock.now = 12.75

    with pytest.raises(Unavailable, match=r"ends in 2\.2 s and the journal does not renew it"):
        lease.check(lease.call)
    lease.check()
    lease.renewed(12)
    lease.check(lease.call)

    assert lease.left == 14.25


def test_it_counts_from_when_it_was_asked_for() -> None:
    clock = Clock(100)
    lease = taken(clock)
    clock.now = 104

    lease.renewed(asked=103)

    assert lease.left == 14


def test_an_answer_that_comes_too_late_does_not_renew_it() -> None:
    clock = Clock()
    lease = taken(clock)
    clock.now = 15

    with pytest.raises(Lost, match="it was not renewed for 15 s"):
        lease.renewed(asked=14)
    with pytest.raises(Lost, match="it was not renewed for 15 s"):
        lease.check()


def test_once_lost_it_says_why_it_was() -> None:
    lease = taken(Clock())

    first = lease.lose("the journal's lock was taken over")
    lease.lose("something else")

    with pytest.raises(Lost, match="the journal's lock was taken over"):
        lease.check()
    assert isinstance(first, Lost)


def test_after_a_holder_that_was_killed_its_last_call_is_waited_for() -> None:
    clock = Clock()
    released, killed = taken(clock), taken(clock, released=False)

    assert (released.rest, killed.rest) == (0, killed.call)
    clock.now = 4
    assert killed.rest == 0


def test_one_that_does_not_expire_lasts() -> None:
    clock = Clock()
    lease = taken(clock, expires=False)
    clock.now = 1e9

    lease.check(lease.call)

    assert lease.epoch == 3
