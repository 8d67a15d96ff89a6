"""What becomes of what is no longer declared."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import anyio
from sqlalchemy import delete

from ispalier.core.absence import TENANT
from ispalier.core.changes import Verb
from ispalier.core.reconcile import gathered, reconcile
from ispalier.core.remember import remembered
from ispalier.core.retention import Retention
from ispalier.journal.journal import Journal
from ispalier.journal.pending import Pending
from ispalier.journal.tables import BINDING, CHOICE, TOMBSTONE
from ispalier.world.snapshot import Broken, Ident, ident
from ispalier.world.state import State
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
from tests.engine.passes import HOUR, LINE, PROVIDER, SILVA, run, verbs
from tests.inmemory import Memory, engine

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def test_a_login_that_is_gone_is_waited_for_then_retired_then_deleted() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.remove(Ident("Login", "silva", "joao"))

    held = run(parts)
    again = run(parts, later=9 * MINUTE)
    retired = run(parts, later=HOUR)
    kept = memory.items[LINE].state
    purged = run(parts, later=HOUR + timedelta(days=31))

    assert verbs(held) == []
    assert held.wake == NOW + timedelta(minutes=10)
    assert [str(each.owner) for each in held.missed] == ["Login/joao"]
    assert again.missed == ()
    assert again.wake == held.wake
    assert verbs(retired) == [Verb.RETIRE]
    assert kept == State.RETIRED
    assert verbs(purged) == [Verb.DELETE]
    assert LINE not in memory.items


def test_a_login_that_returns_gets_its_service_back() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.remove(Ident("Login", "silva", "joao"))
    run(parts)
    run(parts, later=HOUR)

    parts.world.put(SILVA[2])
    returned = run(parts, later=2 * HOUR)

    assert verbs(returned) == [Verb.RESTORE]
    assert not parts.journal.memories()["10042"].absences


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


def test_a_tenant_that_comes_back_during_a_pass_comes_back_for_the_next_one() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    for each in SILVA:
        parts.world.remove(ident(each))
    run(parts)
    memory.fail = lambda _: parts.world.put(SILVA[0])
    anyio.run(reconcile, parts, ["10042"], NOW + 23 * HOUR)
    memory.fail = lambda _: None

    passes = [run(parts, later=23 * HOUR + later * MINUTE) for later in (1, 10, 11)]

    assert [verbs(each) for each in passes] == [[], [], [Verb.RETIRE]]


def test_what_does_not_come_back_with_its_tenant_is_retired_in_the_end() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    for each in SILVA:
        parts.world.remove(ident(each))
    run(parts)
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


def test_a_tenant_that_was_there_again_and_left_before_a_pass_saw_it_is_waited_for_anew() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    for each in SILVA:
        parts.world.remove(ident(each))
    run(parts)
    parts.world.put(SILVA[0])
    parts.world.leave(ident(SILVA[0]), NOW + 25 * HOUR)

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


def test_nothing_is_forgotten_while_a_host_is_lost() -> None:
    memory = Memory()
    terms = Retention(retire_after=timedelta(0), keep=timedelta(0))
    parts = engine(snapshot(*PROVIDER, *SILVA), memory, retention=terms)
    run(parts)
    parts.world.remove(ident(SILVA[2]))
    run(parts)
    parts.world.put(Broken(Ident("ServiceHost", "", "radius-1"), "cannot be read"))

    run(parts, later=HOUR)

    remembered_ = parts.journal.memories()["10042"]
    assert any(each.value == "joao" for each in remembered_.bindings)
    assert any(each.kind == "Login" for each in remembered_.absences)


def test_who_was_renamed_is_not_missing() -> None:
    logins = [login(f"user{number}") for number in range(20)]
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA[:2], *logins), memory)
    run(parts)
    for number, each in enumerate(logins[:15]):
        parts.world.remove(ident(each))
        parts.world.put(login(f"user{number}", name=f"renamed{number}"))
    run(parts)

    run(parts, later=HOUR)

    assert parts.held == {}
    assert memory.items[("line", "user0")].state is State.ACTIVE


def test_a_tenant_that_is_being_deleted_is_gone_already() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.put(tenant(deletionTimestamp="2026-11-21T12:00:00Z"))
    parts.world.remove(ident(SILVA[2]))

    outcomes = [run(parts), run(parts, later=2 * HOUR)]

    assert [verbs(each) for each in outcomes] == [[], []]


def test_nothing_is_retired_while_the_kind_is_incomplete() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.remove(Ident("Login", "silva", "joao"))
    parts.world.complete.discard("Login")

    outcomes = [run(parts), run(parts, later=HOUR), run(parts, later=50 * HOUR)]

    assert [verbs(each) for each in outcomes] == [[], [], []]


def test_what_is_missing_counts_only_from_when_its_kind_is_seen_again() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.remove(Ident("Login", "silva", "joao"))
    run(parts)
    parts.world.complete.discard("Login")
    run(parts, later=HOUR)
    parts.world.complete.add("Login")
    parts.world.again["Login"] = NOW + 2 * HOUR

    at_once = run(parts, later=2 * HOUR)
    late = run(parts, later=3 * HOUR)

    assert verbs(at_once) == []
    assert verbs(late) == [Verb.RETIRE]


def test_too_many_removals_are_held_back() -> None:
    logins = [login(f"user{number}") for number in range(20)]
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA[:2], *logins), memory)
    run(parts)
    for each in logins[:11]:
        parts.world.remove(ident(each))
    run(parts)

    held = run(parts, later=HOUR)
    parts.limits = replace(parts.limits, percent=100)
    released = run(parts, later=HOUR)

    assert verbs(held) == []
    assert verbs(released) == [Verb.RETIRE] * 11


def test_many_that_are_gone_of_many_customers_are_judged_as_one_and_wait_for_a_person() -> None:
    names = ("silva", "souza", "lima")
    tenants = [
        each
        for number, name in enumerate(names)
        for each in (
            tenant(name, f"{number}"),
            subscription(name),
            *(login(f"{name}{i}", name) for i in range(5)),
        )
    ]
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *tenants, secrets=names), memory)
    for number in range(3):
        run(parts, f"{number}")
    for each in tenants:
        if each.kind == "Login":
            parts.world.remove(ident(each))
    for number in range(3):
        run(parts, f"{number}")
    assert isinstance(parts.journal, Journal)
    pending = Pending(parts.journal.engine)

    held = [verbs(run(parts, f"{number}", later=HOUR)) for number in range(3)]
    (logins,) = pending.sets(parts.limits, NOW + HOUR)
    pending.approve(logins.digest, "I: meant", parts.limits, NOW + HOUR)
    approved = [verbs(run(parts, f"{number}", later=HOUR + MINUTE)) for number in range(3)]

    assert held == [[], [], []]
    assert approved == [[Verb.RETIRE] * 5] * 3


def test_a_few_of_a_small_fleet_are_switched_off_without_a_question() -> None:
    logins = [login(f"user{number}") for number in range(3)]
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA[:2], *logins), memory)
    run(parts)
    parts.world.remove(ident(logins[0]))
    run(parts)

    assert verbs(run(parts, later=HOUR)) == [Verb.RETIRE]


def test_a_plan_in_use_is_not_retired() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.remove(Ident("Plan", "", "fibra-300"))

    outcomes = [run(parts), run(parts, later=HOUR), run(parts, later=timedelta(days=60))]

    assert [verbs(each) for each in outcomes] == [[], [], []]
    assert ("line", "plan:fibra-300") in memory.items
