"""A host in memory on which everything goes wrong that can."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from ispalier.core.changes import Change, ChangeSet, Verb
from ispalier.core.items import Item, Key
from ispalier.core.room import Results, Scope
from ispalier.world.errors import Refused, Unavailable

CALM = "calm"
FAULTS = ("refuse", "fail", "half", "lost", "late", "lie", "half lie", "twice", "again later")
"""What may become of a batch; all but the first four damage what somebody believes."""
LONG = 12.0
"""Seconds: longer than the engine waits."""


@dataclass(slots=True)
class Host:
    """A back end; `damaged` are keys that are not what somebody was told, until they are found right."""

    name: str
    items: dict[Key, Item]
    chance: Random
    point: Callable[[str], None]
    """Where the process may be killed."""
    judge: Callable[["Host", ChangeSet], None]
    rate: float = 0.0
    """How many of its calls go wrong."""
    down_until: float = 0.0
    hangs_until: float = 0.0
    damaged: set[Key] = field(default_factory=set)
    writes: int = 0
    older: dict[Key, Item] = field(default_factory=dict)
    """A backup of it."""

    async def observe(self, scope: Scope) -> Sequence[Item]:
        await self._reach("observe")
        if self._goes_wrong():
            raise Unavailable("it fails now and then")
        found = [item for item in self.items.values() if _within(item, scope)]
        self.point("observed")
        return found

    async def apply(self, changes: ChangeSet) -> Results:
        await self._reach("apply")
        self.judge(self, changes)
        done: Results = dict.fromkeys(each.key for each in changes)
        some = [each for each in changes if self.chance.random() < 0.5]
        match self.chance.choice(FAULTS) if self._goes_wrong() else CALM:
            case "refuse":
                self._land([each for each in changes if each not in some])
                return {**done, **{each.key: Refused("it will not take it") for each in some}}
            case "lie":
                self._damage(changes)
            case "half lie":
                self._damage(some)
                self._land([each for each in changes if each not in some])
            case fault:
                await self._make(changes, some, fault)
        return done

    async def _make(self, changes: ChangeSet, some: Sequence[Change], fault: str) -> None:
        """Make the changes, and perhaps not answer; or answer, and make them again later."""
        match fault:
            case "fail":
                raise Unavailable("it failed")
            case "half":
                self._land(some)
                raise Unavailable("it failed half-way")
            case "lost":
                self._land(changes)
                raise Unavailable("the answer was lost")
            case "late":
                self._land_later(list(changes), self.chance.uniform(0, 3 * LONG))
                await asyncio.sleep(3 * LONG)
            case "twice":
                self._land(changes)
            case "again later":
                self._land_later(list(changes), self.chance.uniform(0, 3 * LONG))
        for each in changes:
            self.point("apply")
            self._land([each])
        self.point("applied")

    async def close(self) -> None:
        """Nothing to let go of."""

    def lose(self, share: float) -> None:
        """Some of what is ours is not there any more."""
        for key in sorted(self.ours(), key=str):
            if self.chance.random() < share:
                self.damaged.add(key)
                del self.items[key]

    def go_back(self) -> None:
        """Somebody restores a backup of this host: all that is ours, as it was."""
        ours = self.ours()
        self.damaged |= ours | self.older.keys()
        for key in ours:
            del self.items[key]
        self.items.update(self.older)

    def back_up(self) -> None:
        """Somebody makes a backup."""
        self.older = {key: self.items[key] for key in self.ours()}

    def put(self, item: Item) -> None:
        """Somebody changes something of ours by hand."""
        self.damaged.add(item.key)
        self.items[item.key] = item

    def strangers(self) -> list[Item]:
        """What another installation has here."""
        return [
            each for each in self.items.values() if each.owner and each.owner.installation != "test"
        ]

    def ours(self) -> set[Key]:
        """The keys of what is ours."""
        return {
            key
            for key, item in self.items.items()
            if item.owner is not None and item.owner.installation == "test"
        }

    async def _reach(self, call: str) -> None:
        self.point(call)
        now = asyncio.get_running_loop().time()
        if now < self.down_until:
            raise Unavailable("connection refused")
        if now < self.hangs_until:
            await asyncio.sleep(10 * LONG)
        if self._goes_wrong():
            await asyncio.sleep(self.chance.choice([0.01, 1.5, LONG]))

    def _goes_wrong(self) -> bool:
        return self.chance.random() < self.rate

    def _damage(self, changes: Sequence[Change] | ChangeSet) -> None:
        self.damaged.update(each.key for each in changes)

    def _land(self, changes: Sequence[Change] | ChangeSet) -> None:
        for change in changes:
            self.writes += 1
            if change.verb is Verb.DELETE:
                self.items.pop(change.key, None)
            else:
                self.items[change.key] = change.item

    def _land_later(self, changes: Sequence[Change], seconds: float) -> None:
        """It is done in the end, whoever still waits for it; what is there then is overwritten."""

        def land() -> None:
            self._damage(changes)
            self._land(changes)

        self._damage(changes)
        asyncio.get_running_loop().call_later(seconds, land)


def _within(item: Item, scope: Scope) -> bool:
    return (
        scope.everything
        or item.key in scope.keys
        or (item.owner is not None and item.owner.customer in scope.customers)
    )
