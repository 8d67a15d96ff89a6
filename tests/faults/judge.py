"""The judge of a trial: every change needs a cause that was declared, or time that has passed."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ispalier.core.changes import Change, ChangeSet, Verb
from ispalier.core.items import Item, Key, Owner
from ispalier.core.retention import Retention
from ispalier.world.state import State
from tests.builders import NOW
from tests.faults.declared import BYSTANDER, Declared, Served, Version
from tests.faults.host import Host
from tests.inmemory import HOME, Line

HOLD, TENANT_HOLD, KEEP = timedelta(minutes=10), timedelta(hours=1), timedelta(hours=2)
RETENTION = Retention(HOLD, TENANT_HOLD, KEEP)
FOREIGN = (None, Owner("elsewhere", "1", "Login", "x"))


@dataclass(frozen=True, slots=True)
class Since:
    """What a pass can have known: what was declared from its beginning on, and who was missing."""

    first: int
    missing: Mapping[Owner, datetime]
    gone: frozenset[str]
    process: int
    unconfirmed: str
    """Why nothing that is missing has any effect, until a person stands by what is declared."""


PASS: ContextVar[Since] = ContextVar("PASS")


@dataclass(slots=True)
class Judge:
    """Remembers what was declared when, and who is missing since when."""

    declared: Declared
    now: datetime
    names: Callable[[], Mapping[str, Owner]]
    """Who has which user name by the journal."""
    off: Callable[[], Container[Owner]]
    """Who is switched off by the journal."""
    latest: datetime = NOW
    versions: list[Version] = field(default_factory=list)
    missing: dict[Owner, datetime] = field(default_factory=dict)
    retired: dict[Owner, datetime] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    """Customers who were found to have no Tenant."""
    returned: dict[str, datetime] = field(default_factory=dict)
    """Since when a Tenant who was found to be gone is there again."""
    decided: set[Owner] = field(default_factory=set)
    """Who was missing for long enough when a pass was made, whether or not a host answered it."""
    known: set[Owner] = field(default_factory=set)
    back: timedelta = timedelta()
    """How far the journal was set back: so much longer it believes that it waited."""
    unconfirmed: str = ""

    def look(self, now: datetime) -> None:
        """Take in what is declared now, and what time it is."""
        version = self.declared.version()
        self.versions.append(version)
        self.known |= version.present
        complete = self.declared.world.complete
        for owner in sorted(self.known):
            if owner.kind not in complete:
                self.missing.pop(owner, None)
            elif owner not in version.present:
                self.missing[owner] = min(now, self.missing.get(owner, now))
        for customer in sorted(self.left - version.gone):
            self.left.discard(customer)
            self.returned[customer] = now
        self.now, self.latest = now, max(now, self.latest)

    def forget(self, back: timedelta) -> None:
        """The journal is another one, of so long ago: what it was told since it does not know."""
        self.back = max(self.back, back)
        self.left.clear()
        self.returned.clear()
        self.decided.clear()

    def confirm(self, now: datetime) -> None:
        """A person stands by what is declared: from now on is waited for who is missing."""
        self.missing |= {each: now for each in self.missing if each not in self.retired}

    def since(self, process: int) -> Since:
        """What a pass of this process that begins now can know."""
        now = self.versions[-1]
        missing = {each: when for each, when in self.missing.items() if each not in now.present}
        first = len(self.versions) - 1
        if not self.unconfirmed:  # it may be killed as soon as it has written its decision down
            self.decided |= {each for each in missing if self._is_due(each, missing, now.gone)}
        return Since(first, missing, now.gone, process, self.unconfirmed)

    def saw(self, customer: str, first: int) -> None:
        """A pass was made: who was there is not missing any more."""
        is_gone = customer in self.versions[first].gone & self.versions[-1].gone
        if is_gone and "Tenant" in self.declared.world.complete:
            self.left.add(customer)
        for owner in self.versions[first].present:
            if owner.customer == customer and owner in self.versions[-1].present:
                self.missing.pop(owner, None)
                self.retired.pop(owner, None)
                self.decided.discard(owner)
        if not PASS.get().unconfirmed:
            missing, gone = PASS.get().missing, PASS.get().gone
            mine = {each for each in missing if each.customer == customer}
            self.decided |= {each for each in mine if self._is_due(each, missing, gone)}

    def check(self, host: Host, changes: ChangeSet) -> None:
        """Every change of a batch has a cause."""
        for change in changes:
            why = self._against(host, change)
            assert not why, f"{change.verb} {change.key} on {host.name}: {why}: {change}"

    def _against(self, host: Host, change: Change) -> str:
        owner = change.owner
        if owner is None or owner.installation != HOME.installation:
            return "nobody of ours owns it"
        return self._against_place(host, owner, change) or self._against_verb(host, owner, change)

    def _against_place(self, host: Host, owner: Owner, change: Change) -> str:
        """Whether what is there is somebody else's, or as it should be."""
        there, before = host.items.get(change.key), change.before
        if there is not None and (there.owner is None or there.owner.installation != "test"):
            return "it is not ours"
        if before is not None and before.owner and before.owner.customer != owner.customer:
            return "it is another customer's"
        if owner.customer == BYSTANDER and self._is_right(host, change):
            return "it was right, and nobody edited it"
        return ""

    def _against_verb(self, host: Host, owner: Owner, change: Change) -> str:
        match change.verb:
            case Verb.DELETE:
                return self._against_delete(host, owner, change.item)
            case Verb.RETIRE:
                return self._against_retire(owner, change)
            case _:
                return self._against_value(owner, change)

    def _is_right(self, host: Host, change: Change) -> bool:
        there = host.items.get(change.key)
        is_served_ = any(is_served(there, each) for each in self._declared(change.item.owner))
        return is_served_ and change.key not in host.damaged and there == change.before

    def _against_value(self, owner: Owner, change: Change) -> str:
        """What is written was declared; or it is a stop, and keeps the values."""
        item = change.item
        declared = list(self._declared(owner))
        if any(is_served(item, each) for each in declared):
            return ""
        if change.verb is Verb.SUSPEND and change.before is not None:
            # A login that was just deleted is stopped with its contract, too.
            versions = self.versions[PASS.get().first :]
            is_gone = any(owner not in each.present for each in versions)
            is_stopped = is_gone and any(owner.customer in each.stopped for each in versions)
            stops = is_stopped or any(each.state >= item.state for each in declared)
            return "" if stops and _keeps(change) else "nobody declared this stop"
        return f"nobody declared this: {declared}"

    def _against_retire(self, owner: Owner, change: Change) -> str:
        if not _keeps(change):
            return "what is retired keeps its values"
        if all(owner in each.used for each in self.versions[PASS.get().first :]):
            return "it is in use"
        missing = PASS.get().missing
        was_off = owner in self.retired or (owner in self.decided and owner in self.off())
        if owner in missing and was_off:
            self.retired.setdefault(owner, self.now)
            return ""
        if PASS.get().unconfirmed:
            return "nobody confirmed what is missing"
        self.retired[owner] = min(self.now, self.retired.get(owner, self.now))
        hold = TENANT_HOLD if owner.customer in PASS.get().gone else HOLD
        if self._is_anew(owner):
            return f"the tenant is back only since {self.returned[owner.customer]}"
        return self._too_soon(owner, hold)

    def _is_anew(self, owner: Owner) -> bool:
        """Whether a tenant came back so lately that what is missing of it may follow."""
        anew = self.returned.get(owner.customer)
        return anew is not None and anew <= self.now < anew + HOLD

    def _is_due(
        self, owner: Owner, missing: Mapping[Owner, datetime], gone: Container[str]
    ) -> bool:
        hold = TENANT_HOLD if owner.customer in gone else HOLD
        return missing[owner] + hold <= self.now and not self._is_anew(owner)

    def _against_delete(self, host: Host, owner: Owner, item: Item) -> str:
        if self._was_edited_away(host, owner, item) or self._was_ceded(owner, item):
            return ""
        if PASS.get().unconfirmed:
            return "nobody confirmed what is missing"
        if item.state is not State.RETIRED:
            return "it was never switched off here"
        off = self.retired.get(owner)
        if (
            off is not None
            and off + KEEP <= max(self.now, self.latest) + self.back
            and self._is_missing(owner)
        ):
            return ""
        return self._too_soon(owner, HOLD + KEEP)

    def _was_edited_away(self, host: Host, owner: Owner, item: Item) -> bool:
        """Whether its owner is declared with another user name, which the host can serve."""
        return any(
            isinstance(item, Line) and each.name != item.name and self._can_have(host, owner, each)
            for each in self._declared(owner)
        )

    def _was_ceded(self, owner: Owner, item: Item) -> bool:
        """Whether its name was granted to another customer."""
        holder = self.names().get(item.name, owner) if isinstance(item, Line) else owner
        return holder.customer != owner.customer

    def _can_have(self, host: Host, owner: Owner, served: Served) -> bool:
        there = host.items.get(("line", served.name))
        theirs = ("line", served.name) not in host.damaged and there is not None
        return not theirs or bool(there and there.owner and there.owner[:2] == owner[:2])

    def _is_missing(self, owner: Owner) -> bool:
        return any(owner not in each.present for each in self.versions[PASS.get().first :])

    def _too_soon(self, owner: Owner, seconds: timedelta) -> str:
        since = PASS.get().missing.get(owner)
        if since is None:
            return "it is not missing"
        # What was decided before the clock was set back stays decided.
        latest = max(self.now, self.latest) + self.back
        return "" if latest >= since + seconds else f"missing only since {since}"

    def _declared(self, owner: Owner | None) -> Iterator[Served]:
        for version in self.versions[PASS.get().first :]:
            if owner is not None and owner in version.served:
                yield version.served[owner]


def is_served(item: Item | None, served: Served) -> bool:
    """Whether an item is what is declared."""
    return isinstance(item, Line) and (
        served == Served(item.name, item.plan, item.speed, item.state, whole=True)
    )


def _keeps(change: Change) -> bool:
    after = change.item
    return change.before is not None and replace(change.before, state=after.state) == after


def untouched(hosts: Sequence[Host], foreign: Mapping[str, Mapping[Key, Item]]) -> bool:
    """Whether what is not ours is the very same as at the beginning."""
    return all(
        each.items.get(key) is item for each in hosts for key, item in foreign[each.name].items()
    )


def states(hosts: Sequence[Host], owner: Owner) -> list[State]:
    """How an owner's items stand."""
    return [item.state for each in hosts for item in each.items.values() if item.owner == owner]
