"""The tree of names: who has the zone that a name lies in, and who has names in a zone."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from ispalier.core.memory import MAIL_DOMAIN, ZONE, Claim, Delegated
from ispalier.world.zones import above, lies_in

KINDS = (ZONE, MAIL_DOMAIN)
"""The kinds of claims whose values are names of the tree."""


@dataclass(slots=True)
class Tree:
    """The names that customers have, by what is above them."""

    _zones: dict[str, str] = field(default_factory=dict)
    """The customer of each zone."""
    _below: dict[str, dict[tuple[str, str], str]] = field(default_factory=lambda: defaultdict(dict))
    """By name, who has what in it: kind and name of each, and the customer."""

    def put(self, kind: str, value: str, customer: str) -> None:
        """Somebody has a name now."""
        name = value.rstrip(".")
        if kind == ZONE:
            self._zones[name] = customer
        for each in _in(kind, name):
            self._below[each][kind, name] = customer

    def drop(self, kind: str, value: str) -> None:
        """Nobody has a name any more."""
        name = value.rstrip(".")
        if kind == ZONE:
            self._zones.pop(name, None)
        for each in _in(kind, name):
            self._below[each].pop((kind, name), None)

    def refusal(self, claim: Claim) -> str:
        """Why a name cannot be given to who wants it; empty if it can."""
        kind, value, customer = claim.kind, claim.value, claim.owner.customer
        name, (by, to) = value.rstrip("."), claim.delegated or Delegated()
        zone = next((each for each in _in(kind, name) if each in self._zones), "")
        if zone and self._zones[zone] != customer and (zone, self._zones[zone]) not in by:
            return (
                f"{kind} '{value}' lies in zone '{zone}.' of another customer: use another, or have"
                " that Domain name this customer in spec.delegations"
            )
        handed: dict[str, set[str]] = defaultdict(set)
        for top, other in to:
            handed[other].add(top)
        for below, other in self._below.get(name, {}).items() if kind == ZONE else ():
            is_ours = other == customer or lies_in(below[1], handed[other])
            between = takewhile(lambda each: each != name, _in(*below))
            if not is_ours and not any(each in self._zones for each in between):
                return (
                    f"{kind} '{value}' has names of another customer in it: use another, or name"
                    " that customer in spec.delegations"
                )
        return ""


def _in(kind: str, name: str) -> Iterator[str]:
    """The names whose zone a name of that kind would lie in, the nearest first."""
    if kind != ZONE:
        yield name
    yield from above(name)
