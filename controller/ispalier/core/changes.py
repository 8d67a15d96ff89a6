"""The difference between what should be and what is, as an object one can hold."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from ispalier.core.impact import Impact
from ispalier.core.items import PROVIDER, Item, Keep, Key, Owner
from ispalier.world.errors import Conflict, Handover, IspalierError, Waiting
from ispalier.world.state import State


class Verb(StrEnum):
    """What a change does, in the order in which changes are applied."""

    SUSPEND = "suspend"
    RETIRE = "retire"
    DELETE = "delete"
    CREATE = "create"
    UPDATE = "update"
    RESTORE = "restore"
    ADOPT = "adopt"


ORDER = {verb: position for position, verb in enumerate(Verb)}
REMOVALS = frozenset({Verb.RETIRE, Verb.DELETE})


class Change(NamedTuple):
    """One item before and after."""

    verb: Verb
    before: Item | None
    after: Item | None

    @property
    def item(self) -> Item:
        """The item that it is about, as it will be, or as it was when it goes."""
        item = self.after or self.before
        assert item is not None  # noqa: S101 - a change has a before or an after
        return item

    @property
    def key(self) -> Key:
        """What the back end knows the item by."""
        return self.item.key

    @property
    def owner(self) -> Owner | None:
        """Whose item it is."""
        return self.item.owner

    @property
    def impact(self) -> Impact:
        """What the customer feels of it: nothing of what is made, or only marked."""
        if self.before is None or self.verb is Verb.ADOPT:
            return Impact.NONE
        return self.before.impact(self.after)

    @property
    def is_dangerous(self) -> bool:
        """Whether too many of its kind are held back."""
        return self.verb in REMOVALS or self.impact >= Impact.INTERRUPT


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes for one host: suspensions and retirements first, then a stable order."""

    changes: tuple[Change, ...] = ()

    @classmethod
    def of(cls, changes: Iterable[Change]) -> "ChangeSet":
        """Sort changes into the order in which they are applied."""
        return cls(tuple(sorted(changes, key=lambda each: (ORDER[each.verb], str(each.key)))))

    def __iter__(self) -> Iterator[Change]:
        """The changes, in order."""
        return iter(self.changes)

    def __len__(self) -> int:
        """How many changes there are."""
        return len(self.changes)

    @property
    def urgency(self) -> int:
        """The lower, the sooner it should be made: what suspends goes before all else."""
        return min((ORDER[each.verb] for each in self.changes), default=len(ORDER))

    @property
    def digest(self) -> str:
        """A name for exactly these changes; equal sets have equal digests."""
        lines = (f"{each.verb}|{each.key}|{each.after!r}" for each in self.changes)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


class Difference(NamedTuple):
    """What to change, and which owners cannot be served as declared, with the reason."""

    changes: ChangeSet
    refused: Mapping[Owner, IspalierError]


def difference(
    wanted: Iterable[Item],
    kept: Iterable[Keep],
    seen: Sequence[Item],
    fates: Mapping[Owner, State | None],
    ceded: Collection[Key] = (),
) -> Difference:
    """Compare what one host should hold with what it holds.

    `fates` tells of owners what becomes of their items that are not wanted here: they go to that
    state, or with None they are deleted. Owners without a fate keep what they have. What an item
    needs is either there, of the same customer or the provider, or comes before it among the
    wanted and is made with it.

        wanted  seen                          ->
        yes     no                            create
        yes     equal, ours                   nothing
        yes     other value, ours             update (suspend, retire, restore by state)
        yes     equal, unmarked               adopt: only the mark is written
        yes     other value, unmarked         Conflict
        yes     another installation's mark   Conflict
        yes     another customer's mark       Handover: it is about to be let go of
        no      name is another customer's    delete: whose it is waits for it
        no      owner kept                    nothing, but a stop still acts
        no      owner absent for long         retire, later delete
        no      owner refused above           nothing, but a stop still acts
        no      owner served otherwise        delete: it was edited away
        no      unmarked or foreign           nothing, ever
    """
    keeps = {keep.owner: keep for keep in kept}
    there = {item.key: item for item in seen}
    made: dict[Key, bool] = {}
    refused: dict[Owner, IspalierError] = {}
    changes: list[Change] = []
    named: set[Key] = set()
    states: dict[Owner, State] = {}
    for item in wanted:
        owner = _owner(item)
        states[owner] = item.state
        named.add(item.key)
        missing = [key for key in item.needs if not made.get(key, _serves(there.get(key), owner))]
        if missing:
            refused[owner] = Waiting(f"waits until {_shown(missing[0])} is on host '{item.host}'")
            made[item.key] = False
            continue
        try:
            changes += _towards(item, there.get(item.key))
        except (Conflict, Handover) as error:
            refused[owner] = error
        made[item.key] = owner not in refused
    for owner, why in refused.items():
        keeps.setdefault(owner, Keep(owner, why, states[owner]))
    for item in seen:
        if item.key in named or item.owner is None:
            continue
        if item.key in ceded:
            changes.append(Change(Verb.DELETE, item, None))
        else:
            changes += _unwanted(item, keeps.get(item.owner), fates)
    return Difference(ChangeSet.of(changes), refused)


def _serves(there: Item | None, owner: Owner) -> bool:
    """Whether an owner's item may lean on one that is there: its own customer's or the provider's."""
    if there is None or there.owner is None or there.owner.installation != owner.installation:
        return False
    return there.owner.customer in (owner.customer, PROVIDER)


def _towards(item: Item, there: Item | None) -> list[Change]:
    owner = _owner(item)
    if there is None:
        return [Change(Verb.CREATE, None, item)]
    if there.owner is not None and there.owner[:2] != owner[:2]:
        what = f"{_shown(item.key)} on host '{item.host}'"
        if there.owner.installation != owner.installation:
            raise Conflict(f"{what} is marked as somebody else's ('{there.owner.installation}')")
        if not there.owner.customer:
            raise Conflict(f"{what} belongs to the provider")
        # Whose it may be is settled in the journal: what we may have is theirs no longer.
        raise Handover(f"{what} is still another customer's, who is about to let go of it")
    if there == item:
        return [] if there.owner == owner else [Change(Verb.ADOPT, there, item)]
    if there.owner is None:
        message = (
            f"{_shown(item.key)} on host '{item.host}' is there already with other data and"
            " without our mark: make it equal or remove it"
        )
        raise Conflict(message)
    return [Change(_verb(there.state, item.state), there, item)]


def _verb(before: State, after: State) -> Verb:
    if after > before:
        return Verb.SUSPEND if after is State.SUSPENDED else Verb.RETIRE
    return Verb.RESTORE if after < before else Verb.UPDATE


def _unwanted(item: Item, keep: Keep | None, fates: Mapping[Owner, State | None]) -> list[Change]:
    owner = _owner(item)
    if keep is not None:
        stop = keep.state if item.suspends or keep.state is State.RETIRED else State.ACTIVE
        return [] if stop <= item.state else [_to_state(item, stop)]
    if owner not in fates:
        return []
    state = fates[owner]
    if state is None:
        return [Change(Verb.DELETE, item, None)]
    return [] if item.state >= state else [_to_state(item, state)]


def _to_state(item: Item, state: State) -> Change:
    return Change(_verb(item.state, state), item, replace(item, state=state))


def _owner(item: Item) -> Owner:
    assert item.owner is not None  # noqa: S101 - items that we want are always marked
    return item.owner


def _shown(key: Key) -> str:
    return " ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)
