"""What becomes of what is no longer declared."""

from dataclasses import replace
from datetime import timedelta

from ispalier.core.changes import Verb
from ispalier.core.retention import Retention
from ispalier.journal.journal import Journal
from ispalier.journal.pending import Pending
from ispalier.world.snapshot import Broken, Ident, ident
from ispalier.world.state import State
from tests.builders import (
    NOW,
    login,
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
