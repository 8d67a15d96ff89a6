"""Standing: which hosts the journal knows, and whether a person stands by what it is used with."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ispalier.core.items import Place
from ispalier.core.memory import Acquaintance, Claim
from ispalier.world.errors import IspalierError

EVERYTHING = "everything"
"""In the place of a kind: all that is missing is held back."""


@dataclass(slots=True)
class Standing:
    """What is known of the hosts in this process; `met` is what the journal knows of them."""

    met: dict[Place, str] = field(default_factory=dict)
    """Hosts that were looked at before anything was written to them, and what they were then."""
    unmet: dict[Place, IspalierError] = field(default_factory=dict)
    """Why nothing is written to the others."""
    recalled: dict[Place, str] = field(default_factory=dict)
    """Hosts of which the journal has learnt in this process what it may have forgotten."""
    unheard: dict[Place, IspalierError] = field(default_factory=dict)
    """Why others have not told, when they were last asked for that."""
    refused: dict[Place, tuple[str, datetime]] = field(default_factory=dict)
    """Hosts that serve another installation, and when that was seen."""
    bound: list[Claim] = field(default_factory=list)
    """What the journal had forgotten."""
    unconfirmed: str = ""
    """Why nothing that is missing is timed, until a person confirms it."""
    confirmed: datetime | None = None
    """When that was seen to be over: what a pass read before is no longer true."""
    lost: str = ""
    """Why the journal seems to be lost."""
    seen_lost: datetime | None = None
    is_rebuilding: bool = False
    """Whether a person said that what hosts hold is to be bound again."""
    is_read: bool = False
    door: asyncio.Lock = field(default_factory=asyncio.Lock)

    def take(self, known: Acquaintance, now: datetime) -> None:
        """Take in what the journal says."""
        self.met |= known.hosts
        if self.unconfirmed and not known.unconfirmed:
            self.confirmed = now
        self.unconfirmed = known.unconfirmed
        self.is_read = True

    def held(self) -> Mapping[str, str]:
        """What is held back, with the reason."""
        return {EVERYTHING: self.unconfirmed} if self.unconfirmed else {}
