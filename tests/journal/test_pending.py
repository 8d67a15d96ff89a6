"""What brakes remember, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest

from ispalier.core.impact import Impact
from ispalier.core.items import Owner
from ispalier.core.limits import INTERRUPTIONS, REVENUE, Limits
from ispalier.core.memory import Absence, Claim, Fact, Judged, Tombstone, Update
from ispalier.core.weight import MONTHLY, Fleet, Weight
from ispalier.journal.history import History
from ispalier.journal.journal import Journal
from ispalier.journal.pending import Pending
from ispalier.world.errors import Invalid
from tests.builders import NOW

HOUR = timedelta(hours=1)
SINCE = NOW - HOUR
LIMITS = Limits(always=1)


@pytest.fixture
def pending(journal: Journal) -> Pending:
    return Pending(journal.engine)


def owner(customer: str, kind: str = "Login") -> Owner:
    return Owner("test", customer, kind, "joao")


def interruption(customer: str, digest: str = "0a") -> Weight:
    return Weight(
        owner(customer), digest, "Subscription/home", 1, Impact.INTERRUPT, what="suspend user joao"
    )


def held(*weights: Weight, cause: str = INTERRUPTIONS) -> Judged:
    return Judged(dict.fromkeys(weights, cause), [], [])


def made(*weights: Weight) -> Judged:
    return Judged({}, weights, [])


def test_what_is_held_is_a_set_with_one_digest_until_it_changes(
    journal: Journal, pending: Pending
) -> None:
    journal.weigh(held(interruption("1"), interruption("2")), NOW, SINCE)
    (first,) = pending.sets(LIMITS, NOW)
    (same,) = pending.sets(LIMITS, NOW + HOUR)
    journal.weigh(held(interruption("3")), NOW, SINCE)
    (more,) = pending.sets(LIMITS, NOW)

    assert (first.cause, first.subjects, first.impact) == (INTERRUPTIONS, 2, Impact.INTERRUPT)
    assert first.since == NOW
    assert first.digest == same.digest != more.digest
    assert journal.held() == dict.fromkeys(map(owner, "123"), INTERRUPTIONS)


def test_an_approval_is_for_exactly_the_set_of_its_digest(
    journal: Journal, pending: Pending
) -> None:
    journal.weigh(held(interruption("1")), NOW, SINCE)
    (first,) = pending.sets(LIMITS, NOW)
    journal.weigh(held(interruption("2")), NOW, SINCE)

    with pytest.raises(Invalid, match=f"digest {first.digest}, or not any more"):
        pending.approve(first.digest, "maria: meant", LIMITS, NOW)
    (both,) = pending.sets(LIMITS, NOW)
    pending.approve(both.digest, "maria: meant", LIMITS, NOW)
    journal.weigh(held(interruption("3")), NOW, SINCE)
    scales = journal.scales([owner("1"), owner("2"), owner("3")], SINCE, money=False)

    assert scales.approved == {interruption("1").named, interruption("2").named}
    assert scales.held == {interruption("3").named: INTERRUPTIONS}


def test_who_approved_what_and_why_is_kept_for_ever(journal: Journal, pending: Pending) -> None:
    journal.weigh(held(interruption("1")), NOW, SINCE)
    (which,) = pending.sets(LIMITS, NOW)
    pending.approve(which.digest, "maria: meant", LIMITS, NOW)
    journal.weigh(made(interruption("1")), NOW, SINCE)
    journal.weigh(made(interruption("2")), NOW + 9 * HOUR, NOW + 8 * HOUR)

    journal.thin(NOW + 9 * HOUR)
    (row,) = History(journal.engine).since(None, None)
    assert (row.resource, row.verb, row.detail) == ("Login/joao", "approve", "maria: meant")
    assert (row.digest, row.at) == (which.digest, NOW)


def test_what_was_made_counts_within_the_window_unless_it_was_approved(
    journal: Journal, pending: Pending
) -> None:
    journal.weigh(held(interruption("1")), NOW, SINCE)
    pending.approve(pending.sets(LIMITS, NOW)[0].digest, "maria: meant", LIMITS, NOW)
    journal.weigh(made(interruption("1"), interruption("2")), NOW, SINCE)

    soon = journal.scales([owner("1")], NOW + HOUR / 2 - HOUR, money=False)
    late = journal.scales([owner("1")], NOW + HOUR, money=False)

    assert [each.owner for each in soon.made] == [owner("2")]
    assert soon.approved == {interruption("1").named}
    assert (late.made, late.approved) == ([], frozenset())
    assert journal.held() == {}


def test_what_is_tried_again_counts_from_the_last_time(journal: Journal) -> None:
    journal.weigh(made(interruption("1")), NOW, SINCE)
    journal.weigh(made(interruption("1")), NOW + HOUR / 2, SINCE)

    scales = journal.scales([], NOW + HOUR / 4, money=False)

    assert scales.made == [interruption("1")]


def test_what_is_over_is_forgotten_if_it_was_not_made(journal: Journal) -> None:
    journal.weigh(held(interruption("1"), interruption("2")), NOW, SINCE)
    journal.weigh(made(interruption("3")), NOW, SINCE)

    over = [interruption("1").named, interruption("3").named]
    journal.weigh(Judged({}, [], over), NOW, SINCE)

    assert journal.held() == {owner("2"): INTERRUPTIONS}
    assert journal.scales([], SINCE, money=False).made == [interruption("3")]


def test_the_fleet_is_counted_by_kind(journal: Journal) -> None:
    declared = [Tombstone(owner(str(number)), "x", "{}") for number in range(5)]
    wishes = [Claim("user name", each.owner.customer, each.owner) for each in declared]
    journal.grant(wishes, frozenset(each.owner for each in declared), NOW)
    journal.note({"0": Update(declared=declared)}, NOW)
    gone = [Absence(owner("0"), NOW, None), Absence(owner("1"), NOW, NOW)]
    journal.note({"0": Update(absent=gone)}, NOW)
    removal = interruption("2")._replace(removes=True)
    journal.weigh(made(removal, interruption("3")), NOW, SINCE)

    fleet = journal.fleet(SINCE)

    assert fleet == {"Login": Fleet(missing=2, gone=1, edited=1, serves=True, of=5)}


def test_recurring_revenue_is_what_was_last_taken_over(journal: Journal) -> None:
    for value in ("9990 BRL", "11990 BRL"):
        fact = Fact("home", MONTHLY, NOW.date(), value)
        journal.note({"1": Update(facts=[fact])}, NOW)
    journal.note({"2": Update(facts=[Fact("home", MONTHLY, NOW.date(), "10 EUR")])}, NOW)

    assert journal.scales([], SINCE, money=True).revenue == {"BRL": 11990, "EUR": 10}
    assert journal.scales([], SINCE, money=False).revenue == {}


def test_a_set_tells_how_much_revenue_it_changes(journal: Journal, pending: Pending) -> None:
    some = [
        Weight(owner(each, "Subscription"), "0a", "Subscription/joao", shift=by, currency="BRL")
        for each, by in (("1", 500), ("2", -1200))
    ]
    journal.weigh(held(*some, cause=REVENUE), NOW, SINCE)

    (which,) = pending.sets(LIMITS, NOW)

    assert which.revenue == {"BRL": -700}
    assert "what 2 contracts and their services owe" in which.reason


def test_missing_and_edited_are_approved_in_the_same_way(
    journal: Journal, pending: Pending
) -> None:
    journal.note({"0": Update(absent=[Absence(owner(each), NOW, None) for each in "12"])}, NOW)
    journal.weigh(held(interruption("3")), NOW, SINCE)
    missing, edited = pending.sets(LIMITS, NOW)

    pending.approve(missing.digest, "maria: meant", LIMITS, NOW)

    assert (missing.cause, missing.subjects) == ("missing Login", 2)
    assert [each.digest for each in pending.sets(LIMITS, NOW)] == [edited.digest]
    absences = journal.memories()["1"].absences
    assert absences[owner("1")].approved.startswith("maria: meant (")
