"""Recurring revenue: what contracts owe per month by what is declared, once all of it has come."""

from collections.abc import Iterator, Mapping

from ispalier.api.contracts import Subscription
from ispalier.api.parties import Tenant
from ispalier.api.units import BusinessUnit
from ispalier.billing.grid import anchor
from ispalier.billing.history import History, Lineage
from ispalier.billing.money import exponent, formatted, rounded
from ispalier.billing.stretches import stretches
from ispalier.billing.tariffs import Tariffs
from ispalier.core.gather import owner_of
from ispalier.core.items import Owner
from ispalier.core.memory import Memory
from ispalier.core.weight import MONTHLY, Shift
from ispalier.world.errors import IspalierError
from ispalier.world.per_view import per_view
from ispalier.world.view import View

_MONTHS = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12}


@per_view
def monthly(view: View) -> Mapping[str, tuple[int, str]]:
    """What each contract owes per month, in the smallest unit of its currency.

    It is the price of its last term as all dates that are declared have come, so a change is
    weighed when it is written, not when its day comes; a contract with an end owes nothing.
    Contracts that have no price are left out. Suspensions do not count.
    """
    return dict(_monthly(view))


def shifts(view: View, memory: Memory) -> Mapping[Owner, Shift]:
    """The contracts that owe another sum than was last taken over; new ones have none to compare."""
    facts = sorted((each for each in memory.facts if each.topic == MONTHLY), key=lambda e: e.seq)
    if not facts:
        return {}
    known = {each.subscription: each.value for each in facts}
    now = monthly(view)
    found: dict[Owner, Shift] = {}
    for each in view.of(Subscription):
        if each.name in now and each.name in known:
            amount, currency = now[each.name]
            before, _, same = known[each.name].partition(" ")
            if same == currency and int(before) != amount:
                told = (
                    f"{formatted(int(before), same)} -> {formatted(amount, same)} {same} per month"
                )
                found[owner_of(view, each)] = Shift(amount - int(before), currency, told)
    return found


def _monthly(view: View) -> Iterator[tuple[str, tuple[int, str]]]:
    if view.tenant is None or not view.has_unit:
        return
    tariffs, unit = Tariffs(view.world), view.unit
    for each in view.of(Subscription):
        try:
            amount = _owed(each, view.tenant, unit, tariffs)
        except IspalierError:
            continue  # billing tells of it
        if amount is not None:
            yield each.name, (amount, unit.spec.currency)


def _owed(
    contract: Subscription, tenant: Tenant, unit: BusinessUnit, tariffs: Tariffs
) -> int | None:
    spec, theirs = contract.spec, unit.spec.billing
    if spec.end is not None:
        return 0
    first = min(term.from_ for term in spec.terms)
    origin = anchor(
        first,
        anchor_date=spec.billing.anchor_date,
        closing_day=tenant.spec.billing.closing_day or theirs.closing_day,
    )
    history = History(
        lineage=Lineage("", tenant.spec.number, contract.name, 0),
        payer=tenant.spec.number,
        unit=unit.name,
        currency=unit.spec.currency,
        timing=theirs.timing,
        due_day=theirs.due_day,
        day_count=theirs.day_count,
        terms=tuple(tariffs.term(term, origin, unit) for term in spec.terms),
        today=first,  # each term is taken to have come on its day
        ready=None,
    )
    *_, last = stretches(history)
    if last.pricing is None:
        return None
    price, months = last.pricing.price, _MONTHS[last.pricing.cycle]
    minor = price.numerator * 10 ** exponent(unit.spec.currency) * last.pricing.quantity
    return rounded(minor, price.denominator * months)
