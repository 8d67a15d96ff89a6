"""A name that was given up and granted to another customer is nobody else's to keep."""

import anyio

from ispalier.core.changes import Verb
from ispalier.core.items import Item, Key
from ispalier.core.sweep import sweep
from ispalier.world.errors import IspalierError, Unavailable
from tests.builders import NOW, login, snapshot, subscription, tenant
from tests.engine.passes import HOUR, PROVIDER, SILVA, ready, run, told, verbs
from tests.inmemory import HOST, Line, Memory, engine

SOUZA = (tenant("souza", "10043"), subscription("souza"), login("joao", "souza"))
TAKEN: dict[Key, Item] = {("line", "joana"): Line(host=HOST, owner=None, name="joana")}


def refuse_changes(call: str) -> IspalierError | None:
    return Unavailable("it is full") if call == "apply" else None


def test_who_wants_a_name_back_that_is_granted_to_another_does_not_keep_it() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA), memory)
    run(parts)
    parts.world.put(login("joana", name="joao"))
    memory.fail = refuse_changes
    run(parts)
    run(parts, "10043")
    memory.fail = Memory().fail
    parts.world.put(login("joao", name="joao"))

    giving, taking = run(parts), run(parts, "10043")

    assert verbs(giving) == [Verb.DELETE]
    assert ready(giving, SILVA[2])["Ready"] == "False Conflict"
    assert verbs(taking) == [Verb.CREATE]
    assert ready(taking, SOUZA[2])["Ready"] == "True Ready"


def test_who_cannot_be_served_under_a_new_name_keeps_the_old_until_another_has_it() -> None:
    memory = Memory(items=dict(TAKEN))
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA[:2]), memory)
    run(parts)
    parts.world.put(login("joana", name="joao"))

    kept, still = run(parts), run(parts, later=HOUR)
    parts.world.put(SOUZA[2])
    waiting = run(parts, "10043", HOUR)
    giving, taking = run(parts, later=HOUR), run(parts, "10043", HOUR)

    assert verbs(kept) == verbs(still) == verbs(waiting) == []
    assert ready(waiting, SOUZA[2])["Ready"] == "False Waiting"
    assert verbs(giving) == [Verb.DELETE]
    assert verbs(taking) == [Verb.CREATE]


def test_a_sweep_finds_who_still_has_a_name_that_is_granted_to_another() -> None:
    memory = Memory(items=dict(TAKEN))
    parts = engine(snapshot(*PROVIDER, *SILVA, *SOUZA[:2]), memory)
    run(parts)
    parts.world.put(login("joana", name="joao"))
    told(parts, run(parts))
    settled = anyio.run(sweep, parts, NOW).units
    parts.world.put(SOUZA[2])
    told(parts, run(parts, "10043"))

    found = anyio.run(sweep, parts, NOW).units

    assert "10042" not in settled
    assert "10042" in found
