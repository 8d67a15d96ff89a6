"""The life of one contract as billing sees it: what was declared, what was observed.

Plain values only; everything here is frozen. The dates of what is declared are those of the YAML
as it stands; the dates of what is observed are local days of the business unit, from the journal.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Literal, NamedTuple

from ispalier.billing.grid import DayCount, Grid

Timing = Literal["Advance", "Arrears"]


def digest(text: str) -> bytes:
    """The 128 bits by which lineages, slots and entries are known."""
    return sha256(text.encode()).digest()[:16]


class Lineage(NamedTuple):
    """One contract from its first to its last day, whatever its objects are called by then.

    The ordinal is the number of ended contracts of that name that the customer had before.
    """

    installation: str
    customer: str
    subscription: str
    ordinal: int

    @property
    def key(self) -> bytes:
        """The identity in the ledger; only the customer number could hold a bar, so it is one."""
        return digest(f"v1|{self.installation}|{self.customer}|{self.subscription}|{self.ordinal}")


@dataclass(frozen=True, slots=True)
class Price:
    """R17: one immutable version of a plan's price, in the currency and cycle of its term.

    It holds for contracts that take the plan on or after `valid_from`. For those that have it
    already it holds from the next period boundary on or after `valid_from_existing` (with
    `mid_period` on that very day), or never.
    """

    amount: str
    valid_from: date
    valid_from_existing: date | None = None
    mid_period: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """What was agreed from a day on, until the next term (R10): the plan, its grid and its price.

    `override` is the agreed price of one unit and cycle instead of the plan's. `problem` says why
    the plan cannot be resolved: such days are held, never rated as zero (R24).
    """

    since: date
    plan: str
    grid: Grid
    prices: tuple[Price, ...] = ()
    quantity: int = 1
    override: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Days [since, until) that are not billed; without `until` they last."""

    reason: str
    since: date
    until: date | None = None


class InForce(NamedTuple):
    """Observed: from this day on the plan was in force in all back ends; the day's last wins."""

    day: date
    seq: int
    plan: str


@dataclass(frozen=True, slots=True)
class History:
    """Everything that decides what one contract owes.

    `today` is the unit's local day on which the facts were read: what happened before it is known
    from `ready`, `in_force` and `offs`; what is declared from it on is taken to happen on its day.
    `suspensions` and `offs` are those that stop billing; an off has its suspension's reason.
    """

    lineage: Lineage
    payer: str
    unit: str
    currency: str
    timing: Timing
    due_day: int
    day_count: DayCount
    terms: tuple[Term, ...]
    today: date
    ready: date | None
    in_force: tuple[InForce, ...] = ()
    offs: tuple[Pause, ...] = ()
    suspensions: tuple[Pause, ...] = ()
    holds: tuple[Pause, ...] = ()
    end: date | None = None
    ledger_start: date | None = None
    billed_through: date | None = None
