"""Recurring revenue: what contracts owe per month by what is declared, once all of it has come."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from ispalier.api.contracts import Subscription
from ispalier.api.parties import Tenant
from ispalier.api.units import BusinessUnit
from ispalier.billing.grid import anchor
from ispalier.billing.history import History, Lineage
from ispalier.billing.money import exponent, formatted, rounded
from ispalier.billing.slots import Pricing
from ispalier.billing.stretches import Stretch, stretches
from ispalier.billing.tariffs import Tariffs
from ispalier.core.gather import owner_of
from ispalier.core.items import Owner
from ispalier.core.memory import Memory
from ispalier.core.weight import MONTHLY, Charge, Shift
from ispalier.world.days import ended_on
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
    found: dict[str, tuple[int, str]] = {}
    for name, (contract, priced) in _priced(view).items():
        pricing = priced[-1].pricing
        if contract.spec.end is not None:
            found[name] = (0, view.unit.spec.currency)
        elif pricing is not None:
            amount = _minor(pricing, view.unit.spec.currency, _MONTHS[pricing.cycle])
            found[name] = (amount, view.unit.spec.currency)
    return found


@per_view
def charges(view: View) -> Mapping[str, Charge]:
    """What each contract costs per cycle by its price of today, all its units, as its status has it.

    Discounts, taxes and days that are not billed are left out; a contract may have no price, and
    one that has ended has none any more.
    """
    currency, found = view.unit.spec.currency if view.has_unit else "", {}
    for name, (contract, priced) in _priced(view).items():
        if ended_on(contract, view.today):
            continue
        current = [each for each in priced if each.days.start <= view.today] or priced[:1]
        later = (each.days.start for each in priced if each.days.start > view.today)
        pricing, told = current[-1].pricing, None
        if pricing is not None:
            amount = formatted(_minor(pricing, currency), currency)
            told = {"amount": amount, "currency": currency, "cycle": pricing.cycle}
        found[name] = Charge(told, min(later, default=None))
    return found


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


@per_view
def _priced(view: View) -> Mapping[str, tuple[Subscription, Sequence[Stretch]]]:
    """Each contract with the prices that it has had, has and will have, in their order."""
    if view.tenant is None or not view.has_unit:
        return {}
    tariffs, found = Tariffs(view.world), {}
    for each in view.of(Subscription):
        with suppress(IspalierError):  # billing tells of it
            found[each.name] = (each, _stretches(each, view.tenant, view.unit, tariffs))
    return found


def _stretches(
    contract: Subscription, tenant: Tenant, unit: BusinessUnit, tariffs: Tariffs
) -> Sequence[Stretch]:
    spec, theirs = contract.spec, unit.spec.billing
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
    return list(stretches(history))


def _minor(pricing: Pricing, currency: str, months: int = 1) -> int:
    """What a cycle costs, by so many months of it, in the smallest unit of the currency."""
    price = pricing.price
    minor = price.numerator * 10 ** exponent(currency) * pricing.quantity
    return rounded(minor, price.denominator * months)
