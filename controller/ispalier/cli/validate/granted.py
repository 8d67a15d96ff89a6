"""What would be given to whom, if all began today."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ispalier.core.items import Owner
from ispalier.core.memory import Allocation, Binding, Choice, Claim, Generation, Memory, Wish
from ispalier.world.errors import Invalid
from ispalier.world.secret import Secret
from ispalier.world.view import Chosen

_PASSWORD = Secret("generated at the first apply")


def _is_any(wish: Wish) -> bool:
    return isinstance(wish, Allocation)


@dataclass(slots=True)
class Granted:
    """The first to wish for something gets it."""

    _holders: dict[tuple[str, str], Owner] = field(default_factory=dict)
    _candidates: dict[tuple[str, str], Iterator[str]] = field(default_factory=dict)
    _bindings: dict[str, set[Binding]] = field(default_factory=dict)
    _choices: dict[str, dict[Chosen, str]] = field(default_factory=dict)
    _passwords: dict[str, dict[Chosen, Secret | Invalid]] = field(default_factory=dict)

    def memory(self, customer: str) -> Memory:
        """What a customer got."""
        return Memory(
            frozenset(self._bindings.get(customer, ())),
            self._choices.get(customer, {}),
            self._passwords.get(customer, {}),
        )

    def grant(self, wishes: Sequence[Wish]) -> Mapping[Owner, str]:
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

    def _free(self, wish: Allocation) -> str | None:
        candidates = self._candidates.setdefault((wish.kind, wish.where), iter(wish.candidates()))
        free = (each for each in candidates if (wish.kind, each) not in self._holders)
        return next(free, None)

    def _bind(self, kind: str, value: str, owner: Owner) -> None:
        self._holders[kind, value] = owner
        self._bindings.setdefault(owner.customer, set()).add(Binding(kind, value, owner))
