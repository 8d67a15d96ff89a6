"""What becomes of customers who are no longer declared, come back, or move."""

from collections.abc import Mapping
from datetime import timedelta

import anyio
import pytest
from sqlalchemy import delete

from ispalier.core.absence import TENANT
from ispalier.core.changes import Verb
from ispalier.core.engine import Engine
from ispalier.core.reconcile import gathered, reconcile
from ispalier.core.remember import remembered
from ispalier.journal.journal import Journal
from ispalier.journal.tables import BINDING, CHOICE, TOMBSTONE
from ispalier.world.snapshot import Broken, Ident, ident
from ispalier.world.view import View
from tests.builders import (
    NOW,
    claim,
    login,
    resource,
    snapshot,
    subscription,
    tenant,
)
from tests.engine.passes import HOUR, PROVIDER, SILVA, run, verbs
from tests.inmemory import Memory, engine

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def noted_as_gone(memory: Memory) -> Engine:
    """A tenant that was served and is gone, and a pass has seen so."""
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    for each in SILVA:
        parts.world.remove(ident(each))
    run(parts)
    return parts


def test_a_whole_tenant_that_is_gone_is_waited_for_a_day() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.remove(Ident("Tenant", "silva", "silva"))
    parts.world.remove(Ident("Subscription", "silva", "home"))
    parts.world.remove(Ident("Login", "silva", "joao"))

    first = run(parts)
    soon = run(parts, later=2 * HOUR)
    late = run(parts, later=25 * HOUR)

    assert verbs(first) == []
    assert verbs(soon) == []
    assert verbs(late) == [Verb.RETIRE]


def test_a_tenant_that_comes_back_is_waited_for_anew_until_all_of_it_is_there() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    for each in SILVA:
        parts.world.remove(ident(each))
    gone = [run(parts), run(parts, later=HOUR)]

    parts.world.put(SILVA[0])
    alone = [run(parts, later=HOUR), run(parts, later=HOUR + MINUTE)]
    parts.world.put(SILVA[1])
    parts.world.put(SILVA[2])
    whole = run(parts, later=HOUR + 2 * MINUTE)

    assert [verbs(each) for each in (*gone, *alone, whole)] == [[]] * 5
    assert alone[1].wake == NOW + HOUR + timedelta(minutes=10)
    assert not parts.journal.memories()["10042"].absences


def test_a_tenant_that_the_journal_forgot_comes_back_like_any_other() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    assert isinstance(parts.journal, Journal)
    with parts.journal.engine.begin() as tx:
        for table in (TOMBSTONE, BINDING, CHOICE):
            tx.execute(delete(table))  # as one that was set back to before the tenant was there
    for each in SILVA:
        parts.world.remove(ident(each))
    gone = [run(parts), run(parts, later=23 * HOUR)]

    parts.world.put(SILVA[0])
    alone = [run(parts, later=23 * HOUR + late * MINUTE) for late in (0, 9)]
    late = run(parts, later=24 * HOUR)

    assert [verbs(each) for each in (*gone, *alone)] == [[]] * 4
    assert verbs(late) == [Verb.RETIRE]
    assert not [each for each in parts.journal.memories()["10042"].absences if each.kind == TENANT]


@pytest.mark.parametrize("hours", [23, 25], ids=["waited for", "due"])
def test_a_tenant_that_comes_back_during_a_pass_comes_back_for_the_next_one(hours: int) -> None:
    memory = Memory()
    parts = noted_as_gone(memory)
    memory.fail = lambda _: parts.world.put(SILVA[0])
    (late,) = anyio.run(reconcile, parts, ["10042"], NOW + hours * HOUR)
    memory.fail = lambda _: None

    passes = [run(parts, later=hours * HOUR + later * MINUTE) for later in (1, 10, 11)]

    assert verbs(late) == []
    assert [verbs(each) for each in passes] == [[], [], [Verb.RETIRE]]


def test_what_does_not_come_back_with_its_tenant_is_retired_in_the_end() -> None:
    parts = noted_as_gone(Memory())
    parts.world.put(SILVA[0])
    run(parts, later=HOUR)

    late = run(parts, later=2 * HOUR)

    assert verbs(late) == [Verb.RETIRE]


def test_a_tenant_that_moves_while_its_pass_is_under_way_is_not_missed() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA, secrets=("silva", "neu")), memory)
    run(parts)

    def move(_: str) -> None:
        for each in SILVA:
            parts.world.remove(ident(each))
        for each in (subscription("neu"), login("joao", "neu"), tenant("neu")):
            parts.world.put(each)

    memory.fail = move
    (outcome,) = anyio.run(reconcile, parts, ["10042"], NOW)

    assert outcome.missed == ()
    assert not parts.journal.memories()["10042"].absences


