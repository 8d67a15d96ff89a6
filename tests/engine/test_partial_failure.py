"""A host that hangs, is slow, or fails for one customer holds up nobody else and nothing else."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import anyio

from ispalier.core.calls import AT_ONCE, Calls, Request
from ispalier.core.changes import ChangeSet, Verb
from ispalier.core.engine import Engine, Outcome
from ispalier.core.items import ANYWHERE, Item, Key, Place
from ispalier.core.patience import FLOOR
from ispalier.core.reconcile import reconcile
from ispalier.core.room import Results, Scope
from ispalier.ipam.desired import REGISTER
from ispalier.world.errors import Refused, Unanswered, Unasked, Unavailable
from tests.builders import NOW, claim, login, snapshot, subscription, tenant
from tests.engine.passes import LINE, PROVIDER, SILVA, message, ready, verbs
from tests.inmemory import HOST, Memory, engine

SOUZA = (tenant("souza", "10043"), subscription("souza"), login("eva", "souza"))
PLACE = ("memory", HOST)
LONG = 3 * FLOOR
"""Seconds in which every call that is not waited for is given up."""


@dataclass(slots=True)
class Gated(Memory):
    """A back end whose calls wait at a gate while it is shut."""

    shut: set[str] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    calls: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    batches: list[ChangeSet] = field(default_factory=list)
    refuses_many: bool = False

    async def observe(self, scope: Scope) -> Sequence[Item]:
        await self._pass("observe")
        return await Memory.observe(self, scope)

    async def apply(self, changes: ChangeSet) -> Results:
        self.batches.append(changes)
        if self.refuses_many and len(changes) > 1:
            raise Unavailable("not so many")
        await self._pass("apply")
        return await Memory.apply(self, changes)

    async def _pass(self, call: str) -> None:
        self.calls.append(call)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if call in self.shut:
            await self.gate.wait()
        self.at_once -= 1

    def open(self) -> None:
        """Let everybody through."""
        self.shut.clear()
        self.gate.set()


async def one(parts: Engine, customer: str, *only: Place) -> Outcome:
    (outcome,) = await reconcile(parts, [customer], NOW, only={customer: only} if only else {})
    return outcome


async def settled(parts: Engine) -> None:
    """Until what was given up has ended and was told."""
    await parts.calls.settled()
    await asyncio.sleep(0)


def test_a_pass_waits_no_longer_for_a_host_than_it_usually_takes() -> None:
    memory = Gated()
    parts = engine(snapshot(*PROVIDER, *SILVA, claim("joao", "joao")), memory)

    async def story() -> tuple[Outcome, float]:
        await one(parts, "")
        memory.shut = {"observe"}
        began = asyncio.get_running_loop().time()
        outcome = await one(parts, "10042")
        return outcome, asyncio.get_running_loop().time() - began

    silva, seconds = anyio.run(story)

    assert seconds < FLOOR + 0.5
    assert ready(silva, claim("joao", "joao"))["Ready"] == "True Ready"
    assert message(silva, SILVA[2]) == "host 'memory' has not answered yet, after 0.8 s"
    assert isinstance(silva.failing[PLACE], Unanswered)


def test_an_answer_that_comes_late_is_not_used_but_told() -> None:
    memory = Gated()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    heard: list[tuple[Place, Collection[str]]] = []

    async def story() -> tuple[Outcome, Outcome]:
        parts.calls.heard = lambda place, whom: heard.append((place, whom))
        await one(parts, "")
        memory.shut = {"observe"}
        await one(parts, "10042")
        left_alone = await one(parts, "10042")
        memory.open()
        await settled(parts)
        return left_alone, await one(parts, "10042", PLACE)

    left_alone, after = anyio.run(story)

    assert isinstance(left_alone.failing[PLACE], Unasked)
    assert heard == [(PLACE, ()), (PLACE, {"10042"})]
    assert verbs(after) == [Verb.CREATE]
    assert not after.retry


def test_a_batch_that_is_still_on_its_way_is_not_sent_again() -> None:
    memory = Gated()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)

    async def story() -> list[Outcome]:
        await one(parts, "")
        memory.shut = {"apply"}
        given_up = await one(parts, "10042")
        parts.calls.circuits.answered(PLACE)
        meanwhile = await one(parts, "10042")
        memory.open()
        await settled(parts)
        return [given_up, meanwhile, await one(parts, "10042")]

    given_up, meanwhile, after = anyio.run(story)

    assert isinstance(given_up.failing[PLACE], Unanswered)
    assert message(meanwhile, SILVA[2]) == "host 'memory' is still at the changes before"
    assert [len(each) for each in memory.batches] == [1, 1]
    assert verbs(after) == []
    assert ready(after, SILVA[2])["Ready"] == "True Ready"


def test_what_is_still_being_written_is_not_written_for_somebody_else() -> None:
    memory = Gated()
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA), memory)

    async def story() -> Outcome:
        await one(parts, "")
        memory.shut = {"apply"}
        await one(parts, "10042")
        parts.calls.circuits.answered(PLACE)
        parts.world.put(login("joao2", name="joao"))
        await one(parts, "10042")
        parts.world.put(login("joao", "souza", name="eva"))
        return await one(parts, "10043")

    souza = anyio.run(story)

    assert message(souza, SOUZA[2]) == "host 'memory' is still at the changes before"
    assert [{LINE}] == [{each.key for each in batch} for batch in memory.batches[1:]]


def test_only_so_many_calls_of_one_host_are_on_their_way_at_once() -> None:
    memory, calls = Gated(shut={"observe"}), Calls()

    async def story() -> int:
        asking = asyncio.gather(*(calls.answer(asked(memory)) for _ in range(2 * AT_ONCE)))
        await asyncio.sleep(0.01)
        waiting = calls.at_work[PLACE]
        memory.open()
        assert await asking == [[]] * 2 * AT_ONCE
        return waiting

    waiting = anyio.run(story)

    assert [waiting, memory.most_at_once] == [AT_ONCE, AT_ONCE]
    assert calls.queued[PLACE] == AT_ONCE
    assert calls.at_work[PLACE] == 0


def asked(memory: Memory) -> Request[Sequence[Item]]:
    return Request(
        place=PLACE,
        verb="observe",
        make=lambda: memory.observe(Scope()),
        seconds=LONG,
        customers=frozenset(),
        size=0,
    )


def test_a_slow_host_gets_on_once_it_is_known_to_be_slow() -> None:
    memory = Gated()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)

    async def slow() -> Outcome:
        memory.shut, memory.gate = {"observe"}, asyncio.Event()
        asyncio.get_running_loop().call_later(1.5 * FLOOR, memory.gate.set)
        return await one(parts, "10042")

    async def story() -> tuple[Outcome, Outcome]:
        await one(parts, "")
        first = await slow()
        await settled(parts)
        return first, await slow()

    first, second = anyio.run(story)

    assert isinstance(first.failing[PLACE], Unanswered)
    assert ready(second, SILVA[2])["Ready"] == "True Ready"


def test_a_unit_that_is_tried_again_asks_only_the_host_at_which_it_failed() -> None:
    memory = Gated(fail=lambda call: Unavailable("it is down") if call == "apply" else None)
    parts = engine(snapshot(*PROVIDER, *SILVA, claim("joao", "joao")), memory)

    async def story() -> list[Outcome]:
        memory.fail, fail = lambda _: None, memory.fail
        await one(parts, "")
        memory.fail = fail
        failed = await one(parts, "10042")
        calls = len(memory.calls)
        elsewhere = await one(parts, "10042", ("ipam", REGISTER))
        assert len(memory.calls) == calls
        memory.fail = lambda _: None
        return [failed, elsewhere, await one(parts, "10042", *failed.failing)]

    failed, elsewhere, again = anyio.run(story)

    assert list(failed.failing) == [PLACE]
    assert verbs(elsewhere) == []
    assert verbs(again) == [Verb.CREATE]
    assert ready(again, SILVA[2])["Ready"] == "True Ready"


def test_a_unit_with_other_troubles_is_tried_as_a_whole() -> None:
    memory = Gated()
    dangling = login("ana", subscriptionRef={"name": "none"})
    parts = engine(snapshot(*PROVIDER, *SILVA, dangling), memory)

    async def story() -> Outcome:
        await one(parts, "")
        memory.fail = lambda call: Refused("no") if call == "apply" else None
        return await one(parts, "10042")

    silva = anyio.run(story)

    assert {PLACE, ANYWHERE} == set(silva.failing)


def test_who_is_suspended_goes_first_also_when_a_batch_is_made_unit_by_unit() -> None:
    memory = Gated()
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA), memory)

    async def story() -> None:
        await one(parts, "")
        await one(parts, "10043")
        suspensions = [{"reason": "Unpaid", "since": "2026-11-20"}]
        parts.world.put(subscription("souza", suspensions=suspensions))
        memory.batches.clear()
        memory.refuses_many = True
        await reconcile(parts, ["10042", "10043"], NOW)

    anyio.run(story)

    both, first, second = memory.batches
    assert [each.verb for each in both] == [Verb.SUSPEND, Verb.CREATE]
    assert [keys(first), keys(second)] == [[("line", "eva")], [LINE]]


def keys(batch: ChangeSet) -> list[Key]:
    return [each.key for each in batch]
