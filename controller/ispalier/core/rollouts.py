"""Rollouts: which customers have not got what was edited of the provider yet.

Whoever edits a plan, a profile or a pool waits on the condition RolledOut before the next step. A
customer has an edit when a pass that began after it ended with every host reached and nothing held
back; what a customer lacks for a reason of its own is told there, and is not waited for. The
provider has it when the same is true of what was edited and of all of its own that uses it.
"""

import heapq
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from ispalier.api.base import Resource
from ispalier.core.conditions import Answer
from ispalier.core.items import PROVIDER
from ispalier.world.errors import IspalierError, Refused, Unavailable, Unsafe
from ispalier.world.snapshot import Ident, ident

CONDITION = "RolledOut"
KINDS = frozenset({"Plan", "AccessProfile", "IPPool"})
"""What customers get a share of, and what therefore takes its time."""
NOT_IN_PLACE = "NotInPlace"
"""All customers had their pass; what the provider itself holds of it, they have not got yet."""
_ROLLING = "RollingOut"
_TELLING = 5.0
"""Seconds at least between two times that it is told how far edits have come."""
_NEWS, _THROUGH = 0.1, 0.02
"""The same for each edit that is under way; the second where one has reached all."""
_SHOWN = 3
_OWN = "it is not in place yet: see Ready of it, and of plans, profiles and pools that use it"


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
    is_through: bool = False
    """Whether an edit has reached all customers, or the provider too; and that is not told yet."""
    has_news: bool = False
    """Whether an edit has reached anybody, and that is not told yet."""
    _of: dict[Ident, _Rollout] = field(default_factory=dict)
    _by_unit: dict[str, set[Ident]] = field(default_factory=dict)

    def begin(self, which: Ident, units: Collection[str]) -> None:
        """It was edited, and reaches these, the provider's own unit among them."""
        self.forget(which)
        self.last += 1
        waiting = set(units)
        self._of[which] = _Rollout(self.last, len(waiting - {PROVIDER}), waiting)
        for each in waiting:
            self._by_unit.setdefault(each, set()).add(which)

    def forget(self, which: Ident) -> None:
        """It is gone."""
        known = self._of.pop(which, None)
        for each in known.waiting if known else ():
            self._leave(each, which)

    def passed(
        self, unit: str, number: int, *, behind: Collection[Ident] = (), waits: bool = False
    ) -> bool:
        """A pass that began at an edit's number is over; tells whether anybody got an edit by it.

        What is `behind` is not where it is to be. Who waits for something has not got what the
        provider has not got yet.
        """
        there = [(each, self._of[each]) for each in self._by_unit.get(unit, ())]
        got = [
            (which, each)
            for which, each in there
            if each.number <= number
            and which not in behind
            and not (waits and PROVIDER in each.waiting)
        ]
        for which, each in got:
            each.waiting.discard(unit)
            self._leave(unit, which)
        self.is_through = self.is_through or any(each.waiting <= {PROVIDER} for _, each in got)
        self.has_news = self.has_news or bool(got)
        return bool(got)

    def is_to_be_told(self, since: float) -> bool:
        """Whether it is time to tell, so many seconds after the last time.

        Each time the status of all that is under way is written: of much, more seldom.
        """
        under_way = sum(1 for each in self._of.values() if each.waiting)
        if self.is_through:
            return since >= under_way * _THROUGH
        return self.has_news and since >= max(_TELLING, under_way * _NEWS)

    def told(self) -> None:
        """The provider's pass is about to tell how far all have come."""
        self.is_through = self.has_news = False

    @property
    def are_over(self) -> bool:
        """Whether nobody waits for anything."""
        return not self._by_unit

    @property
    def waiting(self) -> Collection[str]:
        """The units that have not got everything."""
        return self._by_unit.keys()

    def answers(self, resource: Resource) -> Iterator[Answer]:
        """The condition of what was edited; none where nobody rolls out."""
        known = self._of.get(ident(resource)) if resource.kind in KINDS else None
        if known is None:
            return
        if not known.waiting:
            yield Answer(CONDITION, true=True, reason=CONDITION)
            return
        customers = known.waiting - {PROVIDER}
        some = heapq.nsmallest(_SHOWN, customers)
        more = len(customers) - len(some)
        names = ", ".join(some) + (f" and {more} more" if more else "")
        message = f"{len(customers)} of {known.everybody} customers do not have it yet: {names}"
        reason, message = (_ROLLING, message) if customers else (NOT_IN_PLACE, _OWN)
        yield Answer(CONDITION, true=False, reason=reason, message=message)

    def _leave(self, customer: str, which: Ident) -> None:
        mine = self._by_unit[customer]
        mine.discard(which)
        if not mine:
            del self._by_unit[customer]


def lags(failing: Iterable[IspalierError], problems: Iterable[IspalierError]) -> bool:
    """Whether a pass did not reach every host, or held something back.

    What a host refuses was brought to it, and is told where it is declared.
    """
    is_missed = any(not isinstance(each, Refused) for each in failing)
    return is_missed or any(isinstance(each, Unsafe) for each in problems)


def is_behind(problem: IspalierError) -> bool:
    """Whether something is not on its host, be it that nothing is wrong with it."""
    return isinstance(problem, Unsafe | Unavailable)


def said(resource: Resource) -> str:
    """The reason that its status gives for how far this very generation has come; empty if none."""
    told = (each for each in resource.status.conditions if each.type == CONDITION)
    ours = (each for each in told if each.observed_generation == resource.metadata.generation)
    return next((each.reason for each in ours), "")
