"""What is too much at once waits for a person; the rest goes on."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from sqlalchemy import event

from ispalier.core.calls import Calls
from ispalier.core.changes import Verb
from ispalier.core.foresee import foresee
from ispalier.core.items import Owner
from ispalier.core.limits import INTERRUPTIONS, Limits
from ispalier.core.reconcile import reconcile
from ispalier.core.sweep import sweep
from ispalier.journal.journal import Journal
from ispalier.world.errors import Invalid, Unavailable, Unsafe
from ispalier.world.secret import Secret
from tests.builders import NOW, login, plan, subscription
from tests.engine.fleet import (
    MINUTE,
    SMALL,
    UNPAID,
    approve,
    names,
    on,
    on_plan,
    passed,
    pending,
    put,
    served,
    suspended,
)
from tests.engine.passes import HOUR, verbs
from tests.inmemory import HOST, Line, engine


def test_a_plan_named_wrongly_for_many_is_held_back_as_a_whole() -> None:
    parts, memory = served(400, limits=Limits())
    put(parts, (on_plan(each, "fibra-100") for each in names(400)))

    outcomes = passed(parts, names(400), MINUTE, whole=True)
    (held,) = pending(parts)

    assert on(memory, "fibra-100") == 0
    assert (held.cause, held.subjects, str(held.impact)) == (INTERRUPTIONS, 400, "Interrupt")
    problem = outcomes["c7"].problems[Owner("test", "c7", "Login", "c7")]
    assert isinstance(problem, Unsafe)
    assert "more than 50 services and 1 % of all" in str(problem)
    assert outcomes["c7"].wake == NOW + 6 * MINUTE


def test_in_a_burst_of_edits_at_most_the_limit_is_let_through_and_the_rest_stays() -> None:
    parts, memory = served(20)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)))

    passed(parts, names(20), MINUTE)
    at_once = suspended(memory)
    passed(parts, names(20), 5 * HOUR)

    assert at_once == 5
    assert suspended(memory) == 5
    assert pending(parts)[0].subjects == 15


def test_passes_that_are_made_side_by_side_share_the_limit(tmp_path: Path) -> None:
    parts, memory = served(20, f"sqlite:///{tmp_path / 'journal.db'}")
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)))

    async def passes() -> None:
        async with anyio.create_task_group() as group:
            for each in names(20):
                group.start_soon(reconcile, parts, [each], NOW)

    anyio.run(passes)

    assert suspended(memory) == 5


def test_dunning_of_a_few_a_day_goes_by_itself() -> None:
    parts, memory = served(20)

    for day in range(4):
        some = names(20)[day * 5 : day * 5 + 5]
        put(parts, (subscription(each, suspensions=UNPAID) for each in some))
        passed(parts, some, timedelta(days=day), whole=True)

    assert suspended(memory) == 20
    assert not pending(parts)


def test_a_speed_cut_of_a_plan_stops_for_all_who_use_it() -> None:
    parts, memory = served(1)
    for number in range(5000):
        name = f"line{number}"
        owner = Owner("test", f"other{number}", "Login", name)
        line = Line(host=HOST, owner=owner, name=name, plan="plan:fibra-300")
        memory.items[line.key] = line
    put(parts, [plan(speed="100m")])

    cut = passed(parts, [])[""]
    (held,) = pending(parts)
    put(parts, [plan(speed="500m")])
    raised = passed(parts, [])[""]

    assert verbs(cut) == []
    assert (held.subjects, str(held.impact)) == (5001, "Degrade")
    assert verbs(raised) == [Verb.UPDATE]
    assert not pending(parts)


def test_a_speed_cut_of_a_plan_that_nobody_has_goes() -> None:
    parts, _ = served(20)
    put(parts, [plan("fibra-100", "1m")])

    assert verbs(passed(parts, [])[""]) == [Verb.UPDATE]


def test_nobody_can_say_whom_a_plan_serves_so_it_is_not_cut() -> None:
    parts, memory = served(20)
    put(parts, [plan(speed="100m")])
    looks: list[str] = []

    def fails(call: str) -> Unavailable | None:
        looks.append(call)
        return Unavailable("gone") if looks == ["observe", "observe"] else None

    memory.fail = fails
    cut = passed(parts, [])[""]

    assert verbs(cut) == []
    assert cut.retry


def test_approval_lets_exactly_that_set_go() -> None:
    parts, memory = served(20)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(10)))
    passed(parts, names(20), whole=True)
    (first,) = pending(parts)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)[10:]))
    passed(parts, names(20), whole=True)
    (both,) = pending(parts)

    with pytest.raises(Invalid, match="has the digest"):
        approve(parts, first.digest)
    put(parts, (subscription(each) for each in names(20)[10:]))
    passed(parts, names(20), whole=True)
    approve(parts, first.digest)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)[10:]))
    passed(parts, names(20), MINUTE, whole=True)

    assert (first.subjects, both.subjects) == (10, 20)
    assert suspended(memory) == 10
    assert [each.customer for each in pending(parts)[0].resources] == sorted(names(20)[10:])


def test_what_was_approved_is_free_for_once() -> None:
    parts, memory = served(20)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)))
    passed(parts, names(20), whole=True)
    approve(parts, pending(parts)[0].digest)
    passed(parts, names(20), whole=True)
    put(parts, (subscription(each) for each in names(20)))
    passed(parts, names(20), whole=True)

    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)))
    passed(parts, names(20), 2 * HOUR, whole=True)

    assert suspended(memory) == 0
    assert pending(parts)[0].subjects == 20


def test_what_is_held_and_what_was_let_go_outlive_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    parts, memory = served(20, url)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(4)))
    passed(parts, names(4))

    again = engine(parts.world, memory, url)
    again.limits = SMALL
    put(again, (subscription(each, suspensions=UNPAID) for each in names(8)))
    passed(again, names(8), MINUTE)
    third = engine(parts.world, memory, url)
    third.limits = SMALL
    passed(third, names(8), 5 * HOUR)

    assert suspended(memory) == 5
    assert {each.customer for each in third.brakes.held or ()} == set(names(8)[5:])


def test_what_is_new_is_never_held_back() -> None:
    _, memory = served(100)

    assert on(memory, "fibra-300") == 100


def test_the_rest_of_a_customer_goes_on_while_something_is_held_back() -> None:
    parts, memory = served(20)
    put(parts, (on_plan(each, "fibra-100") for each in names(20)))
    put(parts, [login("second", "c3")])

    outcome = passed(parts, names(20), whole=True)["c3"]

    assert verbs(outcome) == [Verb.CREATE]
    assert ("line", "second") in memory.items


def test_an_edit_that_does_not_count_leaves_the_digest_as_it_is() -> None:
    parts, _ = served(20)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)))
    passed(parts, names(20), whole=True)
    (before,) = pending(parts)
    put(parts, [login("second", "c3"), plan(speed="500m")])
    passed(parts, names(20), MINUTE, whole=True)

    assert [each.digest for each in pending(parts)] == [before.digest]


def test_what_is_taken_back_waits_for_nobody() -> None:
    parts, _ = served(20)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)))
    passed(parts, names(20), whole=True)
    put(parts, (subscription(each) for each in names(20)))

    passed(parts, names(20))

    assert not pending(parts)
    assert parts.brakes.held == {}


def test_who_is_as_declared_needs_no_pass_unless_something_of_theirs_is_held_back(
    tmp_path: Path,
) -> None:
    parts, memory = served(20, f"sqlite:///{tmp_path / 'journal.db'}")
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(10)))
    passed(parts, names(20), whole=True)
    put(parts, (subscription(each) for each in names(10)))
    put(parts, [login("second", "c12")])
    again = engine(parts.world, memory, f"sqlite:///{tmp_path / 'journal.db'}")

    async def idle() -> set[str]:
        return set(await foresee(again, [*names(20), "new"], NOW))

    assert anyio.run(idle) == {*names(20)[10:]} - {"c12"}


def test_what_is_held_back_stays_so_while_its_host_is_away() -> None:
    parts, memory = served(20)
    put(parts, (subscription(each, suspensions=UNPAID) for each in names(20)))
    passed(parts, names(20), whole=True)
    memory.fail = lambda _: Unavailable("away")
    passed(parts, names(20))
    memory.fail = lambda _: None
    parts.calls = Calls()

    passed(parts, names(20), 2 * HOUR)

    assert suspended(memory) == 0
    assert pending(parts)[0].subjects == 20


def test_a_tenant_with_two_logins_may_rename_both_and_a_firm_not_all_of_many() -> None:
    parts, memory = served(30, limits=replace(SMALL, interrupted_always=100))
    put(parts, (login(f"new{each}", each, each) for each in names(2)))
    few = passed(parts, names(30), whole=True)
    put(parts, (login(f"new{each}", each, each) for each in names(30)))
    many = passed(parts, names(30), MINUTE, whole=True)

    assert verbs(few["c0"]) == [Verb.DELETE, Verb.CREATE]
    assert verbs(many["c20"]) == [Verb.CREATE]
    assert ("line", "c20") in memory.items
    assert pending(parts)[0].cause == "removals of Login"


def test_drift_that_would_interrupt_many_is_found_by_the_sweep_and_held_back() -> None:
    parts, memory = served(20)
    for name in names(20):
        there = memory.items["line", name]
        assert isinstance(there, Line)
        memory.items["line", name] = replace(there, password=Secret("by hand"))

    async def swept() -> list[str]:
        return (await sweep(parts, NOW)).units

    anyio.run(swept)
    (held,) = pending(parts)
    passed(parts, names(20))

    assert held.subjects == 20
    by_hand = memory.items["line", "c7"]
    assert isinstance(by_hand, Line)
    assert by_hand.password == Secret("by hand")


def test_what_is_not_dangerous_asks_the_journal_nothing_more() -> None:
    parts, _ = served(5)
    asked: list[str] = []
    assert isinstance(parts.journal, Journal)
    event.listen(
        parts.journal.engine,
        "before_cursor_execute",
        lambda *args: asked.append(args[2]),
    )
    put(parts, [login("second", "c3"), plan(speed="500m")])

    passed(parts, names(5))
    harmless = [each for each in asked if "weight" in each]
    put(parts, [subscription("c1", suspensions=UNPAID)])
    passed(parts, names(5))

    assert harmless == []
    assert [each for each in asked if "weight" in each]
