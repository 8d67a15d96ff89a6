"""A pass over many units: they share a look and a batch at every host, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio

from ispalier.core.changes import ChangeSet, Verb
from ispalier.core.engine import Engine, Outcome
from ispalier.core.items import Item, Key, Owner
from ispalier.core.reconcile import reconcile
from ispalier.core.room import Results, Scope
from ispalier.world.errors import Refused, Unavailable
from tests.builders import NOW, login, snapshot, subscription, tenant
from tests.engine.passes import LINE, PROVIDER, SILVA, ready, verbs
from tests.inmemory import HOST, Line, Memory, engine

SOUZA = (tenant("souza", "10043"), subscription("souza"), login("eva", "souza"))
BOTH = ("10042", "10043")


@dataclass(slots=True)
class Picky(Memory):
    """A back end that refuses some keys, and remembers what it was asked."""

    refuses: frozenset[Key] = frozenset()
    scopes: list[Scope] = field(default_factory=list)
    batches: list[ChangeSet] = field(default_factory=list)

    async def observe(self, scope: Scope) -> Sequence[Item]:
        self.scopes.append(scope)
        return await Memory.observe(self, scope)

    async def apply(self, changes: ChangeSet) -> Results:
        self.batches.append(changes)
        taken = [each for each in changes if each.key not in self.refuses]
        refused = dict.fromkeys(self.refuses, Refused("it will not take it"))
        return {**await Memory.apply(self, ChangeSet(tuple(taken))), **refused}


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
    assert [{""}, set(BOTH)] == [set(each.customers) for each in memory.scopes]
    assert [len(each) for each in memory.batches] == [1, 2]


def test_what_a_host_refuses_of_one_unit_is_told_to_that_one_alone() -> None:
    memory = Picky(refuses=frozenset({LINE}))
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA), memory)

    silva, souza = run(parts, *BOTH)

    assert ready(silva, SILVA[2])["Ready"] == "False BackendRefused"
    assert ready(souza, SOUZA[2])["Ready"] == "True Ready"
    assert [silva.retry, souza.retry] == [True, False]


def test_a_host_that_does_not_answer_is_told_to_all() -> None:
    calls = iter(["", "", "", Unavailable("it is down")])
    memory = Memory(fail=lambda _: next(calls) or None)  # type: ignore[arg-type,return-value]  # the last is an error
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA), memory)

    silva, souza = run(parts, *BOTH)

    assert ready(silva, SILVA[2])["Ready"] == "False BackendUnavailable"
    assert ready(souza, SOUZA[2])["Ready"] == "False BackendUnavailable"


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

    silva, souza = run(parts, *BOTH)

    assert ready(silva, SILVA[2])["Ready"] == "False Conflict"
    assert verbs(souza) == [Verb.CREATE]
    assert memory.items[LINE] is foreign
