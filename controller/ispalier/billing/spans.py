"""Sets of days as sorted, disjoint, half-open spans (R1)."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, TypeAlias

FOREVER = date.max


class Span(NamedTuple):
    """R1: the days from `start` on, `end` not included: from day 21 to day 31 are 10 days."""

    start: date
    end: date


Days: TypeAlias = tuple[Span, ...]


def union(spans: Iterable[Span]) -> Days:
    """All days that lie in at least one span."""
    merged: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def minus(days: Days, taken: Days) -> Days:
    """The days that are not taken."""
    rest: list[Span] = []
    for day, end in days:
        start = day
        for gap in taken:
            if gap.end <= start:
                continue
            if gap.start >= end:
                break
            if gap.start > start:
                rest.append(Span(start, gap.start))
            start = gap.end
        if start < end:
            rest.append(Span(start, end))
    return tuple(rest)


def within(days: Days, start: date, end: date) -> list[Span]:
    """The days that lie in [start, end)."""
    return [
        Span(max(span.start, start), min(span.end, end))
        for span in days
        if span.start < end and start < span.end and start < end
    ]
