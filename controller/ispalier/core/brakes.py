"""Brakes: how much may be removed, interrupted or charged otherwise before a person is asked."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ispalier.core.absence import TENANT
from ispalier.core.impact import Impact
from ispalier.core.items import Owner
from ispalier.core.limits import CONTRACT, INTERRUPTIONS, REMOVALS_OF, REVENUE, Limits
from ispalier.core.weight import Fleet, Scales, Weight


@dataclass(slots=True)
class Brakes:
    """Whose changes are held back by which cause, once it was read; judged one after the other."""

    held: dict[Owner, str] | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


def too_many(fleet: Mapping[str, Fleet], limits: Limits) -> dict[str, str]:
    """The kinds of which too many are missing for any to be retired, each with the reason."""
    contracts = fleet.get(CONTRACT, Fleet()).of
    return {
        kind: (
            f"{each.missing} of {each.of} {kind} resources of all customers are missing,"
            f" {which}: none is switched off until they are declared again or `ispalier approve`"
            " lets it be: see `ispalier pending`"
        )
        for kind, each in sorted(fleet.items())
        for which in _missing(each, contracts, limits)
        if kind != TENANT
    }


def _missing(each: Fleet, contracts: int, limits: Limits) -> Iterator[str]:
    """Which limit what is missing of a kind is over."""
    if limits.removed(each.missing + each.edited, each.of):
        yield f"more than {limits.percent:g} % and more than {limits.always}"
    elif each.serves and limits.interrupted(each.missing, contracts):
        yield (
            f"more than {limits.interrupted_percent:g} % of all services"
            f" and more than {limits.interrupted_always}"
        )


def judged(weights: Sequence[Weight], scales: Scales, limits: Limits) -> dict[Weight, str]:
    """Those that are held back, with the cause: of what is judged together all or none.

    What is held stays so until it is approved, also when the window has moved on. What was let go
    and is tried again is not judged twice.
    """
    made = {each.named for each in scales.made}
    held = {each: scales.held[each.named] for each in weights if each.named in scales.held}
    new = [
        each
        for each in weights
        if each not in held and each.named not in made and each.named not in scales.approved
    ]
    for cause, some in _over(new, scales, limits):
        for each in some:
            held.setdefault(each, cause)
    unpaid = {_service(each) for each, cause in held.items() if cause == REVENUE}
    held |= {each: REVENUE for each in new if _service(each) in unpaid and each not in held}
    return held


def _over(
    new: Sequence[Weight], scales: Scales, limits: Limits
) -> Iterator[tuple[str, Sequence[Weight]]]:
    """What is too much, by cause."""
    contracts = scales.fleet.get(CONTRACT, Fleet()).of
    some = [each for each in new if each.subjects]
    count = _interrupted([*scales.made, *some]) + _switched_off(scales)
    if some and limits.interrupted(count, contracts):
        yield INTERRUPTIONS, some
    for kind in sorted({each.owner.kind for each in new if each.removes}):
        some = [each for each in new if each.removes and each.owner.kind == kind]
        owners = {each.owner for each in (*scales.made, *some) if each.removes}
        of = scales.fleet.get(kind, Fleet())
        count = sum(1 for each in owners if each.kind == kind) + of.gone
        if limits.removed(count, of.of):
            yield f"{REMOVALS_OF}{kind}", some
    for currency in sorted({each.currency for each in new if each.currency}):
        some = [each for each in new if each.currency == currency]
        all_ = [*(each for each in scales.made if each.currency == currency), *some]
        amount = sum(abs(each.shift) for each in all_)
        if limits.shifted(amount, scales.revenue.get(currency, 0), len({e.owner for e in all_})):
            yield REVENUE, some


def _interrupted(weights: Iterable[Weight]) -> int:
    """How many services, each counted once."""
    most: Counter[tuple[str, str]] = Counter()
    for each in weights:
        if each.impact >= Impact.INTERRUPT:
            most[_service(each)] = max(most[_service(each)], each.subjects)
    return most.total()


def _switched_off(scales: Scales) -> int:
    """How many services went with what is no longer declared: as many as of any one kind."""
    return max((each.gone for each in scales.fleet.values() if each.serves), default=0)


def _service(each: Weight) -> tuple[str, str]:
    return (each.owner.customer, each.subject)
