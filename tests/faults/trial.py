"""A trial: the engine on a journal and two hosts that fail, and a judge who looks at every change."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ispalier.api.base import Resource
from ispalier.billing.observed import observed
from ispalier.core.changes import ChangeSet
from ispalier.core.engine import Engine, Outcome
from ispalier.core.gather import NAMESPACE
from ispalier.core.items import PROVIDER, Item, Key, Owner
from ispalier.core.limits import Limits
from ispalier.core.memory import Acquaintance
from ispalier.core.reconcile import reconcile
from ispalier.core.sweep import sweep
from ispalier.ipam.backend import Register
from ispalier.ipam.desired import REGISTER
from ispalier.ipam.room import ROOM as IPAM
from ispalier.world.errors import IspalierError, Unavailable, Waiting
from ispalier.world.snapshot import Ident, ident
from tests.builders import NOW
from tests.faults.clock import Loop
from tests.faults.declared import CUSTOMERS, USERS, Declared
from tests.faults.host import Host
from tests.faults.judge import FOREIGN, PASS, RETENTION, Judge, is_served, untouched
from tests.faults.memory import full, full_at_commit, journal, store
from tests.faults.room import HOSTS, ROOM
from tests.inmemory import HOME, Hosts, Line

UNITS = (PROVIDER, *CUSTOMERS)


class Killed(BaseException):
    """The process is no more."""


@dataclass(slots=True)
class Trial:
    """Everything of one schedule. What happens is drawn from `chance` alone."""

    chance: Random
    rate: float = 0.0
    declared: Declared = field(default_factory=Declared.begin)
    hosts: list[Host] = field(default_factory=list)
    foreign: dict[str, dict[Key, Item]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    dirty: set[str] = field(default_factory=lambda: set(UNITS))
    alarms: dict[str, datetime] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    offset: timedelta = timedelta()
    latest: datetime = NOW
    """The latest that the clock on the wall has ever said."""
    dies_in: int | None = None
    is_dead: bool = False
    calls: bool = False
    """Whether the engine is in a call of the journal."""
    meanwhile: Callable[[], None] | None = None
    """An edit that is made while a pass is at work."""
    seen: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    """What happened, for whoever replays it."""
    process: int = 0
    friends: set[str] = field(default_factory=set)
    """Hosts that held something of ours since the journal began, or that a person let us share."""
    was_set_back: bool = False
    """Whether the journal may have forgotten who gave a name up: it is kept then."""
    is_lost: bool = False
    """Whether the journal knows no host, and every host knows us."""
    judge: Judge = field(init=False)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        memory, new = store()
        memory.restore(new)
        memory.on_statement = self._statement
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)
        loop.guard = self._guard
        self.declared.clock = lambda: self.now
        self.judge = Judge(self.declared, self.now, self.names, self.off)
        for name in HOSTS:
            strangers = self._strangers(name)
            chance = Random(self.chance.random())  # noqa: S311 - not for secrets
            host = Host(name, dict(strangers), chance, self._point, self._judged, self.rate)
            self.hosts.append(host)
            self.foreign[name] = strangers
        self.start()
        self.look()

    @property
    def now(self) -> datetime:
        """What the clock on the wall says."""
        return NOW + self.offset + timedelta(seconds=asyncio.get_running_loop().time())

    def start(self) -> None:
        """The process begins anew: nothing is remembered but the journal."""
        self.tell("a process starts")
        self.is_dead, self.dies_in, self.meanwhile = False, None, None
        self.process += 1
        self.engine = self.made()
        self._see()
        self.dirty = set(UNITS)
        self.alarms.clear()
        self.waiting.clear()

    def made(self) -> Engine:
        """An engine of its own, as a command has it."""
        memory = journal()
        places: dict[tuple[str, str], Any] = {("memory", each.name): each for each in self.hosts}
        return Engine(
            identity=HOME,
            world=self.declared.world,
            journal=memory,
            rooms=(IPAM, ROOM),
            hosts=Hosts({("ipam", REGISTER): Register(memory.engine), **places}),
            facts=observed,
            limits=self.limits,
            retention=RETENTION,
        )

    def forget(self, back: timedelta) -> None:
        """The journal is another one, as old as this; a new process reads it."""
        self.judge.forget(back)
        self.was_set_back = True
        self.start()
        self.read()
        self.friends = set(self.known.adopted)
        self.is_lost = self.known.is_empty and all(each.ours() for each in self.hosts)

    @property
    def known(self) -> Acquaintance:
        """What the journal knows of hosts."""
        return self.engine.journal.acquaintance()

    def read(self) -> None:
        """A person wrote in the journal, or it is another one."""
        self.judge.unconfirmed = self.known.unconfirmed
        self.friends |= self.known.adopted
        self.is_lost = self.is_lost and self.known.is_empty

    def tell(self, text: str) -> None:
        """Note what happens."""
        self.told.append(f"{self.now:%d.%m. %H:%M:%S} {text}")

    def _see(self) -> None:
        """Where the journal knows each customer to be."""
        query = f"SELECT customer, value FROM choice WHERE topic = '{NAMESPACE}'"  # noqa: S608
        self.declared.seen = dict(store()[0].rows(query))

    def look(self) -> None:
        """Something was edited, or time went by: the judge takes it in."""
        self.latest = max(self.latest, self.now)
        self.judge.look(self.now)
        self.dirty |= set(UNITS)

    async def make(self, *groups: Sequence[str]) -> None:
        """Passes over these groups of units, side by side; if the process dies, a new one starts."""
        works = [self._pass(each) for each in groups]
        await self._surely(works)

    async def sweep(self) -> list[str]:
        """Compare everything; the units that differ are dirty."""
        found: list[str] = []

        async def work() -> None:
            PASS.set(self.judge.since(self.process))
            self.tell("sweep")
            try:
                found.extend((await sweep(self.engine, self.now)).units)
            except IspalierError:
                self.seen["sweep failed"] += 1
            self.dirty |= set(found)

        await self._surely([work()])
        return found

    async def wait(self, seconds: float) -> None:
        """Let time pass; alarms ring."""
        await asyncio.sleep(seconds)
        self.latest = max(self.latest, self.now)
        self.judge.look(self.now)
        for unit, when in sorted(self.alarms.items()):
            if when <= self.now:
                self.dirty.add(unit)
                del self.alarms[unit]

    async def _surely(self, works: Iterable[Any]) -> None:
        ended = await asyncio.gather(*works, return_exceptions=True)
        for each in ended:
            if isinstance(each, BaseException) and not isinstance(each, Killed):
                raise each
        if self.is_dead:
            self.seen["killed"] += 1
            self.start()
        self.check()

    async def _pass(self, units: Sequence[str]) -> None:
        since = self.judge.since(self.process)
        PASS.set(since)
        self.tell(f"pass over {units}")
        self.dirty -= set(units)
        try:
            outcomes = await reconcile(self.engine, units, self.now)
        except IspalierError:
            self.dirty |= set(units)
            self.seen["pass failed"] += 1
            return
        finally:
            self._see()
        self._point("passed")
        for outcome in outcomes:
            self._conclude(outcome, since.first)

    def _conclude(self, outcome: Outcome, first: int) -> None:
        unit = outcome.customer
        for owner, problem in sorted(outcome.problems.items()):
            self.tell(f"  {unit}: {owner}: {problem.reason}: {problem}")
        self.judge.saw(unit, first)
        self._tell(outcome)
        self._check_told(outcome, first)
        if outcome.retry:
            self.dirty.add(unit)
        self.alarms.pop(unit, None)
        if outcome.wake is not None:
            self.alarms[unit] = outcome.wake
        if any(isinstance(each, Waiting) for each in outcome.problems.values()):
            self.waiting.add(unit)
        if unit == PROVIDER and any(outcome.changes.values()):
            self.dirty |= self.waiting
            self.waiting.clear()

    def _tell(self, outcome: Outcome) -> None:
        """Write statuses where the engine reads them, as the API server would."""
        for which, body in outcome.statuses.items():
            there = self.declared.world.find(which)
            if isinstance(there, Resource):
                status = type(there.status).model_validate(body)
                self.declared.world.put(there.model_copy(update={"status": status}))

    def _check_told(self, outcome: Outcome, first: int) -> None:
        """Who is said to be Ready is served by every host, unless one of them lied."""
        seen = self.judge.versions[first].served
        for owner in sorted(self.judge.versions[-1].served):
            there = self.find(owner)
            if owner.customer != outcome.customer or there is None:
                continue
            is_told = owner in seen or ident(there) in outcome.statuses
            if is_told and is_ready(there):
                self._check_ready(owner, first)

    def _check_ready(self, owner: Owner, first: int) -> None:
        known = [each.served[owner] for each in self.judge.versions[first:] if owner in each.served]
        for host in self.hosts:
            keys = {("line", each.name) for each in known}
            if not any(is_served(host.items.get(key), each) for each in known for key in keys):
                told = f"{owner} is Ready and not served by {host.name}: {known}"
                assert keys & host.damaged, told

    def check(self) -> None:
        """What holds at any time."""
        assert untouched(self.hosts, self.foreign), "what is not ours was touched"
        for host in self.hosts:
            self._forgive(host)
        self._befriend()
        last: dict[tuple[str, ...], str] = {}
        query = "SELECT customer, subscription, topic, value FROM fact ORDER BY seq"
        for *of, value in store()[0].rows(query):
            assert last.get(tuple(of)) != value, f"a fact was noted twice: {of}: {value}"
            last[tuple(of)] = value

    def find(self, owner: Owner) -> Resource | None:
        """The resource that an owner is."""
        space = self.declared.homes.get(owner.customer, "")
        found = self.declared.world.find(Ident(owner.kind, space, owner.name))
        return found if isinstance(found, Resource) else None

    def names(self) -> dict[str, Owner]:
        """Who has which user name by the journal."""
        query = (
            "SELECT value, customer, owner_kind, owner_name FROM binding"
            " WHERE kind = 'user name' AND until IS NULL"
        )
        return {name: Owner("test", *owner) for name, *owner in store()[0].rows(query)}

    def off(self) -> set[Owner]:
        """Who is switched off by the journal."""
        query = "SELECT customer, owner_kind, owner_name FROM absence WHERE retired IS NOT NULL"
        return {Owner("test", *owner) for owner in store()[0].rows(query)}

    def _forgive(self, host: Host) -> None:
        """What is right is not damaged any more."""
        served = self.judge.versions[-1].served
        for owner, each in served.items():
            item = host.items.get(("line", each.name))
            if item is not None and item.owner == owner and is_served(item, each):
                host.damaged.discard(("line", each.name))

    def _judged(self, host: Host, changes: ChangeSet) -> None:
        self.judge.now = self.now
        for each in changes:
            self.tell(
                f"  {host.name}: {each.verb} {each.key} of {each.owner}: {each.item.state.name}"
            )
        self._befriend()
        if PASS.get().process == self.process:
            self._check_met(host)
        self.judge.check(host, changes)

    def _befriend(self) -> None:
        self.friends |= {each.name for each in self.hosts if each.ours()}
        self.is_lost = self.is_lost and all(each.ours() for each in self.hosts)

    def _check_met(self, host: Host) -> None:
        """Nothing is written to a host that is not known, nor with a journal that was lost."""
        assert not self.is_lost, "the journal is lost, and nobody had it rebuilt"
        assert ("memory", host.name) in self.known.hosts, f"{host.name} was never looked at"
        if host.name not in self.friends:
            assert not host.strangers(), f"{host.name} is another installation's"

    def _strangers(self, host: str) -> dict[Key, Item]:
        return {
            ("line", user): Line(
                host=host, owner=self.chance.choice(FOREIGN), name=user, speed="by hand"
            )
            for user in (*USERS, "elsewhere")
            if self.chance.random() < 0.1
        }

    def _point(self, _: str) -> None:
        """A place at which the process may die, or somebody may edit something."""
        if self._dies():
            raise Killed
        if self.meanwhile is not None and self.chance.random() < 0.2:
            edit, self.meanwhile = self.meanwhile, None
            edit()
            self.look()

    def _dies(self) -> bool:
        if self.dies_in is not None:
            self.dies_in -= 1
            self.is_dead = self.is_dead or self.dies_in <= 0
        return self.is_dead

    def _statement(self, statement: str) -> None:
        """Within a transaction, which is rolled back if this raises."""
        if not self.calls or statement.startswith("ROLLBACK"):
            return
        fails = self.chance.random() < self.rate / 40
        if self._dies() or fails:
            self.seen["disk full"] += not self.is_dead
            raise full_at_commit() if statement == "COMMIT" else full()

    def in_call(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever it returns
        """Do something with the journal, which may fail at every statement."""
        self._point("call")
        self.calls = True
        try:
            return work()
        except IspalierError:
            self._point("failed")
            raise
        finally:
            self.calls = False

    def _guard(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever a thread returns
        """What the engine gives to a thread: calls of the journal, whose answers may be lost."""
        result = self.in_call(work)
        self._point("called")
        if self.chance.random() < self.rate / 10:
            self.seen["answer of the journal lost"] += 1
            raise Unavailable("the journal's answer was lost")
        return result

    @contextmanager
    def peace(self) -> Iterator[None]:
        """Nothing fails in here."""
        rates = [each.rate for each in self.hosts]
        rate, self.rate = self.rate, 0.0
        for each in self.hosts:
            each.rate = 0.0
            each.down_until = each.hangs_until = 0.0
        yield
        self.rate = rate
        for each, before in zip(self.hosts, rates, strict=True):
            each.rate = before


def is_ready(there: Resource) -> bool:
    """Whether its status says so of what is declared now."""
    return there.status.observed_generation == there.metadata.generation and any(
        each.type == "Ready" and each.status == "True" for each in there.status.conditions
    )
