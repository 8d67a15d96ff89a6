"""A pass over many units: they share a look and a batch at every host, and nothing else."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import anyio
import pytest

from ispalier.core.changes import ChangeSet, Verb
from ispalier.core.circuit import SLOW
from ispalier.core.engine import Engine, Outcome
from ispalier.core.items import Item, Key, Owner
from ispalier.core.reconcile import reconcile
from ispalier.core.room import Results, Scope
from ispalier.core.together import ENOUGH
from ispalier.world.errors import Refused, Unavailable
from ispalier.world.snapshot import ident
from tests.builders import NOW, claim, login, snapshot, subscription, tenant
from tests.engine.passes import LINE, PROVIDER, SILVA, message, ready, verbs
from tests.inmemory import HOST, Line, Memory, engine, shared

SOUZA = (tenant("souza", "10043"), subscription("souza"), login("eva", "souza"))
BOTH = ("10042", "10043")


@dataclass(slots=True)
class Picky(Memory):
    """A back end that refuses some keys, and remembers what it was asked."""

    refuses: frozenset[Key] = frozenset()
    hangs: bool = False
    poison: dict[str, str] = field(default_factory=dict)
    """Calls that fail whenever these customers are among those they are for."""
    scopes: list[Scope] = field(default_factory=list)
    batches: list[ChangeSet] = field(default_factory=list)

    async def observe(self, scope: Scope) -> Sequence[Item]:
        self.scopes.append(scope)
        if self.hangs:
            await anyio.sleep_forever()
        self._fall_ill("observe", scope.customers)
        return await Memory.observe(self, scope)

    async def apply(self, changes: ChangeSet) -> Results:
        self.batches.append(changes)
        self._fall_ill("apply", [each.owner.customer for each in changes if each.owner])
        taken = [each for each in changes if each.key not in self.refuses]
        refused = dict.fromkeys(self.refuses, Refused("it will not take it"))
        return {**await Memory.apply(self, ChangeSet(tuple(taken))), **refused}

    def _fall_ill(self, call: str, customers: Iterable[str]) -> None:
        if any(self.poison.get(each) == call for each in customers):
            raise Unavailable("it cannot do that one")


@dataclass(slots=True)
class Leaving(Memory):
    """A back end during whose changes something happens to what is declared."""

    leave: Callable[[], None] = lambda: None

    async def apply(self, changes: ChangeSet) -> Results:
        if any(each.owner and each.owner.customer for each in changes):
            self.leave()
        return await Memory.apply(self, changes)


def run(parts: Engine, *customers: str) -> Sequence[Outcome]:
    async def passes() -> Sequence[Outcome]:
        await reconcile(parts, [""], NOW)
        return await reconcile(parts, customers, NOW)

    return anyio.run(passes)


def test_many_units_share_one_look_and_one_batch() -> None:
    memory = Picky()
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA), memory)

    silva, souza = run(parts, *BOTH)

    assert [verbs(silva), verbs(souza)] == [[Verb.CREATE], [Verb.CREATE]]
    assert [set(), {""}, set(BOTH)] == [set(each.customers) for each in memory.scopes]
    assert [len(each) for each in memory.batches] == [1, 2]


def test_what_a_host_refuses_of_one_unit_is_told_to_that_one_alone() -> None:
    memory = Picky(refuses=frozenset({LINE}))
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA), memory)

    silva, souza = run(parts, *BOTH)

    assert ready(silva, SILVA[2])["Ready"] == "False BackendRefused"
    assert ready(souza, SOUZA[2])["Ready"] == "True Ready"
    assert [silva.retry, souza.retry] == [True, False]


def test_a_host_that_does_not_answer_is_told_to_all() -> None:
    memory = Picky(poison={"10042": "apply", "10043": "apply"})
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA), memory)

    silva, souza = run(parts, *BOTH)

    assert ready(silva, SILVA[2])["Ready"] == "False BackendUnavailable"
    assert ready(souza, SOUZA[2])["Ready"] == "False BackendUnavailable"


@pytest.mark.parametrize("call", ["observe", "apply"])
def test_a_customer_on_whom_a_host_fails_does_not_fail_the_others(call: str) -> None:
    memory = Picky(poison={"10042": call})
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA), memory)

    silva, souza = run(parts, *BOTH)

    assert ready(silva, SILVA[2])["Ready"] == "False BackendUnavailable"
    assert ready(souza, SOUZA[2])["Ready"] == "True Ready"


def test_a_host_that_fails_on_everybody_is_not_asked_for_each() -> None:
    numbers = [str(number) for number in range(10)]
    tenants = [
        each
        for n in numbers
        for each in (tenant(f"t{n}", n), subscription(f"t{n}"), login(f"l{n}", f"t{n}"))
    ]
    memory = Picky(poison=dict.fromkeys(numbers, "observe"))
    spaces = [f"t{n}" for n in numbers]
    parts = engine(snapshot(*PROVIDER, *tenants, secrets=spaces), memory)

    outcomes = run(parts, *numbers)

    assert all(outcome.retry for outcome in outcomes)
    assert len(memory.scopes) == 1 + 1 + 1 + ENOUGH


def test_a_host_that_hangs_is_left_alone_and_the_others_go_on() -> None:
    memory = Picky(hangs=True)
    claims = (claim("joao", "joao"), claim("eva", "eva", "souza"))
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA, *claims), memory)
    parts.timeout = 1.1 * SLOW

    async def passes() -> Sequence[Outcome]:
        first = await reconcile(parts, ["10042"], NOW)
        return [*first, *await reconcile(parts, ["10043"], NOW)]

    silva, souza = anyio.run(passes)

    assert ready(silva, claims[0])["Ready"] == "True Ready"
    assert ready(souza, claims[1])["Ready"] == "True Ready"
    assert ready(souza, SOUZA[2])["Ready"] == "False BackendUnavailable"
    assert "it is left alone for a while" in message(souza, SOUZA[2])
    assert [set()] == [set(each.customers) for each in memory.scopes]


def test_a_user_name_goes_from_one_customer_to_another() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA), memory)
    run(parts, *BOTH)
    parts.world.put(login("silva2", name="joao"))
    theirs = login("joao", "souza", name="eva")
    parts.world.put(theirs)

    _, first = run(parts, *BOTH)
    between = set(memory.items)
    _, second = run(parts, *BOTH)

    assert ready(first, theirs)["Ready"] == "False Waiting"
    assert first.retry
    assert ("line", "eva") in between
    assert ready(second, theirs)["Ready"] == "True Ready"
    assert memory.items[LINE].owner == Owner("test", "10043", "Login", "eva")
    assert ("line", "eva") not in memory.items


def test_of_two_customers_with_one_user_name_only_one_is_served() -> None:
    memory = Memory()
    theirs = login("joao", "souza")
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA[:2], theirs), memory)

    silva, souza = run(parts, *BOTH)

    assert ready(silva, SILVA[2])["Ready"] == "True Ready"
    assert ready(souza, theirs)["Ready"] == "False Conflict"
    assert memory.items[LINE].owner == Owner("test", "10042", "Login", "joao")


def test_an_item_of_somebody_else_is_nobodys_to_touch_in_a_batch() -> None:
    foreign = Line(host=HOST, owner=Owner("elsewhere", "10042", "Login", "joao"), name="joao")
    memory = Memory(items={LINE: foreign})
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA), memory)
    shared(parts)

    silva, souza = run(parts, *BOTH)

    assert ready(silva, SILVA[2])["Ready"] == "False Conflict"
    assert verbs(souza) == [Verb.CREATE]
    assert memory.items[LINE] is foreign


def test_a_tenant_that_is_deleted_during_a_pass_does_not_break_it() -> None:
    memory = Leaving()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    memory.leave = lambda: parts.world.remove(ident(SILVA[0]))

    (silva,) = run(parts, "10042")

    assert verbs(silva) == [Verb.CREATE]
