"""Before anything is written to a host, it is looked at once whose host it is."""

from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import pytest

from ispalier.cli.keep.rebuilding import rebuild
from ispalier.core.changes import ChangeSet, Verb
from ispalier.core.engine import Engine, Outcome
from ispalier.core.items import Item, Key, Owner, Place
from ispalier.core.reconcile import reconcile
from ispalier.core.room import Results, Room
from ispalier.core.sweep import sweep
from ispalier.journal.identity import Papers
from ispalier.journal.journal import Journal
from ispalier.world.errors import Unavailable, Unsafe, Waiting
from tests.builders import NOW, claim, login, snapshot
from tests.engine.passes import HOUR, PROVIDER, SILVA, message, ready, run, verbs
from tests.inmemory import HOST, Hosts, Line, Memory, engine, shared

CLAIM = claim("joao", "joao")


def line(name: str, owner: Owner | None) -> dict[Key, Item]:
    return {("line", name): Line(host=HOST, owner=owner, name=name)}


THEIRS = line("else", Owner("production", "10042", "Login", "else"))
OURS = line("else", Owner("test", "10042", "Login", "else"))
NOBODYS = line("else", None)


@dataclass(slots=True)
class Dying(Memory):
    """A back end in whose first change we are killed."""

    async def apply(self, changes: ChangeSet) -> Results:
        await Memory.apply(self, changes)
        raise KeyboardInterrupt


def test_a_host_of_another_installation_gets_nothing_until_it_is_adopted() -> None:
    memory = Memory(items=dict(THEIRS))
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)

    refused = run(parts)
    untouched = dict(memory.items)
    shared(parts)
    adopted = run(parts)

    assert verbs(refused) == []
    assert ready(refused, SILVA[2])["Ready"] == "False Conflict"
    assert "serves another installation ('production')" in message(refused, SILVA[2])
    assert untouched == THEIRS
    assert verbs(adopted) == [Verb.CREATE]
    assert THEIRS.items() <= memory.items.items()


def test_a_sweep_writes_nothing_to_a_host_of_another_installation() -> None:
    memory = Memory(items=dict(THEIRS))
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)

    anyio.run(sweep, parts, NOW)

    assert memory.writes == 0


def test_a_host_with_rows_of_nobody_is_served() -> None:
    memory = Memory(items=dict(NOBODYS))
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)

    assert verbs(run(parts)) == [Verb.CREATE]
    assert NOBODYS.items() <= memory.items.items()


def test_a_host_that_is_reached_by_something_else_is_another_one() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)

    memory.items = dict(THEIRS)
    assert isinstance(parts.hosts, Hosts)
    parts.hosts.target_of = "production"
    outcome = run(parts)

    assert ready(outcome, SILVA[2])["Ready"] == "False Conflict"
    assert memory.items == THEIRS


@dataclass(slots=True)
class Appearing(Hosts):
    """Hosts whose secrets come just after the first look whose they are."""

    looks: int = 0

    def target(self, place: Place) -> str:
        self.looks += place[0] == "memory"
        if place[0] == "memory" and self.looks == 1:
            raise Waiting("its Secret is not there (yet)")
        return Hosts.target(self, place)


class Locked(Hosts):
    """Hosts whose secrets are not there."""

    def target(self, place: Place) -> str:
        if place[0] == "memory":
            raise Waiting("its Secret is not there: create it")
        return Hosts.target(self, place)


def test_nothing_is_written_to_a_host_that_appears_in_the_midst_of_a_pass() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    there = {place: parts.hosts.backend(place) for place in parts.hosts.places()}
    parts.hosts = Appearing(there)

    async def once() -> Outcome:
        (outcome,) = await reconcile(parts, [""], NOW)
        return outcome

    before = anyio.run(once)
    untouched = dict(memory.items)
    after = run(parts, later=HOUR)

    assert ready(before, PROVIDER[1])["Ready"] == "False BackendUnavailable"
    assert "was not there when this pass began" in message(before, PROVIDER[1])
    assert before.retry
    assert untouched == {}
    assert verbs(after) == [Verb.CREATE]


def test_an_empty_journal_before_rows_of_ours_does_nothing_at_all() -> None:
    memory = Memory(items=dict(OURS))
    parts = engine(snapshot(*PROVIDER, *SILVA, CLAIM), memory)

    with pytest.raises(Unsafe, match="`ispalier journal rebuild`"):
        run(parts)

    assert memory.items == OURS
    assert parts.journal.customers() == []


