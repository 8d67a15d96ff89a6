"""A room of its own kind: back ends in memory that keep the same contract as the real ones."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self

from ispalier.api.access import Login
from ispalier.api.catalogue import Plan
from ispalier.billing.observed import observed
from ispalier.billing.revenue import charges, shifts
from ispalier.core.changes import ChangeSet, Verb
from ispalier.core.engine import Engine
from ispalier.core.gather import Identity, owner_of
from ispalier.core.impact import Impact
from ispalier.core.items import Item, Key, Place
from ispalier.core.memory import Claim, Wish
from ispalier.core.retention import Retention
from ispalier.core.room import Backend, Results, Room, Scope
from ispalier.ipam.backend import Register
from ispalier.ipam.desired import REGISTER
from ispalier.ipam.room import ROOM as IPAM
from ispalier.journal.identity import Papers
from ispalier.journal.journal import Journal
from ispalier.journal.seal import Seal
from ispalier.world.errors import IspalierError, Unavailable
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot
from ispalier.world.view import View

KEY = Seal.new_key()
HOME = Identity("test", KEY)
HOST = "memory"
NO_SECRET = Secret("")
OPENED: list[Journal] = []
"""Journals of the test that runs, closed at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Item):
    """What a login or a plan has here."""

    suspends = True
    name: str
    speed: str = ""
    password: Secret = NO_SECRET
    plan: str = ""

    @property
    def key(self) -> Key:
        return ("line", self.name)

    @property
    def needs(self) -> tuple[Key, ...]:
        return (("line", self.plan),) if self.plan else ()

    def felt(self, after: Self) -> Impact:
        if len(after.speed) < len(self.speed) or after.speed < self.speed:
            return Impact.DEGRADE
        mine = (self.password, self.plan)
        return Impact.REFRESH if mine == (after.password, after.plan) else Impact.INTERRUPT


@dataclass(slots=True)
class Memory:
    """A back end that can be told to fail; `changed` holds the key of every applied change."""

    items: dict[Key, Item] = field(default_factory=dict)
    changed: list[Key] = field(default_factory=list)
    fail: Callable[[str], IspalierError | None] = lambda _: None
    lose_after: Callable[[], bool] = lambda: False

    @property
    def writes(self) -> int:
        """How many changes were applied."""
        return len(self.changed)

    async def observe(self, scope: Scope) -> Sequence[Item]:
        self._maybe_fail("observe")
        return [
            item
            for item in self.items.values()
            if scope.everything
            or item.key in scope.keys
            or (item.owner is not None and item.owner.customer in scope.customers)
        ]

    async def apply(self, changes: ChangeSet) -> Results:
        self._maybe_fail("apply")
        for change in changes:
            self.changed.append(change.key)
            if change.verb is Verb.DELETE:
                self.items.pop(change.key, None)
            else:
                self.items[change.key] = change.item
            if self.lose_after():
                message = "the answer was lost"
                raise Unavailable(message)
        return dict.fromkeys(each.key for each in changes)

    async def close(self) -> None:
        """Nothing to let go of."""

    def _maybe_fail(self, call: str) -> None:
        error = self.fail(call)
        if error is not None:
            raise error


def _line(view: View, login: Login) -> Iterable[Item]:
    subscription = view.subscription_of(login.spec.subscription_ref, login.namespace)
    plan = view.plan_of(subscription)
    password, _ = view.password(login, login.spec.password)
    yield Line(
        host=HOST,
        owner=owner_of(view, login),
        state=view.state_of(login),
        name=login.spec.username or "",
        password=password,
        plan=f"plan:{plan.name}",
    )


def _group(view: View, plan: Plan) -> Iterable[Item]:
    speed = plan.spec.access.profile_ref.name if plan.spec.access else ""
    yield Line(host=HOST, owner=owner_of(view, plan), name=f"plan:{plan.name}", speed=speed)


def _wishes(view: View, login: Login) -> Iterable[Wish]:
    yield Claim("user name", login.spec.username or "", owner_of(view, login))


def tells(item: Item) -> Iterable[Claim]:
    """What the owner of a line must have claimed."""
    if isinstance(item, Line) and item.owner is not None and item.owner.kind == Login.__name__:
        yield Claim("user name", item.name, item.owner)


@dataclass(slots=True)
class Hosts:
    """The memory host and the register."""

    backends: Mapping[Place, Backend]
    target_of: str = "here"

    def places(self) -> Sequence[Place]:
        return list(self.backends)

    def target(self, place: Place) -> str:
        return f"{self.target_of}/{place[1]}"

    def backend(self, place: Place) -> Backend:
        return self.backends[place]

    async def close(self) -> None:
        """Nothing to let go of."""


def engine(
    world: Snapshot,
    memory: Memory,
    url: str = "sqlite://",
    home: Identity = HOME,
    **settings: Retention,
) -> Engine:
    """An engine with one room in memory, the real register and a real journal."""
    journal = Journal.open(url, home.key, home.installation, source=home.source)
    OPENED.append(journal)
    register = Register(journal.engine)
    room = Room(
        name="memory",
        host_type="memory",
        connect=lambda _: memory,
        desired={Login: _line, Plan: _group},
        wishes={Login: _wishes},
        tells=tells,
    )
    return Engine(
        identity=home,
        world=world,
        journal=journal,
        rooms=(IPAM, room),
        hosts=Hosts({("ipam", REGISTER): register, ("memory", HOST): memory}),
        facts=observed,
        shifts=shifts,
        charges=charges,
        **settings,  # type: ignore[arg-type]  # only Retention is given
    )


def shared(parts: Engine) -> None:
    """Let the host in memory serve other installations, too."""
    assert isinstance(parts.journal, Journal)
    Papers(parts.journal.engine).adopt(HOST, "for tests", datetime(2026, 11, 21, tzinfo=UTC))


def changed(item: Line, **values: object) -> Line:
    """An item as somebody edited it by hand."""
    return replace(item, **values)  # type: ignore[arg-type]  # any field of a line
