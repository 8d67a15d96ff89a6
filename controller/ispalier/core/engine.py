"""The engine's parts, and what comes out of a pass."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from ispalier.core.absence import Fates, Terms
from ispalier.core.applied import Applied, HistoryLine
from ispalier.core.brakes import Brakes
from ispalier.core.calls import Calls
from ispalier.core.changes import ChangeSet
from ispalier.core.conditions import StatusBody
from ispalier.core.gather import Identity, home
from ispalier.core.items import Item, Key, Owner, Place
from ispalier.core.limits import Limits
from ispalier.core.memory import Absence, Fact, Journal, Memory
from ispalier.core.probe import Probes
from ispalier.core.retention import Retention
from ispalier.core.rollouts import Rollouts
from ispalier.core.room import Backend, Room
from ispalier.core.spans import Spans, no_spans
from ispalier.core.standing import Standing
from ispalier.core.verdicts import Verdicts
from ispalier.core.wanted import Wanted
from ispalier.core.weight import Charge, Shift
from ispalier.world.errors import IspalierError
from ispalier.world.secret import MadeFor, Secret
from ispalier.world.snapshot import Ident, Snapshot
from ispalier.world.view import Chosen, View


class Hosts(Protocol):
    """Back ends that are ready to be used."""

    def places(self) -> Sequence[Place]:
        """Every room on every host that is declared."""

    async def close(self) -> None:
        """Let go of every back end."""

    def target(self, place: Place) -> str:
        """What tells a host from any other: by what it is reached; raises as `backend` does."""

    def backend(self, place: Place) -> Backend:
        """The back end of a room on a host; raises Waiting or Unavailable if there is none."""


class Edited(NamedTuple):
    """When an edit was seen, and by whom it was."""

    at: datetime
    by_whom: str


class Unsure(NamedTuple):
    """A change that may have been made: what the host holds then, and what is kept of it."""

    after: Item | None
    line: HistoryLine


@dataclass(slots=True)
class Engine:
    """Everything that a pass works with."""

    identity: Identity
    world: Snapshot
    journal: Journal
    rooms: Sequence[Room]
    hosts: Hosts
    facts: Callable[[View, Memory, Mapping[Owner, IspalierError]], Sequence[Fact]]
    """What is observed of subscriptions, given who is not served and why."""
    shifts: Callable[[View, Memory], Mapping[Owner, Shift]] = lambda *_: {}
    """Contracts that are to owe another sum per month than was last taken over."""
    charges: Callable[[View], Mapping[str, Charge]] = lambda _: {}
    """What each contract costs per cycle, by its name."""
    retention: Retention = field(default_factory=Retention)
    limits: Limits = field(default_factory=Limits)
    timeout: float = 10.0
    """Seconds that one call of a back end may take."""
    held: Mapping[str, str] = field(default_factory=dict)
    """Kinds of which too many are missing for any to be retired, with the reason; as last judged."""
    brakes: Brakes = field(default_factory=Brakes)
    lost_hosts: bool = False
    """Whether a ServiceHost that was declared is not there: what it holds cannot be deleted now."""
    calls: Calls = field(default_factory=Calls)
    """What is on its way to hosts, and which of them are left alone."""
    rollouts: Rollouts = field(default_factory=Rollouts)
    verdicts: Verdicts = field(default_factory=Verdicts)
    """What is believed of the services' answers."""
    provider: Mapping[Chosen, str] | None = None
    """What was chosen for the provider's resources, as last read."""
    span: Spans = no_spans
    """Where what a pass spends its time on is told."""
    edited: Mapping[Ident, Edited] = field(default_factory=dict)
    """The provider's resources that were edited lately."""
    unsure: dict[str, dict[tuple[Place, Key], Unsure]] = field(default_factory=dict)
    """By customer changes that were sent and may be made, and are not written down yet."""
    standing: Standing = field(default_factory=Standing)
    """Which hosts the journal knows, and whether a person stands by what it is used with."""

    async def close(self) -> None:
        """Let go of every host."""
        await self.calls.close()
        await self.hosts.close()

    def pending(self) -> Mapping[str, str]:
        """What waits for a person: kinds of which too many are missing, causes, with reasons."""
        causes = set((self.brakes.held or {}).values())
        return {**self.held, **{each: self.limits.told(each) for each in sorted(causes)}}

    def terms(self, view: View) -> Terms:
        """How long this unit's absent owners are waited for."""
        is_gone = bool(view.customer) and view.tenant is None
        there = (each for each in self.world.tenants(view.customer) if not each.is_going)
        hold = self.retention.hold(tenant_is_gone=is_gone)
        return Terms(
            hold,
            self.retention,
            self.world.again,
            tenant_is_gone=is_gone,
            is_returning=is_gone and any(True for _ in there),
            held=self.held.keys(),
            is_confirmed=not self.standing.unconfirmed,
            confirmed=self.standing.confirmed,
            left=self.world.left,
            space=home(view),
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """What the hosts hold for a unit, and which of them did not answer.

    `is_whole` if every host was asked and answered. What is `ceded` is under a name that is another
    customer's by now.
    """

    items: Mapping[Place, Sequence[Item]]
    down: Mapping[Place, IspalierError]
    is_whole: bool
    ceded: Mapping[Place, Collection[Key]] = field(default_factory=dict)


class Plan(NamedTuple):
    """What a pass found and what it would do about it; whose dangerous changes are `held` back."""

    view: View
    memory: Memory
    wanted: Wanted
    seen: Seen
    fates: Fates
    changes: Mapping[Place, ChangeSet]
    problems: Mapping[Owner, IspalierError]
    failed: Mapping[Place, Mapping[Owner, IspalierError]]
    """Those of the problems that hosts made: they did not answer, or did not make a change."""
    others: Mapping[Owner, IspalierError]
    """Those that no host made; one owner may have both."""
    shifts: Mapping[Owner, Shift] = field(default_factory=dict)
    held: frozenset[Owner] = frozenset()
    applied: Sequence[Applied] = ()


class SecretOut(NamedTuple):
    """A generated password that must be in a Secret."""

    namespace: str
    name: str
    key: str
    value: Secret
    made_for: MadeFor


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pass did, and what is to be told.

    `statuses` holds only those that differ from what the resources carry. `changes` are those
    that were made, or in a dry run those that would be. `failing` are the hosts that are to be
    tried again, and why (ANYWHERE: all of them); `wake` is the next instant at which something declared or remembered comes due.
    `missed` are owners who were found to be no longer declared, and are waited for from now on.
    `probes` are what to ask of the services now; `applied` tells of what was made, host by host.
    """

    customer: str
    changes: Mapping[Place, ChangeSet]
    problems: Mapping[Owner, IspalierError]
    statuses: Mapping[Ident, StatusBody]
    secrets: Sequence[SecretOut]
    failing: Mapping[Place, IspalierError]
    wake: datetime | None
    missed: Sequence[Absence] = ()
    probes: Probes = field(default_factory=dict)
    applied: Sequence[Applied] = ()

    @property
    def retry(self) -> bool:
        """Whether anything is to be tried again."""
        return bool(self.failing)
