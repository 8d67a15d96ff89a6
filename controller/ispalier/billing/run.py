"""A billing run: what every contract should have been charged, against what was posted (R6, R24)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from ispalier.api.units import BusinessUnit
from ispalier.billing.entries import Entry, entries, in_reading_order
from ispalier.billing.guards import Request, check, check_head, objections
from ispalier.billing.history import History
from ispalier.billing.inputs import GONE, KINDS, Unbilled, inputs
from ispalier.billing.ledger import Batch, Ledger, Page
from ispalier.billing.rating import Rated, next_charge, rate
from ispalier.billing.spans import Span, union
from ispalier.billing.tariffs import Tariffs
from ispalier.core.memory import Billed
from ispalier.world.errors import IspalierError, Stalled, Unsafe
from ispalier.world.snapshot import Snapshot

CHUNK = 2000
"""Contracts that are posted in one transaction."""
_FIRST, _LAST = b"", b"\xff" * 17
"""Before and after all lineages."""
_LARGEST = 2**63 - 1
"""The largest amount that the ledger holds."""


@dataclass(slots=True)
class Bill:
    """What a run found: new entries, what could not be billed, and what stands against posting.

    `waiting` counts contracts that have begun and were not seen in service yet: they owe nothing.
    """

    contracts: int = 0
    waiting: int = 0
    entries: list[Entry] = field(default_factory=list)
    unbilled: list[Unbilled] = field(default_factory=list)
    objections: tuple[str, ...] = ()


def bill(
    ledger: Ledger, world: Snapshot, request: Request, *, dry_run: bool, chunk: int = CHUNK
) -> Bill:
    """Bill all contracts; in a dry run only find out what would be posted.

    Posts a number of contracts per transaction: what a crash leaves out the next run posts, and
    what is posted no run posts again. Raises Unsafe, before anything is posted, where a guard
    forbids it; hold `ledger.alone()` around reading the world and this.
    """
    with ledger.reading() as page:
        heads, held_back = page.heads(), page.held_back()
    check(world, request, heads)
    against = tuple(objections(world, request, heads, held_back))
    if against and not dry_run:
        raise Unsafe("; ".join(against))
    found = inputs(world, ledger.facts(), ledger.installation, request.now)
    histories = [each for each in found.histories if request.concerns(each.unit)]
    result = Bill(
        contracts=len(histories),
        waiting=sum(1 for each in histories if _is_waiting(each, request.as_of)),
        unbilled=[each for each in found.unbilled if request.concerns(each.unit)],
        objections=against,
    )
    known = found.declared if world.complete >= KINDS else None
    catalogue = Tariffs(world).digest()
    for part in _parts(histories, chunk):
        with ledger.reading() if dry_run else ledger.writing() as page:
            new, unbilled = _billed(page, part, request, known)
            if not dry_run:
                _post(page, new, request, catalogue)
        result.entries += new
        result.unbilled += unbilled
    if not dry_run:
        with ledger.writing() as page:
            page.finish(_runs(world, request, histories, result))
    result.entries.sort(key=in_reading_order)
    result.unbilled.sort()
    return result


def _runs(
    world: Snapshot, request: Request, histories: Iterable[History], result: Bill
) -> Mapping[str, Billed]:
    """What is noted of the units that this run concerned."""
    ahead: dict[str, list[date]] = {}
    for each in histories:
        if day := next_charge(each, request.as_of):
            ahead.setdefault(each.unit, []).append(day)
    contracts = {(each.unit, each.customer, each.subscription) for each in result.unbilled}
    unbilled = Counter(unit for unit, _, _ in contracts)
    return {
        unit.name: Billed(
            request.now, min(ahead.get(unit.name, ()), default=None), unbilled[unit.name]
        )
        for unit in world.of(BusinessUnit)
        if request.concerns(unit.name)
    }


def _is_waiting(history: History, as_of: date) -> bool:
    return history.ready is None and min(term.since for term in history.terms) <= as_of


class _Part(NamedTuple):
    """Contracts from a lineage on up to another one."""

    first: bytes
    last: bytes
    histories: Mapping[bytes, History]


def _parts(histories: Iterable[History], size: int) -> Iterator[_Part]:
    """All contracts in the order of their lineages; together the parts cover the whole ledger."""
    ordered = sorted((history.lineage.key, history) for history in histories)
    starts = range(size, len(ordered), size)
    bounds = [_FIRST, *(ordered[start][0] for start in starts), _LAST]
    for number, (first, last) in enumerate(pairwise(bounds)):
        some = ordered[number * size : (number + 1) * size]
        yield _Part(first, last, dict(some))


def _billed(
    page: Page, part: _Part, request: Request, known: set[bytes] | None
) -> tuple[list[Entry], list[Unbilled]]:
    """What is to be posted for a part, and what of it cannot be billed.

    Contracts that the ledger has and nobody declares are told of, unless not all was seen.
    """
    new: list[Entry] = []
    unbilled: list[Unbilled] = []
    ledger = page.entries(part.first, part.last)
    for key, history in part.histories.items():
        try:
            rated = rate(history, request.as_of)
            new += _differences(rated, ledger.get(key, ()))
            unbilled += _held(rated)
        except IspalierError as error:
            unbilled.append(_unbilled(history, str(error)))
    for key in () if known is None else sorted(ledger.keys() - known):
        slot = ledger[key][0].slot
        if request.concerns(slot.unit):
            unbilled.append(Unbilled(slot.unit, slot.payer, slot.subscription, GONE))
    return new, unbilled


def _differences(rated: Rated, ledger: Sequence[Entry]) -> list[Entry]:
    """R6: the new entries of a contract; raises Stalled for what cannot be posted."""
    unit = rated.history.unit
    before = next((each.slot.unit for each in ledger if each.slot.unit != unit), unit)
    if before != unit:
        raise Stalled(
            f"was billed in unit '{before}', and its customer is now in '{unit}': move the customer"
            f" back, or begin another contract in '{unit}'"
        )
    new = entries(rated, ledger)
    if any(max(abs(each.amount), abs(each.total_after)) > _LARGEST for each in new):
        raise Stalled("owes more than the ledger can hold: correct the price or the quantity")
    return new


def _post(page: Page, new: Sequence[Entry], request: Request, catalogue: str) -> None:
    """Append entries, a batch for each unit, unless another run was faster."""
    heads = page.heads()
    units: dict[str, list[Entry]] = {}
    for entry in new:
        units.setdefault(entry.slot.unit, []).append(entry)
    for unit, each in sorted(units.items()):
        check_head(unit, request, heads)
        page.append(each, Batch(unit, request.as_of, catalogue, request.now))


def _held(rated: Rated) -> Iterator[Unbilled]:
    """R24: days without a price, by reason."""
    reasons: dict[str, list[Span]] = {}
    for each in rated.held:
        reasons.setdefault(each.reason, []).extend(each.days)
    for reason, days in reasons.items():
        yield _unbilled(rated.history, reason)._replace(days=union(days))


def _unbilled(history: History, reason: str) -> Unbilled:
    return Unbilled(history.unit, history.payer, history.lineage.subscription, reason)
