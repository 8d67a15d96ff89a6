"""What the journal remembers of a customer, and what a unit may wish for."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeAlias

from ispalier.core.acts import Record, Request
from ispalier.core.applied import HistoryLine
from ispalier.core.items import Owner, Place
from ispalier.core.limits import Limits
from ispalier.core.retention import Retention
from ispalier.core.weight import Fleet, Named, Scales, Weight
from ispalier.world.errors import Invalid
from ispalier.world.holds import Hold
from ispalier.world.secret import Secret
from ispalier.world.view import Chosen

ZONE, MAIL_DOMAIN = "zone", "mail domain"
"""Kinds of claims on names of the DNS: one does not get a name in a zone of another customer."""


class Delegated(NamedTuple):
    """Which zones hand a name over, each with its customer; and which names its own hands to whom."""

    by: frozenset[tuple[str, str]] = frozenset()
    to: frozenset[tuple[str, str]] = frozenset()


class Claim(NamedTuple):
    """This very value, for this owner alone; the kind is the field's word: `user name`, `zone`.

    One that is not `proven` yet is not granted; what hosts hold of it is looked for all the same.
    """

    kind: str
    value: str
    owner: Owner
    delegated: Delegated | None = None
    proven: bool = True


class Allocation(NamedTuple):
    """The first free value of some candidates (next free IP address).

    `fits` tells whether a value that was allocated before is still one of them; `where` names the
    pool in messages. What hosts hold is told by `user`: where it has one that fits, it is that.
    """

    kind: str
    candidates: Callable[[], Iterable[str]]
    fits: Callable[[str], bool]
    owner: Owner
    where: str
    user: Owner | None = None


class Choice(NamedTuple):
    """A default that is recorded when it is first used, so that it never moves by itself.

    One that `moves` is not chosen but follows what is declared.
    """

    topic: str
    value: str
    owner: Owner
    moves: bool = False


class Generation(NamedTuple):
    """A password to make once, of so many characters; or the one that was made and is `there`."""

    length: int
    owner: Owner
    there: Secret | None = None


Wish: TypeAlias = Claim | Allocation | Choice | Generation


class Binding(NamedTuple):
    """A claim that was granted and is live."""

    kind: str
    value: str
    owner: Owner


class Absence(NamedTuple):
    """An owner that is no longer declared: since when, and when it was retired.

    `approved` says who let it be retired although there are many, and why; `purge` when somebody
    wanted its data to be deleted before its time, who, and why.
    """

    owner: Owner
    since: datetime
    retired: datetime | None
    approved: str = ""
    purge: str = ""


class Tombstone(NamedTuple):
    """A resource as it was last declared: JSON with a digest, so that two can be compared.

    `keep_days` is how long it wants to be kept; None is the default of its kind.
    """

    owner: Owner
    digest: str
    body: str
    keep_days: int | None = None


class Fact(NamedTuple):
    """Something observed about a subscription: from that local day on the value is this.

    Facts of a topic are told apart and ordered by `seq`; the last of a day wins.
    """

    subscription: str
    topic: str
    day: date
    value: str
    seq: int = -1


class Name(NamedTuple):
    """A value of a kind of claims that a customer has on a host."""

    customer: str
    kind: str
    value: str


class Acquaintance(NamedTuple):
    """What a journal knows of hosts: those it has met with what they were then, those it shares.

    It `is_empty` as long as nothing was ever written to a host. `unconfirmed` is why nothing that
    is missing may be timed.
    """

    hosts: Mapping[Place, str]
    adopted: frozenset[str]
    is_empty: bool
    unconfirmed: str


@dataclass(frozen=True, slots=True)
class Memory:
    """All that the journal remembers of one customer."""

    bindings: frozenset[Binding] = frozenset()
    choices: Mapping[Chosen, str] = field(default_factory=dict)
    passwords: Mapping[Chosen, Secret | Invalid] = field(default_factory=dict)
    """One that cannot be read again is the reason: it is nobody's trouble but its resource's."""
    absences: Mapping[Owner, Absence] = field(default_factory=dict)
    facts: frozenset[Fact] = frozenset()
    tombstones: Mapping[Owner, str] = field(default_factory=dict)
    """The digest of everything that was ever declared and is not purged."""

    holds: Sequence[Hold] = ()
    kept: Mapping[Owner, int] = field(default_factory=dict)
    """For how many days these want to be kept once they are retired; of others it is the default."""

    homes: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By namespace the customers whose Tenant was there last, of those who are noted as gone.

    Known once this one is. Where a Tenant still is, the world tells it.
    """

    def owners(self) -> set[Owner]:
        """Everybody of this customer who holds a claim."""
        return {binding.owner for binding in self.bindings}


