"""Weighing: what the dangerous changes of each resource amount to."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ispalier.api.contracts import Subscription
from ispalier.core.changes import REMOVALS, Change
from ispalier.core.engine import Plan
from ispalier.core.impact import Impact
from ispalier.core.items import PROVIDER, Item, Key, Owner, Place
from ispalier.core.weight import Weight
from ispalier.world.snapshot import Ident
from ispalier.world.state import State

CONTRACT = Subscription.__name__

Namers = Mapping[tuple[Place, Key], int]
"""How many active items name a key of a place among what they need."""


def dangerous(plan: Plan) -> Iterator[tuple[Place, Change]]:
    """What must not be made for too many at once; who is absent was judged before."""
    for place, changes in plan.changes.items():
        for each in changes:
            if each.is_dangerous and each.owner not in plan.fates.fates:
                yield place, each


def namers(place: Place, items: Iterable[Item], keys: frozenset[Key]) -> Namers:
    """Who leans on some keys, counted."""
    found: dict[tuple[Place, Key], int] = {(place, key): 0 for key in keys}
    for item in items:
        for key in item.needs:
            if key in keys and item.state is State.ACTIVE and item.owner is not None:
                found[place, key] += 1
    return found


def weights(plan: Plan, changes: Sequence[tuple[Place, Change]], leaning: Namers) -> list[Weight]:
    """One weight per resource, and per contract that is to owe another sum per month."""
    by_owner: dict[Owner, list[tuple[Place, Change]]] = {}
    for place, change in changes:
        if change.owner is not None:
            by_owner.setdefault(change.owner, []).append((place, change))
    found = [_of(plan, owner, each, leaning) for owner, each in by_owner.items()]
    return [*found, *(_of_contract(plan, owner) for owner in plan.shifts)]


def _of(
    plan: Plan, owner: Owner, changes: Sequence[tuple[Place, Change]], leaning: Namers
) -> Weight:
    impact = max(each.impact for _, each in changes)
    counted = (leaning.get((place, each.key), 0) for place, each in changes)
    own = 0 if owner.customer == PROVIDER else 1
    lines = {f"{each.verb} {_shown(each.key)}" for _, each in changes}
    return Weight(
        owner=owner,
        digest=_digest(_exactly(each) for _, each in changes),
        subject=_subject(plan, owner),
        subjects=max(own, *counted) if impact >= Impact.INTERRUPT else 0,
        impact=impact,
        removes=any(each.verb in REMOVALS for _, each in changes),
        what=plan.view.world.hidden.text(", ".join(sorted(lines))),
    )


def _of_contract(plan: Plan, owner: Owner) -> Weight:
    shift = plan.shifts[owner]
    return Weight(
        owner=owner,
        digest=_digest([shift.told]),
        subject=f"{CONTRACT}/{owner.name}",
        shift=shift.by,
        currency=shift.currency,
        what=shift.told,
    )


def _subject(plan: Plan, owner: Owner) -> str:
    """The contract behind a resource, else the resource: what counts as one service."""
    space = plan.view.tenant.namespace if plan.view.tenant else ""
    contract = plan.view.contracts.get(Ident(owner.kind, space, owner.name))
    return f"{CONTRACT}/{contract.name}" if contract else str(owner)


def _exactly(change: Change) -> str:
    """A change on whichever host, with secrets as `***`."""
    after = change.after and replace(change.after, host="")
    return f"{change.verb}|{change.key}|{after!r}"


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(set(lines))).encode()).hexdigest()[:16]


def _shown(key: Key) -> str:
    return " ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)
