"""Bindings: who has which value, read once for some customers and changed in one transaction."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, tuple_, update

from ispalier.core.items import Owner
from ispalier.core.memory import ZONE, Name
from ispalier.journal.tables import BINDING
from ispalier.journal.tree import KINDS, Tree
from ispalier.world.zones import above

Pair: TypeAlias = tuple[str, str]
"""The kind of a claim and its value: `IP address`, `100.64.0.7`."""

T = TypeVar("T")

_MANY = 400
_FEW = 16
"""Names about which is asked one by one; for more, all are read, which costs as much as 20 do."""
_SPARE = 16
"""Values that are kept for what a customer gave up, beside as many as he has in use."""
_LIVE = BINDING.c.until.is_(None)


class Holder(NamedTuple):
    """Who has a value; or who had it, and until when it is held back for them."""

    owner: Owner
    until: datetime | None = None
    held_until: datetime | None = None


@dataclass(slots=True)
class Bindings:
    """What some customers have, and who has what they claim.

    A value that is taken and let go again within the transaction leaves no trace.
    """

    connection: Connection
    installation: str
    now: datetime
    quarantine: Mapping[str, timedelta]
    """How long a value of a kind is held back for whom it was taken from by an edit."""
    _holders: dict[Pair, Holder] = field(default_factory=dict)
    _had: dict[tuple[Owner, str], set[str]] = field(default_factory=dict)
    _began: set[tuple[str, str, str]] = field(default_factory=set)
    _blocked: dict[str, set[str]] = field(default_factory=dict)
    _held_back: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By customer and kind, how many values are held back."""
    _new: dict[Pair, Mapping[str, Any]] = field(default_factory=dict)
    _tree: Tree = field(default_factory=Tree)
    _looked: set[Pair] = field(default_factory=set)
    """Names of which the tree knows all that is above and below; beyond a few it knows all names."""

    def read(self, customers: Collection[str], claimed: Collection[Pair]) -> None:
        """Look up who has these values, or had them, and all that these customers have."""
        for pairs in batched(sorted(claimed)):
            there = tuple_(BINDING.c.kind, BINDING.c.value).in_(pairs)
            query = select(BINDING).where(there, self._blocks()).order_by(_LIVE, BINDING.c.id)
            for row in self.connection.execute(query):
                holder = Holder(self._owner(row), row.until, row.held_until)
                self._holders[row.kind, row.value] = holder
        for names in batched(sorted(customers)):
            query = select(BINDING).where(and_(BINDING.c.customer.in_(names), _LIVE))
            for row in self.connection.execute(query):
                self._had.setdefault((self._owner(row), row.kind), set()).add(row.value)
                self._began.add((row.customer, row.kind, row.value))
            held = select(BINDING.c.customer, BINDING.c.kind, func.count())
            held = held.where(BINDING.c.customer.in_(names), BINDING.c.held_until > self.now)
            for customer, kind, number in self.connection.execute(
                held.group_by(BINDING.c.customer, BINDING.c.kind)
            ):
                self._held_back[customer, kind] = number

    def holder(self, kind: str, value: str) -> Holder | None:
        """Who has a value that was looked up."""
        return self._holders.get((kind, value))

    def of(self, owner: Owner, kind: str) -> frozenset[str]:
        """What an owner has of a kind."""
        return frozenset(self._had.get((owner, kind), ()))

    def hoarded(self, present: Collection[Owner]) -> set[tuple[str, str]]:
        """Who has so much kept for what is gone or was edited that others would lack it; by kind."""
        kept, used = Counter(self._held_back), Counter[tuple[str, str]]()
        for (owner, kind), values in self._had.items():
            if kind in self.quarantine:
                of = used if owner in present else kept
                of[owner.customer, kind] += len(values)
        return {each for each, number in kept.items() if number > _SPARE + used[each]}

    def began_with(self, customer: str, kind: str, value: str) -> bool:
        """Whether a customer had a value when the transaction began."""
        return (customer, kind, value) in self._began

    def blocked(self, kind: str) -> set[str]:
        """All values of a kind that nobody else can have."""
        if kind not in self._blocked:
            found = select(BINDING.c.value).where(BINDING.c.kind == kind, self._blocks())
            new = {value for of, value in self._new if of == kind}
            self._blocked[kind] = {*self.connection.scalars(found), *new}
        return self._blocked[kind]

    def tree(self, kind: str, value: str) -> Tree:
        """The names of the DNS, among them all that a claim on this one is held against.

        Only those are asked for who are not had yet: whoever has many names costs nobody more.
        """
        pair = (kind, value.rstrip("."))
        if len(self._looked) <= _FEW and pair not in self._looked:
            self._looked.add(pair)
            query = select(BINDING.c.kind, BINDING.c.value, BINDING.c.customer)
            query = query.where(BINDING.c.kind.in_(KINDS), _LIVE)
            if len(self._looked) <= _FEW:
                query = query.where(_around(*pair))
            for each in self.connection.execute(query):
                self._tree.put(*each)
        return self._tree

    def bind(self, kind: str, value: str, owner: Owner, cause: str) -> None:
        """Give a value to an owner; what it had of this kind before ends."""
        self.let_go(owner, kind, value)
        self.add(kind, value, owner, cause)

    def add(self, kind: str, value: str, owner: Owner, cause: str) -> None:
        """Give a value to an owner, who keeps what it had."""
        row = {"kind": kind, "value": value, **whose(owner), "since": self.now, "cause": cause}
        self._new[kind, value] = row
        self._holders[kind, value] = Holder(owner)
        self._had.setdefault((owner, kind), set()).add(value)
        if kind in self._blocked:
            self._blocked[kind].add(value)
        if kind in KINDS:
            self._tree.put(kind, value, owner.customer)

    def let_go(self, owner: Owner, kind: str, but: str) -> None:
        """End what an owner has of a kind, but for one value."""
        held = self.now + self.quarantine[kind] if kind in self.quarantine else None
        for value in sorted(self.of(owner, kind) - {but}):
            self.end(owner, kind, value, "changed", held)

    def end(
        self, owner: Owner, kind: str, value: str, why: str, held: datetime | None = None
    ) -> None:
        """Take a value from its owner, for whom it may be held back."""
        self._had.get((owner, kind), set()).discard(value)
        self._holders.pop((kind, value), None)
        if kind in KINDS:
            self._tree.drop(kind, value)
        if self._new.pop((kind, value), None) is not None:
            return
        if held is not None:
            self._holders[kind, value] = Holder(owner, self.now, held)
        self.connection.execute(
            update(BINDING)
            .where(BINDING.c.kind == kind, BINDING.c.value == value, _LIVE)
            .values(until=self.now, held_until=held, cause=BINDING.c.cause + f"; {why}")
        )

    def write(self) -> None:
        """Write down what was bound."""
        if self._new:
            self.connection.execute(insert(BINDING), list(self._new.values()))

    def _blocks(self) -> Any:  # noqa: ANN401 - a condition
        return or_(_LIVE, BINDING.c.held_until > self.now)

    def _owner(self, row: Row[Any]) -> Owner:
        return Owner(self.installation, row.customer, row.owner_kind, row.owner_name)


