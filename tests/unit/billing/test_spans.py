from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ispalier.billing.spans import Days, Span, minus, union, within

FIRST = date(2026, 1, 1)
NUMBERS = st.integers(0, 40)


def spans(pairs: list[tuple[int, int]]) -> list[Span]:
    return [Span(FIRST + timedelta(a), FIRST + timedelta(b)) for a, b in pairs]


def numbers(days: Days) -> set[int]:
    return {n for n in range(41) if any(a <= FIRST + timedelta(n) < b for a, b in days)}


PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6)


@settings(deadline=None)
@given(PAIRS)
def test_a_union_holds_every_day_once_in_order_and_without_touching_spans(
    pairs: list[tuple[int, int]],
) -> None:
    days = union(spans(pairs))

    assert {n for a, b in pairs for n in range(a, b)} == numbers(days)
    assert all(before.end < after.start for before, after in pairwise(days))
    assert all(span.start < span.end for span in days)


@settings(deadline=None)
@given(PAIRS, PAIRS)
def test_what_is_taken_is_gone_and_nothing_else(
    pairs: list[tuple[int, int]], gaps: list[tuple[int, int]]
) -> None:
    days, taken = union(spans(pairs)), union(spans(gaps))

    assert numbers(days) - numbers(taken) == numbers(minus(days, taken))


@settings(deadline=None)
@given(PAIRS, NUMBERS, NUMBERS)
def test_a_window_keeps_the_days_inside(pairs: list[tuple[int, int]], a: int, b: int) -> None:
    days = union(spans(pairs))

    inside = within(days, FIRST + timedelta(a), FIRST + timedelta(b))

    assert numbers(days) & set(range(a, b)) == numbers(tuple(inside))
