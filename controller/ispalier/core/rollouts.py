"""Rollouts: which customers have not got what was edited of the provider yet.

Whoever edits a plan, a profile or a pool waits on the condition RolledOut before the next step. A
customer has an edit when a pass that began after it ended with every host reached and nothing held
back; what a customer lacks for a reason of its own is told there, and is not waited for.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ispalier.api.base import Resource
from ispalier.core.conditions import Answer
from ispalier.world.snapshot import Ident, ident

CONDITION = "RolledOut"
KINDS = frozenset({"Plan", "AccessProfile", "IPPool"})
"""What customers get a share of, and what therefore takes its time."""
_SHOWN = 3


@dataclass(slots=True)
class _Rollout:
    number: int
    everybody: int
    waiting: set[str]


@dataclass(slots=True)
class Rollouts:
    """Every edit since the start, by what was edited; lost at a restart, which passes all again."""

    last: int = 0
    """Number of the newest edit: a pass that begins now has all up to it."""
    _of: dict[Ident, _Rollout] = field(default_factory=dict)
    _by_unit: dict[str, set[Ident]] = field(default_factory=dict)

    def begin(self, which: Ident, customers: Collection[str]) -> None:
        """It was edited, and reaches these."""
        self.forget(which)
        self.last += 1
        self._of[which] = _Rollout(self.last, len(customers), set(customers))
        for each in customers:
            self._by_unit.setdefault(each, set()).add(which)

    def forget(self, which: Ident) -> None:
        """It is gone."""
        known = self._of.pop(which, None)
        for each in known.waiting if known else ():
            self._leave(each, which)

    def passed(self, customer: str, number: int) -> bool:
        """A whole pass that began at an edit's number is over; tells whether an edit is through."""
        there = [(each, self._of[each]) for each in self._by_unit.get(customer, ())]
        got = [(which, each) for which, each in there if each.number <= number]
        for which, each in got:
            each.waiting.discard(customer)
            self._leave(customer, which)
        return any(not each.waiting for _, each in got)

    @property
    def are_over(self) -> bool:
        """Whether nobody waits for anything."""
        return not self._by_unit

    def answers(self, resource: Resource) -> Iterator[Answer]:
        """The condition of what was edited; none where nobody rolls out."""
        known = self._of.get(ident(resource)) if resource.kind in KINDS else None
        if known is None:
            return
        if not known.waiting:
            yield Answer(CONDITION, true=True, reason=CONDITION)
            return
        some = sorted(known.waiting)[:_SHOWN]
        more = len(known.waiting) - len(some)
        names = ", ".join(some) + (f" and {more} more" if more else "")
        message = f"{len(known.waiting)} of {known.everybody} customers do not have it yet: {names}"
        yield Answer(CONDITION, true=False, reason="RollingOut", message=message)

    def _leave(self, customer: str, which: Ident) -> None:
        mine = self._by_unit[customer]
        mine.discard(which)
        if not mine:
            del self._by_unit[customer]


def was_rolled_out(resource: Resource) -> bool:
    """Whether its status says that this very generation was."""
    return any(
        each.type == CONDITION
        and each.status == "True"
        and each.observed_generation == resource.metadata.generation
        for each in resource.status.conditions
    )
