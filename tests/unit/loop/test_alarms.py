"""Units ring again when their time comes, and for each host at which they failed."""

from datetime import UTC, datetime, timedelta

from ispalier.core.items import ANYWHERE
from ispalier.loop.alarms import LAST_RETRY, SUSPECT, Alarms
from ispalier.world.errors import Refused, Unanswered, Unasked, Unavailable

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DNS, RADIUS = ("dns", "ns1"), ("radius", "aaa")
DOWN, HANGS = Unavailable("it is down"), Unanswered("it hangs")
ALONE, NO = Unasked("it is left alone"), Refused("it will not")


def test_an_alarm_rings_once_at_its_time() -> None:
    alarms = Alarms()
    alarms.set("a", NOW + SECOND)

    early = list(alarms.due(NOW))
    due = list(alarms.due(NOW + SECOND))

    assert early == []
    assert due == [("a", None)]
    assert list(alarms.due(NOW + SECOND)) == []


def test_the_last_word_on_a_unit_counts() -> None:
    alarms = Alarms()
    alarms.set("a", NOW + SECOND)
    alarms.set("a", NOW + 3 * SECOND)
    alarms.set("b", NOW + 2 * SECOND)
    alarms.set("b", None)

    assert list(alarms.due(NOW + 2 * SECOND)) == []
    assert alarms.next() == NOW + 3 * SECOND


def pause(alarms: Alarms) -> timedelta:
    """How long it is until the next try, after one more that failed."""
    alarms.tried("a", {DNS: DOWN}, NOW, jitter=1)
    at = alarms.next()
    assert at is not None
    return at - NOW


def test_tries_come_later_each_time_up_to_a_limit() -> None:
    alarms = Alarms()

    pauses = [pause(alarms) for _ in range(12)]

    assert pauses[:3] == [SECOND, 2 * SECOND, 4 * SECOND]
    assert pauses[-1] == LAST_RETRY


def test_a_date_rings_in_its_time_while_a_host_is_tried_again() -> None:
    alarms = Alarms()
    alarms.set("a", NOW + SECOND / 4)
    alarms.tried("a", {DNS: DOWN}, NOW, jitter=1)

    due = list(alarms.due(NOW + SECOND))

    assert due == [("a", None), ("a", DNS)]


def test_after_a_success_tries_begin_anew() -> None:
    alarms = Alarms()
    pause(alarms)
    alarms.tried("a", {}, NOW, jitter=1)
    nothing = alarms.next()

    assert nothing is None
    assert pause(alarms) == SECOND


def test_each_host_has_a_pause_of_its_own() -> None:
    alarms = Alarms()
    alarms.tried("a", {DNS: DOWN}, NOW, jitter=1)
    alarms.tried("a", {DNS: DOWN, RADIUS: DOWN}, NOW, jitter=1)

    assert list(alarms.due(NOW + SECOND)) == [("a", RADIUS)]
    assert list(alarms.due(NOW + 2 * SECOND)) == [("a", DNS)]
    assert alarms.hosts("a") == {DNS, RADIUS}


def test_who_failed_as_a_whole_or_not_at_all_asks_every_host() -> None:
    alarms = Alarms()
    alarms.tried("a", {DNS: DOWN, ANYWHERE: DOWN}, NOW, jitter=1)

    assert alarms.hosts("a") is None
    assert alarms.hosts("b") is None


def test_when_a_host_is_back_everybody_who_was_not_asked_for_is_tried() -> None:
    alarms = Alarms()
    alarms.tried("hung", {DNS: HANGS}, NOW, jitter=1)
    alarms.tried("left alone", {DNS: ALONE}, NOW, jitter=1)
    alarms.tried("elsewhere", {RADIUS: DOWN}, NOW, jitter=1)
    alarms.tried("refused", {DNS: NO}, NOW, jitter=1)

    assert alarms.failing(DNS) == ["left alone", "hung"]


def test_who_makes_a_host_hang_is_not_tried_whenever_it_is_back() -> None:
    alarms = Alarms()
    alarms.tried("other", {DNS: ALONE}, NOW, jitter=1)
    for why in (HANGS, *[ALONE] * 3, *[HANGS] * (SUSPECT - 1), ALONE):
        alarms.tried("poison", {DNS: why}, NOW, jitter=1)

    assert alarms.failing(DNS) == ["other"]
    assert alarms.is_suspect("poison")
    assert alarms.trial(DNS, busy=()) == "other"
    assert alarms.trial(DNS, busy=("other",)) is None
