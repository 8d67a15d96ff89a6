"""Weights: what a dangerous change amounts to, and what it is judged against."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from ispalier.core.impact import Impact
from ispalier.core.items import Owner

MONTHLY = "monthly"
"""Topic of facts: what a contract owes per month, such as `9990 BRL` in the smallest unit."""

Named: TypeAlias = tuple[Owner, str]
"""A resource and the digest of what is dangerous about it."""


class Shift(NamedTuple):
    """By how much the sum per month of a contract changes, in the smallest unit of its currency.

    `told` is what was owed and is to be owed, as people write it.
    """

    by: int
    currency: str
    told: str


class Charge(NamedTuple):
    """What a contract costs today, as its status has it, and the day of its next price, if any."""

    told: Mapping[str, str] | None = None
    until: date | None = None


class Weight(NamedTuple):
    """What is dangerous about one resource.

    `subject` is what counts as one service: the contract, else the resource; `subjects` how many
    services are interrupted or worse, `shift` by how much the sum per month changes. `what` tells
    people, and holds no secret.
    """

    owner: Owner
    digest: str
    subject: str
    subjects: int = 0
    impact: Impact = Impact.NONE
    removes: bool = False
    shift: int = 0
    currency: str = ""
    what: str = ""

    @property
    def named(self) -> Named:
        """What it is known by."""
        return (self.owner, self.digest)


class Fleet(NamedTuple):
    """Of one kind, over all customers, what was not approved.

    `missing` are no longer declared, or were switched off for it within the window; of these `gone`
    are off. `edited` were removed by edits within the window. `serves` tells that the kind claims
    names or addresses, so that customers feel it. `of` counts all.
    """

    missing: int = 0
    gone: int = 0
    edited: int = 0
    serves: bool = False
    of: int = 0


class Scales(NamedTuple):
    """What weights are judged against.

    `made` are the weights of the window that nobody had to approve. Of the resources at hand,
    `held` tells by which cause they wait, and `approved` which may go. `revenue` is what all
    contracts owe per month, by currency.
    """

    fleet: Mapping[str, Fleet]
    made: Sequence[Weight]
    held: Mapping[Named, str]
    approved: frozenset[Named]
    revenue: Mapping[str, int]
