"""A room: one system, with what it should hold and how to reach it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeAlias

from ispalier.api.base import Resource, SecretRef
from ispalier.api.machines import ServiceHost
from ispalier.core.changes import ChangeSet
from ispalier.core.items import Item, Key, Owner
from ispalier.core.lease import Lease
from ispalier.core.memory import Claim, Wish
from ispalier.core.probe import PROBED, NotProbed, Question, Reply
from ispalier.world.errors import IspalierError
from ispalier.world.secret import Secret
from ispalier.world.view import View


class Scope(NamedTuple):
    """What to look at: all that is marked as these customers', and these keys whoever has them.

    `claims` are (kind, value) pairs that the customers hold, for back ends that cannot be asked by
    mark; `owners` are those known, for back ends whose marks are digests.
    """

    customers: frozenset[str] = frozenset()
    keys: frozenset[Key] = frozenset()
    claims: frozenset[tuple[str, str]] = frozenset()
    owners: frozenset[Owner] = frozenset()
    everything: bool = False


Results: TypeAlias = Mapping[Key, IspalierError | None]
"""What became of each change, by key: None is done."""


class Backend(Protocol):
    """One host of a system. The only I/O of a room.

    Both methods raise Unavailable if the host does not answer as it should.
    """

    async def observe(self, scope: Scope) -> Sequence[Item]:
        """What the host holds, marked or not, within the scope; more is allowed, less is not."""

    async def apply(self, changes: ChangeSet) -> Results:
        """Make these changes, as one batch where the system can; doing it again is harmless."""

    async def close(self) -> None:
        """Let go of connections."""


class Wiring(NamedTuple):
    """What a back end is made from: its host, the host's secrets, the journal's database.

    With a lease it writes only while that is ours; who only looks has none.
    """

    host: ServiceHost | None
    secret: Callable[[SecretRef], Secret]
    journal_url: str
    lease: Lease | None = None


Probe: TypeAlias = Callable[[View, Any, Any, Collection[Owner]], Question | NotProbed]
"""What to ask about an item, given its resource; of some owners nothing is as declared now."""


class Proof(NamedTuple):
    """A condition of a resource that is proven once and for all, and what to ask until it is.

    What is proven is claimed: its `kind`, and the `value` of a resource. The question is None where
    nobody wants the proof.
    """

    condition: str
    kind: str
    value: Callable[[View, Any], str]
    question: Callable[[View, Any], Question | None]


class Asks(NamedTuple):
    """A question about items of a type, and what is told of the answer (see Subject)."""

    question: Probe
    condition: str = PROBED
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class Room:
    """One system: pure functions by kind, and a back end for each of its hosts.

    `desired` raises Waiting, NotBegun or Stalled for a resource that cannot be served as it is; what is
    there for it is then kept. `wishes` are asked for before, and read back through the view.
    `shown` gives fields of the status. `probes` say what to ask about items so that the answer
    proves that they are served, `proofs` what to ask about a resource; `ask` does so, and blocks
    meanwhile. Without a `host_type` the journal's database is the host.
    `tells` is the way back, from an item that is there to what its owner must have been given;
    `allocated` are the kinds of claims among that which we choose ourselves.
    """

    name: str
    connect: Callable[[Wiring], Backend]
    host_type: str = ""
    desired: Mapping[type[Resource], Callable[[View, Any], Iterable[Item]]] = field(
        default_factory=dict
    )
    wishes: Mapping[type[Resource], Callable[[View, Any], Iterable[Wish]]] = field(
        default_factory=dict
    )
    shown: Mapping[type[Resource], Callable[[View, Any], Mapping[str, Any]]] = field(
        default_factory=dict
    )

    probes: Mapping[type[Item], Sequence[Asks]] = field(default_factory=dict)
    proofs: Mapping[type[Resource], Proof] = field(default_factory=dict)
    ask: Callable[[Any], Reply] | None = None
    tells: Callable[[Item], Iterable[Claim]] = lambda _: ()
    allocated: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """The type of the condition that tells of it: `RADIUS`, `Mail`, `IPAM`."""
        return self.host_type or self.name.upper()