class Update(NamedTuple):
    """What a pass has to write down about absences, claims and facts, in one transaction."""

    absent: Sequence[Absence] = ()
    returned: Sequence[Owner] = ()
    released: Sequence[Binding] = ()
    facts: Sequence[Fact] = ()
    declared: Sequence[Tombstone] = ()
    purged: Sequence[Owner] = ()
    records: Sequence[HistoryLine] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return any(self)


class Judged(NamedTuple):
    """What is held back from now on, by cause; what is made; what is no longer to be judged."""

    held: Mapping[Weight, str]
    made: Sequence[Weight]
    over: Collection[Named]

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return any(self)


class Billed(NamedTuple):
    """The last billing run of a unit that came to its end.

    `next_charge` is the day from which contracts owe more again, None if none will;
    `unbilled` counts those that could not be billed.
    """

    at: datetime
    next_charge: date | None
    unbilled: int


class Journal(Protocol):
    """The controller's own memory; every method is one transaction."""

    def customers(self) -> Sequence[str]:
        """Every customer number that holds anything."""

    def confidential(self) -> Sequence[str]:
        """Confidential domains that are their customers', declared still or not."""

    def memories(self, customers: Collection[str] | None = None) -> Mapping[str, Memory]:
        """What is remembered of these customers, or of all; of whom nothing is, is not in it."""

    def fleet(self, since: datetime) -> Mapping[str, Fleet]:
        """By kind, what is missing of all customers; what was retired since then counts, too."""

    def last_declared(self, owners: Collection[Owner]) -> Mapping[Owner, str]:
        """The bodies of tombstones."""

    def grant(
        self, wishes: Sequence[Wish], present: frozenset[Owner], now: datetime
    ) -> Mapping[Owner, str]:
        """Grant wishes, in their order; returns who was refused, and why.

        A claim that a resource of the same customer holds, which is no longer `present`, passes
        over to the new one. Claims of one owner and kind that are not wished for any more end.
        """

    def ceded(self, names: frozenset[Name]) -> frozenset[Name]:
        """Which of these their customers gave up, and another has by now."""

    def held(self) -> Mapping[Owner, str]:
        """Whose changes a brake holds back, and by which cause."""

    def scales(self, owners: Collection[Owner], since: datetime, *, money: bool) -> Scales:
        """What the weights of some resources are judged against; of money only where asked."""

    def weigh(self, judged: Judged, now: datetime, since: datetime) -> None:
        """Write down what was judged, and forget what was made before `since`."""

    def note(self, updates: Mapping[str, Update], now: datetime) -> None:
        """Write down what a pass found, by customer."""

    def thin(self, before: datetime) -> None:
        """Forget the history before an instant."""

    def carry_out(
        self, request: Request, limits: Limits, retention: Retention, now: datetime
    ) -> Record:
        """Do what is asked for, or return what came of it when it was asked for first."""

    def restored(self, now: datetime) -> Mapping[Owner, str]:
        """What is gone and served all the same for now: as it was last declared, as JSON."""

    def unmark(self) -> frozenset[str]:
        """Take away the marks of customers of whom others wrote something; returns whose."""

    def acquaintance(self) -> Acquaintance:
        """Which hosts it knows; raises Conflict if it was bound to another source meanwhile."""

    def meet(self, hosts: Mapping[Place, str], now: datetime) -> None:
        """Write down that hosts were looked at, and what they are."""

    def bind_again(self, claims: Sequence[Claim], now: datetime) -> Sequence[Claim]:
        """Bind values that owners have on hosts, unless anybody has them or they have others.

        Returns those that were forgotten.
        """

    def billed(self) -> Mapping[str, Billed]:
        """When each business unit was last billed, by its name."""

    def compared(self, now: datetime) -> None:
        """Write down that all that is declared was compared with what is remembered."""
