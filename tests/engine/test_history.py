"""Every change that is made is remembered, with its cause and without any value."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ispalier.api.base import Resource
from ispalier.core.applied import Cause, HistoryLine
from ispalier.core.changes import Verb
from ispalier.core.engine import Engine, Outcome
from ispalier.journal.history import History, Row
from ispalier.journal.holds import Held, Holds
from ispalier.journal.journal import Journal
from ispalier.world.effect import Effect
from ispalier.world.errors import IspalierError, Unavailable
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Ident
from tests.builders import NOW, hold, plan, snapshot, subscription
from tests.engine.passes import HOUR, LINE, PROVIDER, SILVA, run
from tests.inmemory import HOST, Line, Memory, changed, engine

EDITOR = {"editor": "kubectl-edit", "edited": "2026-11-21T11:59:58Z", "resource_version": "7"}
EDITED = "kubectl-edit at 2026-11-21T11:59:58Z, generation 1, version 7"
SUSPENDED = [{"reason": "Unpaid", "since": "2026-11-21"}]
LATER = [{"reason": "Unpaid", "since": "2026-11-23"}]


def by_hand(resource: Resource) -> Resource:
    """The same, edited by somebody."""
    meta = resource.metadata.model_copy(update=EDITOR)
    return resource.model_copy(update={"metadata": meta})


def history(parts: Engine) -> History:
    assert isinstance(parts.journal, Journal)
    return History(parts.journal.engine)


def of_joao(parts: Engine) -> list[Row]:
    """What was done to the line, the newest first."""
    rows = history(parts).of("10042", "Login", "joao", 10)
    return [each for each in rows if each.room == "memory"]


def records(outcome: Outcome) -> list[HistoryLine]:
    return [each for some in outcome.applied for each in some.records]


def test_an_edit_is_told_with_its_author() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.put(by_hand(subscription(suspensions=SUSPENDED)))

    outcome = run(parts)

    (row, first) = of_joao(parts)
    assert (first.verb, first.cause, first.item) == ("create", "Edit", "line joao")
    assert (row.verb, row.cause) == ("suspend", "Edit")
    assert row.detail == f"Subscription/home: {EDITED}"
    assert [str(each.owner) for each in records(outcome)] == ["Login/joao"]
    assert row.digest == outcome.applied[0].digest


def test_what_a_host_held_otherwise_is_drift_and_names_what_differed() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    there = memory.items[LINE]
    assert isinstance(there, Line)
    memory.items[LINE] = changed(there, speed="1G")
    run(parts)
    memory.items[LINE] = changed(there, password=Secret("planted"))
    run(parts)
    del memory.items[LINE]
    run(parts)

    rows = of_joao(parts)

    assert [(each.cause, each.fields) for each in rows[:3]] == [
        ("Drift", ()),
        ("Drift", ("password",)),
        ("Drift", ("speed",)),
    ]
    assert rows[0].detail == "was not there, without an edit"
    assert rows[1].detail == "held another secret, without an edit"
    assert rows[2].detail == "held something else, without an edit"


def test_an_edit_that_could_not_be_made_at_once_is_still_the_cause_later() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.put(subscription(suspensions=SUSPENDED))
    memory.fail = lambda call: Unavailable("it is down") if call == "apply" else None
    failed = run(parts)
    memory.fail = lambda _: None

    made = run(parts)
    memory.items[LINE] = changed(memory.items[LINE], speed="1G")  # type: ignore[arg-type]  # it is a Line
    drifted = run(parts)

    assert records(failed) == []
    assert failed.applied[0].failed == 1
    assert [(each.verb, each.cause) for each in records(made)] == [(Verb.SUSPEND, Cause.EDIT)]
    assert [each.cause for each in records(drifted)] == [Cause.DRIFT]


def test_a_change_whose_answer_was_lost_is_in_the_history_once() -> None:
    memory = Memory(lose_after=lambda: True)
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    lost = run(parts)
    run(parts)
    run(parts)
    memory.lose_after = lambda: False
    run(parts)
    run(parts)

    rows = of_joao(parts)

    assert records(lost) == []
    assert [(each.verb, each.cause) for each in rows] == [("create", "Edit")]


def test_a_failing_pass_writes_no_more_into_the_journal_than_once() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.put(subscription(suspensions=SUSPENDED))
    memory.fail = lambda call: Unavailable("it is down") if call == "apply" else None
    run(parts)
    pending = parts.journal.memories(["10042"])["10042"].tombstones

    run(parts)

    assert pending == parts.journal.memories(["10042"])["10042"].tombstones
    assert [each.name for each, digest in pending.items() if digest.startswith("~")]


def test_a_day_that_comes_is_the_cause() -> None:
    memory = Memory()
    parts = engine(
        snapshot(*PROVIDER, *SILVA[:1], subscription(suspensions=LATER), SILVA[2]), memory
    )
    run(parts)

    outcome = run(parts, later=timedelta(days=2))

    assert [(each.verb, each.cause, each.detail) for each in records(outcome)] == [
        ("suspend", Cause.DATE, "Subscription/home says so from 2026-11-23 on")
    ]


def test_a_hold_and_its_release_are_causes_and_acts_with_who_and_why(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory(), url)
    run(parts)
    with closing(Holds.open(url)) as holds:
        held = hold("Subscription/home", Effect.REFUSE)._replace(since=NOW)
        placed = holds.place(Held("10042", held), NOW)
        stopped = records(run(parts))
        holds.release([placed], "bia", NOW + HOUR)
    restored = records(run(parts, later=HOUR))

    acts = [
        (each.verb, each.detail) for each in history(parts).of("10042", "Subscription", "home", 9)
    ]
    source, by, reason = placed.hold.source, placed.hold.by, placed.hold.reason
    assert [(each.verb, each.cause, each.detail) for each in stopped] == [
        ("suspend", Cause.HOLD, f"{source}: {reason} (by {by})")
    ]
    assert [(each.verb, each.cause, each.detail) for each in restored] == [
        ("restore", Cause.HOLD, f"service:hold:{source} On")
    ]
    assert acts == [
        ("release", f"bia: {source} Refuse"),
        ("hold", f"{by}: {source} Refuse: {reason}"),
    ]


def test_absence_return_and_the_end_of_retention_are_causes() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    which = Ident("Login", "silva", "joao")
    parts.world.remove(which)
    run(parts)
    run(parts, later=HOUR)
    parts.world.put(SILVA[2])
    run(parts, later=HOUR)
    parts.world.remove(which)
    run(parts, later=HOUR)
    run(parts, later=2 * HOUR)
    run(parts, later=timedelta(days=60))

    rows = of_joao(parts)

    assert [(each.verb, each.cause) for each in rows] == [
        ("delete", "Retention"),
        ("retire", "Absence"),
        ("restore", "Return"),
        ("retire", "Absence"),
        ("create", "Edit"),
    ]
    assert rows[3].detail == "no longer declared since 2026-11-21T12:00:00Z"


def test_an_edit_of_the_providers_is_the_cause_of_what_leans_on_it() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.put(by_hand(plan(speed="400m")))
    del memory.items[LINE]

    outcome = run(parts)

    (record,) = records(outcome)
    assert (record.cause, record.detail) == (Cause.EDIT, f"Plan/fibra-300: {EDITED}")


def test_a_pass_that_changes_nothing_writes_no_history() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    before = history(parts).last()

    run(parts)

    assert before == history(parts).last() > 0


@pytest.mark.parametrize("call", ["observe", "apply"])
def test_what_was_not_made_is_not_in_the_history(call: str) -> None:
    def fails(which: str) -> IspalierError | None:
        return Unavailable("it is down") if which == call else None

    memory = Memory(fail=fails)
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)

    run(parts)

    assert HOST not in {each.host for each in history(parts).since(None, None)}
