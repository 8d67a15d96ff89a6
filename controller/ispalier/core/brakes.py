"""Brakes: what would remove too much does not remove anything."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from ispalier.core.absence import TENANT
from ispalier.core.changes import REMOVALS, Change, ChangeSet
from ispalier.core.items import Item, Owner
from ispalier.core.memory import Fleet


@dataclass(frozen=True, slots=True)
class Limits:
    """How many removals of one kind a change set may hold: a share, but always this many."""

    percent: int = 30
    always: int = 10
    released: bool = False
    fleet_percent: int = 10
    """How many of a kind may be missing of all customers: a share, but always as many as above."""
    window: timedelta = timedelta(hours=1)
    """What was retired within it still counts."""


class Verdict(NamedTuple):
    """The changes that may be made, and those held back, by kind with a reason."""

    allowed: ChangeSet
    held: ChangeSet
    reasons: dict[str, str]


def too_many(fleet: Mapping[str, Fleet], limits: Limits) -> dict[str, str]:
    """The kinds of which too many are missing for any to be retired, each with the reason."""
    return {
        kind: (
            f"{each.missing} of {each.of} {kind} resources of all customers are missing, more than"
            f" {limits.fleet_percent} % and more than {limits.always}: none is switched off until"
            " they are declared again or `ispalier approve` lets it be: see `ispalier pending`"
        )
        for kind, each in sorted(fleet.items())
        if not limits.released
        and kind != TENANT
        and each.missing > limits.always
        and each.missing * 100 > limits.fleet_percent * each.of
    }


def brake(
    changes: ChangeSet, seen: Sequence[Item], judged: Container[Owner | None], limits: Limits
) -> Verdict:
    """Hold back all removals of a kind of which the change set would remove too many.

    Removals of absent owners were `judged` before, over all customers.
    """

    def counts(each: Change) -> bool:
        return each.verb in REMOVALS and each.owner not in judged

    removed = Counter(_kind(each.item) for each in changes if counts(each))
    there = Counter(_kind(item) for item in seen)
    reasons = {
        kind: (
            f"{count} of {there[kind]} items of kind {kind} would be removed at once, more than"
            f" {limits.percent} % and more than {limits.always}: nothing of it is removed;"
            " set ISPALIER_BRAKE_RELEASED=true if this is meant"
        )
        for kind, count in removed.items()
        if not limits.released
        and count > limits.always
        and count * 100 > limits.percent * there[kind]
    }
    held = [each for each in changes if counts(each) and _kind(each.item) in reasons]
    allowed = [each for each in changes if each not in held] if held else changes.changes
    return Verdict(ChangeSet(tuple(allowed)), ChangeSet(tuple(held)), reasons)


def _kind(item: Item) -> str:
    return item.owner.kind if item.owner else ""