def test_what_was_there_again_and_left_before_a_pass_saw_it_is_waited_for_anew() -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory())
    run(parts)
    parts.world.leave(ident(SILVA[2]), NOW)
    run(parts)
    parts.world.put(SILVA[2])
    parts.world.leave(ident(SILVA[2]), NOW + 11 * MINUTE)

    outcomes = [run(parts, later=each * MINUTE) for each in (11, 20, 21)]

    assert [verbs(each) for each in outcomes] == [[], [], [Verb.RETIRE]]
    assert outcomes[0].wake == NOW + 21 * MINUTE


@pytest.mark.parametrize("space", ["silva", "neu"])
def test_a_tenant_that_was_there_again_and_left_before_a_pass_saw_it_is_waited_for_anew(
    space: str,
) -> None:
    parts = noted_as_gone(Memory())
    parts.world.put(tenant(space))
    parts.world.leave(ident(tenant(space)), NOW + 25 * HOUR)

    soon = run(parts, later=25 * HOUR + MINUTE)
    late = run(parts, later=49 * HOUR + MINUTE)

    assert verbs(soon) == []
    assert verbs(late) == [Verb.RETIRE]


def test_what_moved_with_its_tenant_is_not_gone_when_the_tenant_cannot_be_read() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA, secrets=("silva", "neu")), memory)
    run(parts)
    for each in SILVA:
        parts.world.remove(ident(each))
    number = {"number": "10042", "displayName": "s", "businessUnitRef": {"name": "londrina"}}
    for moved in (
        resource("Tenant", "silva", number, "neu"),
        subscription("neu"),
        login("joao", "neu"),
    ):
        parts.world.put(moved)
    moved_over = run(parts)

    parts.world.remove(Ident("Tenant", "neu", "silva"))
    parts.world.put(Broken(Ident("Tenant", "neu", "silva"), "cannot be read"))
    outcomes = [run(parts), run(parts, later=25 * HOUR), run(parts, later=26 * HOUR)]

    assert [verbs(each) for each in (moved_over, *outcomes)] == [[]] * 4


def test_what_moved_with_a_tenant_that_no_pass_saw_there_is_declared_and_goes_on() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    for each in SILVA:
        parts.world.remove(ident(each))
    for moved in (subscription("neu"), login("joao", "neu")):
        parts.world.put(moved)

    outcomes = [run(parts), run(parts, later=25 * HOUR), run(parts, later=26 * HOUR)]
    parts.world.remove(Ident("Login", "neu", "joao"))
    gone = [run(parts, later=27 * HOUR), run(parts, later=52 * HOUR)]

    assert [verbs(each) for each in outcomes] == [[]] * 3
    assert [verbs(each) for each in gone] == [[], [Verb.RETIRE]]


def test_what_somebody_else_calls_the_same_elsewhere_keeps_nobody() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    for each in SILVA:
        parts.world.remove(ident(each))
    parts.world.put(login("maria", "neu", name="joao"))

    late = [run(parts), run(parts, later=25 * HOUR)]

    assert [verbs(each) for each in late] == [[], [Verb.RETIRE]]


def test_what_stands_where_another_customer_was_at_home_keeps_nobody_else() -> None:
    memory = Memory()
    souza = (tenant("souza", "10043"), subscription("souza"), login("maria", "souza", "linha"))
    parts = engine(snapshot(*PROVIDER, *SILVA, *souza, secrets=["souza"]), memory)
    run(parts)
    run(parts, "10043")
    for each in (SILVA[0], *souza):
        parts.world.remove(ident(each))
    parts.world.put(login("maria", "silva", "linha"))
    run(parts)

    late = [run(parts, "10043", later=hours * HOUR) for hours in (0, 1, 26)]

    assert [verbs(each) for each in late] == [[], [], [Verb.RETIRE]]


def test_what_follows_its_tenant_is_waited_for_from_the_first_pass() -> None:
    memory = Memory()
    address = claim("four", "joao")
    parts = engine(snapshot(*PROVIDER, *SILVA, address), memory)
    run(parts)
    for each in (*SILVA, address):
        parts.world.remove(ident(each))
    run(parts)
    for each in SILVA:
        parts.world.put(each)

    async def views() -> Mapping[str, View]:
        memories = await remembered(parts, ["10042"], NOW + 2 * HOUR)
        return await gathered(parts, memories, NOW + 2 * HOUR)

    assert [str(ident(each)) for each in anyio.run(views)["10042"].waited_for] == ["IPClaim/four"]


def test_a_tenant_that_is_being_deleted_is_gone_already() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.put(tenant(deletionTimestamp="2026-11-21T12:00:00Z"))
    parts.world.remove(ident(SILVA[2]))

    outcomes = [run(parts), run(parts, later=2 * HOUR)]

    assert [verbs(each) for each in outcomes] == [[], []]