def _around(kind: str, name: str) -> Any:  # noqa: ANN401 - a condition
    """Names that are, or lie above, a name, or below a zone."""
    tops = [name, *above(name)]
    there = BINDING.c.value.in_([*tops, *(f"{each}." for each in tops)])
    if kind != ZONE:
        return there
    below = BINDING.c.value.endswith(f".{name}", autoescape=True)
    below_zone = BINDING.c.value.endswith(f".{name}.", autoescape=True)
    return or_(there, below, below_zone)


def ceded(connection: Connection, names: frozenset[Name]) -> frozenset[Name]:
    """Which of these their customers gave up, and another has by now."""
    had: set[Name] = set()
    has: dict[Pair, str] = {}
    for pairs in batched(sorted({each[1:] for each in names})):
        there = tuple_(BINDING.c.kind, BINDING.c.value).in_(pairs)
        for row in connection.execute(select(BINDING).where(there)):
            if row.until is None:
                has[row.kind, row.value] = row.customer
            else:
                had.add(Name(row.customer, row.kind, row.value))
    return frozenset(
        each for each in names & had if has.get(each[1:], each.customer) != each.customer
    )


def batched(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Not more values at a time than a database takes parameters."""
    for start in range(0, len(values), _MANY):
        yield values[start : start + _MANY]


def whose(owner: Owner) -> dict[str, str]:
    """The columns that name an owner."""
    _, customer, kind, name = owner
    return {"customer": customer, "owner_kind": kind, "owner_name": name}
