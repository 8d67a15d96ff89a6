"""Which term and which price hold on which days, and which days are not billed (R10-R13, R17)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from ispalier.billing.grid import Grid
from ispalier.billing.history import History, Price, Term
from ispalier.billing.money import ratio
from ispalier.billing.slots import Pricing
from ispalier.billing.spans import FOREVER, Days, Span, union

_DAY = timedelta(days=1)


class Stretch(NamedTuple):
    """Days on one grid at one price; without a price `problem` says why."""

    days: Span
    grid: Grid
    pricing: Pricing | None
    problem: str = ""


def billable_start(history: History) -> date | None:
    """R12, R6: the first day that can be billed; None until the service was ready.

    It is the later of the declared start and the first day all back ends were ready, and never
    before the unit's ledger start or the day up to which an imported contract was billed elsewhere.
    """
    if history.ready is None:
        return None
    days = (
        min(term.since for term in history.terms),
        min(history.ready, history.today),
        history.ledger_start or date.min,
        history.billed_through or date.min,
    )
    return max(days)


def unbilled_days(history: History) -> Days:
    """R13: days on which billing is held or the service was off; they are simply not billed.

    A billing hold counts as declared. A suspension counts for the days on which the service was
    observed to be off, so deleting it afterwards bills nothing for the gap, and a refusal that never
    reached the back ends is no suspension; from today on it counts as declared.
    """
    if not (history.holds or history.offs or history.suspensions):
        return ()
    held = (Span(each.since, each.until or FOREVER) for each in history.holds)
    declared = (
        Span(max(each.since, history.today), each.until or FOREVER) for each in history.suspensions
    )
    off = (
        Span(each.since, each.until or _expected_return(history, each.reason))
        for each in history.offs
    )
    return union((*held, *declared, *off))


def stretches(history: History) -> Iterator[Stretch]:
    """R10, R12, R17: the terms in effect with their prices, in the order of their days."""
    bought = date.min
    previous: Term | None = None
    for span, term in _terms_in_effect(history):
        if previous is None or previous.plan != term.plan or previous.grid.cycle != term.grid.cycle:
            bought = term.since
        previous = term
        for days, price in _prices(span, term, bought):
            yield _stretch(days, term, price, history)


def _expected_return(history: History, reason: str) -> date:
    """When a service that is off comes back: as declared if that day is ahead, else it lasts."""
    ahead = (
        each.until
        for each in history.suspensions
        if each.reason == reason and each.until is not None and each.until >= history.today
    )
    return min(ahead, default=FOREVER)


def _terms_in_effect(history: History) -> list[tuple[Span, Term]]:
    """R10, R12: each term from the later of its declared and its observed day until the next.

    Of two terms of one day the last wins. A term that a later one overtook has no days.
    """
    ordered = {term.since: term for term in sorted(history.terms, key=lambda term: term.since)}
    first, *later = ordered.values()
    found: list[tuple[Span, Term]] = []
    end = FOREVER
    for term in reversed(later):
        day = _effective_day(term, first.plan, history)
        if day is not None and day < end:
            found.append((Span(day, end), term))
            end = day
    found.append((Span(first.since, end), first))
    return found[::-1]


def _effective_day(term: Term, first_plan: str, history: History) -> date | None:
    """R12: the first day, not before the declared one, on which the plan was in force.

    None while it is late: the plan before it goes on. A change of today or later is taken to
    happen on its day.
    """
    if term.since >= history.today:
        return term.since
    by_day = {fact.day: fact.plan for fact in sorted(history.in_force)}
    known = [(date.min, first_plan), *by_day.items()]
    plan = [plan for day, plan in known if day <= term.since][-1]
    if plan == term.plan:
        return term.since
    return next((day for day, plan in known if day > term.since and plan == term.plan), None)


def _prices(span: Span, term: Term, bought: date) -> Iterator[tuple[Span, Price | None]]:
    """R17: the price of the day on which the plan was bought, then those for existing contracts."""
    start = span.start
    price = max(
        (each for each in term.prices if each.valid_from <= bought),
        key=lambda each: each.valid_from,
        default=None,
    )
    for day, _, change in sorted(_for_existing(term, bought), key=lambda each: each[:2]):
        if price is not None and change.valid_from <= price.valid_from:
            continue
        if start < min(day, span.end):
            yield Span(start, min(day, span.end)), price
            start = day
        price = change
    if start < span.end:
        yield Span(start, span.end), price


def _for_existing(term: Term, bought: date) -> Iterator[tuple[date, date, Price]]:
    """R17: from which day each price version holds for a contract that has the plan already."""
    for price in term.prices:
        if price.valid_from_existing is None:
            continue
        day = max(price.valid_from_existing, bought + _DAY)
        if not price.mid_period:
            day = term.grid.next_boundary(day)
        yield day, price.valid_from, price


def _stretch(days: Span, term: Term, price: Price | None, history: History) -> Stretch:
    """R24: without a plan or a price there is a problem, never a price of zero."""
    if term.problem:
        return Stretch(days, term.grid, None, term.problem)
    if term.override is not None:
        amount, valid_from = term.override, None
    elif price is not None:
        amount, valid_from = price.amount, price.valid_from
    else:
        problem = (
            f"plan {term.plan!r} has no price in {history.currency} per {term.grid.cycle} for a "
            f"contract of {term.since}: add one with validFrom or validFromExisting by then"
        )
        return Stretch(days, term.grid, None, problem)
    pricing = Pricing(
        plan=term.plan,
        cycle=term.grid.cycle,
        day_count=history.day_count,
        price=ratio(amount),
        quantity=term.quantity,
        valid_from=valid_from,
    )
    return Stretch(days, term.grid, pricing)
