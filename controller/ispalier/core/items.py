"""Items: the things that back ends hold, and whose they are."""

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Self, TypeAlias

from ispalier.core.impact import Impact
from ispalier.world.errors import IspalierError
from ispalier.world.state import State

Key: TypeAlias = Hashable

Place: TypeAlias = tuple[str, str]
"""A room's name and a host's."""

ANYWHERE: Place = ("", "")
"""In the place of one host: every host."""

PROVIDER = ""
"""The customer number of what belongs to the provider itself."""


class Owner(NamedTuple):
    """The resource that an item belongs to; the mark that back ends carry."""

    installation: str
    customer: str
    kind: str
    name: str

    @property
    def digest(self) -> str:
        """The mark where a field is short: 32 hexadecimal digits."""
        return hashlib.sha256("|".join(self).encode()).hexdigest()[:32]

    def __str__(self) -> str:
        """Kind/name, as in messages."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that a back end holds. Equal items need no change; the owner does not count.

    A room derives its items from this class and gives them a `key`, unique within the host.
    """

    host: str
    owner: Owner | None = field(compare=False)
    state: State = State.ACTIVE

    suspends: ClassVar[bool] = False
    """Whether a suspension of the subscription refuses it."""
    serves: ClassVar[bool] = True
    """Whether a customer is served by it, and feels when it is gone."""

    @property
    def key(self) -> Key:
        """What the back end knows it by; an item without one of its own is the owner's only."""
        return self.owner

    @property
    def needs(self) -> tuple[Key, ...]:
        """Keys on the same host that must be there first."""
        return ()

    def impact(self, after: Self | None) -> Impact:
        """What the customer feels when this becomes `after`, or with None is deleted.

        before                 after              ->
        serves nobody          anything           Refresh
        any                    deleted            Loss
        suspended or retired   anything           Refresh
        active                 suspended, retired Interrupt
        active                 other values       as the room says (`felt`), else Refresh
        """
        if not self.serves:
            return Impact.REFRESH
        if after is None:
            return Impact.LOSS
        if self.state is not State.ACTIVE:
            return Impact.REFRESH
        return Impact.INTERRUPT if after.state is not State.ACTIVE else self.felt(after)

    def felt(self, after: Self) -> Impact:  # noqa: ARG002 - for those who look
        """What the customer feels of other values while it is active."""
        return Impact.REFRESH


class Keep(NamedTuple):
    """Leave what is there for this owner as it is, but for a stop that can still be read."""

    owner: Owner
    why: IspalierError
    state: State = State.ACTIVE