def test_an_empty_journal_gives_nothing_out_before_a_host_says_whether_it_is_lost() -> None:
    down: list[str] = ["observe"]
    theirs = line("joao", Owner("test", "10043", "Login", "joao"))
    memory = Memory(items=theirs, fail=lambda _: Unavailable("no answer") if down else None)
    joao = login("joao", password={"generate": {"secretName": "made"}})
    parts = engine(snapshot(*PROVIDER, *SILVA[:2], joao), memory)

    before = run(parts)
    known = parts.journal.memories()["10042"]
    down.clear()

    assert ready(before, joao)["Ready"] == "False BackendUnavailable"
    assert (
        "host 'memory' must be looked at before anything is given out: no answer; make it answer"
        in message(before, joao)
    )
    assert before.retry
    assert {each.kind for each in known.bindings} == {"customer number"}
    assert known.passwords == {}
    with pytest.raises(Unsafe, match="`ispalier journal rebuild`"):
        run(parts, later=HOUR)


def test_nothing_of_a_room_is_given_out_before_one_of_its_own_hosts_answers() -> None:
    down: list[str] = ["observe"]
    theirs = line("joao", Owner("test", "10043", "Login", "joao"))
    memory = Memory(items=theirs, fail=lambda _: Unavailable("no answer") if down else None)
    joao = login("joao", password={"generate": {"secretName": "made"}})
    parts = engine(snapshot(*PROVIDER, *SILVA[:2], joao), memory)
    empty = Room(name="other", host_type="other", connect=lambda _: Memory())
    parts.rooms = (*parts.rooms, empty)
    there = {place: parts.hosts.backend(place) for place in parts.hosts.places()}
    parts.hosts = Hosts({**there, ("other", "other-1"): Memory()})

    before = run(parts)
    known = parts.journal.memories()["10042"]
    down.clear()
    after = run(parts, later=HOUR)

    assert (
        "host 'memory' must be looked at before anything is given out: no answer; make it answer"
        in message(before, joao)
    )
    assert {each.kind for each in known.bindings} == {"customer number"}
    assert known.passwords == {}
    assert memory.items == theirs
    assert "belongs to" in message(after, joao)


def test_a_rebuild_binds_what_came_to_a_host_that_is_known(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    memory = Memory()
    run(engine(snapshot(*PROVIDER, *SILVA), memory, url))
    memory.items |= line("rui", Owner("test", "10042", "Login", "rui"))
    parts = engine(snapshot(*PROVIDER, *SILVA), memory, url)
    assert isinstance(parts.journal, Journal)

    bound, _ = anyio.run(rebuild, parts, Papers(parts.journal.engine), "ann", NOW)

    assert bound == {"user name": 1}
    assert "rui" in {each.value for each in parts.journal.memories()["10042"].bindings}


def test_one_that_was_killed_in_its_first_change_is_no_lost_journal(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    memory = Dying()
    with pytest.raises(KeyboardInterrupt):
        run(engine(snapshot(*PROVIDER, *SILVA), memory, url))
    after = Memory(items=memory.items)

    outcome = run(engine(snapshot(*PROVIDER, *SILVA), after, url))

    assert ready(outcome, SILVA[2])["Ready"] == "True Ready"


def test_nothing_is_allocated_before_every_host_that_may_hold_it_was_looked_at() -> None:
    down: list[str] = ["observe"]
    memory = Memory(fail=lambda call: Unavailable("no answer") if call in down else None)
    parts = allocating(engine(snapshot(*PROVIDER, *SILVA, CLAIM), memory))

    before = run(parts)
    down.clear()
    after = run(parts, later=HOUR)

    assert ready(before, CLAIM)["Ready"] == "False BackendUnavailable"
    assert (
        "host 'memory' must be looked at before an IP address is given out: no answer; make it"
        " answer, or remove the ServiceHost if it is gone for good" in message(before, CLAIM)
    )
    assert before.retry
    assert ready(after, CLAIM)["Ready"] == "True Ready"


def test_nor_before_a_host_that_was_met_in_another_life_says_what_was_forgotten(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    run(engine(snapshot(*PROVIDER, *SILVA), Memory(), url))
    memory = Memory(fail=lambda call: Unavailable("no answer") if call == "observe" else None)

    outcome = run(allocating(engine(snapshot(*PROVIDER, *SILVA, CLAIM), memory, url)))

    assert "before an IP address is given out: no answer; make it answer" in message(outcome, CLAIM)


def test_nor_while_the_secrets_of_a_host_are_not_there() -> None:
    parts = allocating(engine(snapshot(*PROVIDER, *SILVA, CLAIM), Memory()))
    assert isinstance(parts.hosts, Hosts)
    parts.hosts = Locked(parts.hosts.backends)

    outcome = run(parts)

    assert message(outcome, CLAIM) == (
        "host 'memory' must be looked at before an IP address is given out:"
        " its Secret is not there: create it"
    )


def allocating(parts: Engine) -> Engine:
    """The same with a room that says that its items hold IP addresses."""
    ipam, memory = parts.rooms
    return replace(parts, rooms=(ipam, replace(memory, allocated=frozenset({"IP address"}))))
