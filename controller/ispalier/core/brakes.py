"""Brakes: a change set that removes too much does not remove anything."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ispalier.core.changes import REMOVALS, ChangeSet
from ispalier.core.items import Item


@dataclass(frozen=True, slots=True)
class Limits:
    """How many removals of one kind a change set may hold: a share, but always this many."""

    percent: int = 30
    always: int = 10
    released: bool = False


class Verdict(NamedTuple):
    """The changes that may be made, and those held back, by kind with a reason."""

    allowed: ChangeSet
    held: ChangeSet
    reasons: dict[str, str]


def brake(changes: ChangeSet, seen: Sequence[Item], limits: Limits) -> Verdict:
    """Hold back all removals of a kind of which the change set would remove too many."""
    removed = Counter(_kind(each.item) for each in changes if each.verb in REMOVALS)
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
    held = [each for each in changes if each.verb in REMOVALS and _kind(each.item) in reasons]
    allowed = [each for each in changes if each not in held] if held else changes.changes
    return Verdict(ChangeSet(tuple(allowed)), ChangeSet(tuple(held)), reasons)


def _kind(item: Item) -> str:
    return item.owner.kind if item.owner else ""
