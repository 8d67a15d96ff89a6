"""The same rules again, one day after the other and with fractions: slow, and easy to believe."""

from collections import Counter
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from ispalier.billing.history import History, Price, Term

DAY = timedelta(days=1)
Group = tuple[date, date, str, int, str, str]


def totals(history: History, as_of: date, horizon: date) -> dict[Group, Decimal]:
    """What each price in each nominal period should amount to, in whole currency units."""
    billed: Counter[Group] = Counter()
    begin = _begin(history)
    if begin is None:
        return {}
    day = begin
    while day < min(horizon, history.end or horizon):
        term = _term_on(history, day)
        period = term.grid.period(term.grid.index(day))
        due = (
            max(period.start, begin)
            if history.timing == "Advance"
            else min(period.end, history.end or period.end)
        )
        price = _price_on(history, term, day)
        if due <= as_of and not _is_paused(history, day):
            billed[(*period, term.plan, term.quantity, price.amount, str(price.valid_from))] += 1
        day += DAY
    return {group: _amount(group, count) for group, count in billed.items()}


def _amount(group: Group, count: int) -> Decimal:
    start, end, _, quantity, price, _ = group
    exact = Fraction(price) * quantity * count / (end - start).days
    cents = Decimal(exact.numerator * 100) / Decimal(exact.denominator)
    return cents.quantize(Decimal(1), ROUND_HALF_UP) / 100


def _begin(history: History) -> date | None:
    if history.ready is None:
        return None
    begin = max(history.terms[0].since, min(history.ready, history.today))
    return max(begin, history.ledger_start or begin)


def _is_paused(history: History, day: date) -> bool:
    held = any(each.since <= day < (each.until or date.max) for each in history.holds)
    declared = any(each.since <= day < (each.until or date.max) for each in history.suspensions)
    off = any(
        each.since <= day < (each.until or _return(history, each.reason)) for each in history.offs
    )
    return held or off or (declared and day >= history.today)


def _return(history: History, reason: str) -> date:
    untils = [each.until for each in history.suspensions if each.reason == reason and each.until]
    return min((until for until in untils if until >= history.today), default=date.max)


def _plan_on(history: History, day: date) -> str:
    known = [fact for fact in sorted(history.in_force) if fact.day <= day]
    return known[-1].plan if known else history.terms[0].plan


def _is_in_effect(history: History, term: Term, day: date) -> bool:
    if term is history.terms[0] or term.since >= history.today:
        return term.since <= day
    one = term.since
    while one <= day:
        if _plan_on(history, one) == term.plan:
            return True
        one += DAY
    return False


def _term_on(history: History, day: date) -> Term:
    return [term for term in history.terms if _is_in_effect(history, term, day)][-1]


def _price_on(history: History, term: Term, day: date) -> Price:
    bought = _bought(history, term, day)
    price = [each for each in term.prices if each.valid_from <= bought][-1]
    one = bought + DAY
    while one <= day:
        for change in term.prices:
            is_time = change.valid_from_existing is not None and (
                one >= change.valid_from_existing
                if change.mid_period
                else one >= term.grid.next_boundary(max(change.valid_from_existing, bought + DAY))
            )
            if is_time and change.valid_from > price.valid_from:
                price = change
        one += DAY
    return price


def _bought(history: History, term: Term, day: date) -> date:
    """The declared day since which the plan in effect has been the same, going back."""
    bought, one = term.since, day
    while one > history.terms[0].since:
        one -= DAY
        before = _term_on(history, one)
        if before.plan != term.plan:
            break
        bought = min(bought, before.since)
    return bought
