"""What holds for every contract, every order and every schedule of runs."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ispalier.billing.entries import Entry, entries, posted, totals_digest
from ispalier.billing.history import History
from ispalier.billing.rating import rate
from tests.unit.billing.contracts import Calendar, contract, day
from tests.unit.billing.oracle import totals
from tests.unit.billing.strategies import AMOUNTS, AS_OF, FIRST, histories

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
OVER = FIRST + timedelta(days=400)


def run(history: History, days: list[date]) -> list[Entry]:
    """The ledger after a run on each of these days."""
    ledger: list[Entry] = []
    for as_of in days:
        ledger += entries(rate(history, as_of), ledger)
    return ledger


@QUICK
@given(histories(), AS_OF)
def test_the_rating_agrees_with_one_that_counts_day_by_day(history: History, as_of: date) -> None:
    ahead = as_of + timedelta(days=100)
    expected = totals(replace(history, end=min(history.end or ahead, ahead)), as_of, ahead)
    history = replace(history, end=min(history.end or ahead, ahead))

    charges = {
        (
            *charge.slot.period,
            charge.slot.pricing.plan,
            charge.slot.pricing.quantity,
            str(charge.slot.pricing.valid_from),
        ): Decimal(charge.total) / 100
        for charge in rate(history, as_of).charges
    }

    assert {(*key[:4], key[5]): amount for key, amount in expected.items()} == charges


@QUICK
@given(histories(), st.lists(AS_OF, max_size=8).map(sorted))
def test_any_schedule_of_runs_gives_the_same_totals(history: History, days: list[date]) -> None:
    assert totals_digest(run(history, [OVER])) == totals_digest(run(history, [*days, OVER]))


@QUICK
@given(st.lists(st.tuples(histories(), AS_OF), max_size=4), histories())
def test_whatever_was_declared_before_the_ledger_ends_at_what_is_declared_now(
    earlier: list[tuple[History, date]], history: History
) -> None:
    ledger: list[Entry] = []
    for before, as_of in earlier:
        ledger += entries(rate(before, as_of), ledger)
    ledger += entries(rate(history, OVER), ledger)

    assert totals_digest(run(history, [OVER])) == totals_digest(ledger)
    assert entries(rate(history, OVER), ledger) == []


@QUICK
@given(st.lists(st.tuples(histories(), AS_OF), min_size=1, max_size=4))
def test_entries_explain_themselves_and_never_credit_more_than_was_charged(
    story: list[tuple[History, date]],
) -> None:
    ledger: list[Entry] = []
    for history, as_of in story:
        ledger += entries(rate(history, as_of), ledger)

    assert all(entry.amount == sum(step.amount for step in entry.segments) for entry in ledger)
    assert all(entry.amount != 0 <= entry.total_after for entry in ledger)
    assert all(
        entry.slot.period.start <= step.start <= step.end <= entry.slot.period.end
        for entry in ledger
        for step in entry.segments
    )


@QUICK
@given(histories(), st.integers(0, 2**32), AS_OF)
def test_the_order_in_which_things_were_written_down_does_not_matter(
    history: History, seed: int, as_of: date
) -> None:
    mixed = Random(seed)  # noqa: S311 - a shuffle, not a secret
    shuffled = replace(
        history,
        terms=tuple(mixed.sample(history.terms, len(history.terms))),
        in_force=tuple(mixed.sample(history.in_force, len(history.in_force))),
        offs=tuple(mixed.sample(history.offs, len(history.offs))),
        suspensions=tuple(mixed.sample(history.suspensions, len(history.suspensions))),
        holds=tuple(mixed.sample(history.holds, len(history.holds))),
    )

    assert entries(rate(history, as_of), []) == entries(rate(shuffled, as_of), [])


@QUICK
@given(histories())
def test_in_advance_and_in_arrears_come_to_the_same_once_all_is_over(history: History) -> None:
    history = replace(history, end=min(history.end or OVER, OVER))
    advance = posted(entries(rate(replace(history, timing="Advance"), OVER), []))
    arrears = posted(entries(rate(replace(history, timing="Arrears"), OVER), []))

    assert {key: slot.total for key, slot in advance.items()} == {
        key: slot.total for key, slot in arrears.items()
    }


@QUICK
@given(histories(), AS_OF)
def test_no_day_is_billed_twice(history: History, as_of: date) -> None:
    days = sorted(span for charge in rate(history, as_of).charges for span in charge.days)

    assert all(before.end <= after.start for before, after in pairwise(days))


@QUICK
@given(AMOUNTS, st.lists(st.integers(1, 30), min_size=1, max_size=6, unique=True).map(sorted))
def test_however_a_month_is_split_its_parts_are_its_price(amount: str, ends: list[int]) -> None:
    whole = contract([Calendar("2026-07-01").term(amount)], today="2026-07-01")
    parts = [replace(whole, end=day("2026-07-01") + timedelta(number)) for number in ends]
    ledger: list[Entry] = []
    for history in [*parts, whole]:
        ledger += entries(rate(history, day("2026-08-01")), ledger)

    assert rate(whole, day("2026-08-01")).charges[0].total == sum(e.amount for e in ledger)
