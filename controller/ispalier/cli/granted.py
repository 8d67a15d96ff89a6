"""A journal that remembers nothing but this run: who would get what, if all began today."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ispalier.core.acts import Ended, Record, Request
from ispalier.core.items import Owner, Place
from ispalier.core.limits import Limits
from ispalier.core.memory import (
    Acquaintance,
    Allocation,
    Billed,
    Binding,
    Choice,
    Claim,
    Generation,
    Judged,
    Memory,
    Name,
    Update,
    Wish,
)
from ispalier.core.retention import Retention
from ispalier.core.weight import Fleet, Scales
from ispalier.world.errors import Invalid
from ispalier.world.secret import Secret
from ispalier.world.view import Chosen

_PASSWORD = Secret("generated at the first apply")


def _is_any(wish: Wish) -> bool:
    return isinstance(wish, Allocation)


@dataclass(slots=True)
class Granted:
    """The first to wish for something gets it (core.memory.Journal)."""

    _holders: dict[tuple[str, str], Owner] = field(default_factory=dict)
    _candidates: dict[tuple[str, str], Iterator[str]] = field(default_factory=dict)
    _bindings: dict[str, set[Binding]] = field(default_factory=dict)
    _choices: dict[str, dict[Chosen, str]] = field(default_factory=dict)
    _passwords: dict[str, dict[Chosen, Secret | Invalid]] = field(default_factory=dict)

    def thin(self, before: datetime) -> None:
        """There is no history."""

    def customers(self) -> Sequence[str]:
        """Every customer number that got anything."""
        return sorted({*self._bindings, *self._choices, *self._passwords})

    def confidential(self) -> Sequence[str]:
        """Only what is declared is looked at."""
        return ()

    def memories(self, customers: Collection[str] | None = None) -> Mapping[str, Memory]:
        """What these customers got, or all."""
        return {
            customer: Memory(
                frozenset(self._bindings.get(customer, ())),
                self._choices.get(customer, {}),
                self._passwords.get(customer, {}),
            )
            for customer in (self.customers() if customers is None else customers)
        }

    def ceded(self, names: frozenset[Name]) -> frozenset[Name]:  # noqa: ARG002 - the protocol's signature
        """Nobody has anything yet."""
        return frozenset()

    def fleet(self, since: datetime) -> Mapping[str, Fleet]:  # noqa: ARG002 - the protocol's signature
        """Nobody is missing."""
        return {}

    def last_declared(self, owners: Collection[Owner]) -> Mapping[Owner, str]:  # noqa: ARG002 - the protocol's signature
        """Nobody ever left."""
        return {}

    def grant(
        self,
        wishes: Sequence[Wish],
        present: frozenset[Owner],  # noqa: ARG002 - the protocol's signature; nobody ever left
        now: datetime,  # noqa: ARG002 - the protocol's signature
    ) -> Mapping[Owner, str]:
        """Grant wishes; returns who was refused, and why.

        What is named comes first, then what is left is given out: so nobody is told that his very
        address is another's who wants any.
        """
        refused: dict[Owner, str] = {}
        for wish in sorted(wishes, key=_is_any):
            owner = wish.owner
            match wish:
                case Claim(kind, value):
                    holder = self._holders.setdefault((kind, value), owner)
                    if holder == owner:
                        self._bind(kind, value, owner)
                    else:
                        refused[owner] = f"'{value}' belongs to {holder}: use another"
                case Allocation():
                    free = self._free(wish)
                    if free is None:
                        refused[owner] = f"{wish.where} is full: add a prefix or free an address"
                    else:
                        self._bind(wish.kind, free, owner)
                case Choice(topic, value):
                    chosen = Chosen(owner.kind, owner.name, topic)
                    self._choices.setdefault(owner.customer, {}).setdefault(chosen, value)
                case Generation():
                    chosen = Chosen(owner.kind, owner.name, "password")
                    self._passwords.setdefault(owner.customer, {})[chosen] = _PASSWORD
        return refused

    def held(self) -> Mapping[Owner, str]:
        """Nothing is held back."""
        return {}

    def scales(
        self,
        owners: Collection[Owner],  # noqa: ARG002 - the protocol's signature
        since: datetime,  # noqa: ARG002 - the protocol's signature
        *,
        money: bool,  # noqa: ARG002 - the protocol's signature
    ) -> Scales:
        """Nothing was ever made."""
        return Scales({}, (), {}, frozenset(), {})

    def weigh(self, judged: Judged, now: datetime, since: datetime) -> None:
        """Nothing is kept."""

    def note(self, updates: Mapping[str, Update], now: datetime) -> None:
        """Nothing is kept."""

    def carry_out(
        self,
        request: Request,
        limits: Limits,  # noqa: ARG002 - the protocol's signature
        retention: Retention,  # noqa: ARG002 - the protocol's signature
        now: datetime,
    ) -> Record:
        """Nothing is gone, so nothing can be done about it."""
        return Record(Ended.FAILED, f"not done: {request.name} finds nothing here", now)

    def restored(self, now: datetime) -> Mapping[Owner, str]:  # noqa: ARG002 - the protocol's signature
        """Nobody ever left."""
        return {}

    def unmark(self) -> frozenset[str]:
        """Nobody else writes here."""
        return frozenset()

    def acquaintance(self) -> Acquaintance:
        """No host is asked."""
        return Acquaintance({}, frozenset(), is_empty=True, unconfirmed="")

    def meet(self, hosts: Mapping[Place, str], now: datetime) -> None:
        """Nothing is kept."""

    def bind_again(self, claims: Sequence[Claim], now: datetime) -> Sequence[Claim]:  # noqa: ARG002 - the protocol's signature
        """Nothing was forgotten."""
        return ()

    def billed(self) -> Mapping[str, Billed]:
        """Nothing was billed."""
        return {}

    def compared(self, now: datetime) -> None:
        """Nothing is kept."""

    def _free(self, wish: Allocation) -> str | None:
        candidates = self._candidates.setdefault((wish.kind, wish.where), iter(wish.candidates()))
        free = (each for each in candidates if (wish.kind, each) not in self._holders)
        return next(free, None)

    def _bind(self, kind: str, value: str, owner: Owner) -> None:
        self._holders[kind, value] = owner
        self._bindings.setdefault(owner.customer, set()).add(Binding(kind, value, owner))
