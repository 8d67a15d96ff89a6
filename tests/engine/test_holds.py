"""Holds of the journal act in the next pass, are told, are observed, and end by themselves."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ispalier.core.changes import Verb
from ispalier.core.engine import Engine
from ispalier.journal.holds import Held, Holds
from ispalier.world.effect import Effect
from ispalier.world.holds import Hold
from ispalier.world.snapshot import Broken, Ident, ident
from ispalier.world.state import State
from tests.builders import NOW, hold, plan, snapshot, subscription
from tests.engine.passes import HOUR, LINE, PROVIDER, SILVA, ready, run, verbs
from tests.inmemory import Memory, engine

JOAO = Ident("Login", "silva", "joao")
BOTH = [
    hold("Login/joao", Effect.THROTTLE),
    hold("Login/joao", Effect.WALLED_GARDEN, source="abuse"),
]


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def parts(tmp_path: Path, memory: Memory) -> Engine:
    """Silva is served, on a journal in a file."""
    made = engine(snapshot(*PROVIDER, *SILVA), memory, f"sqlite:///{tmp_path}/journal.db")
    run(made)
    return made


@pytest.fixture
def holds(tmp_path: Path) -> Iterator[Holds]:
    with closing(Holds.open(f"sqlite:///{tmp_path}/journal.db")) as opened:
        yield opened


def place(holds: Holds, it: Hold) -> Held:
    return holds.place(Held("10042", it), NOW)


def facts(parts: Engine) -> list[tuple[str, str]]:
    """What was observed of the service, in its order."""
    found = parts.journal.memories(["10042"])["10042"].facts
    return [
        (each.topic, each.value)
        for each in sorted(found, key=lambda fact: (fact.day, fact.seq, fact.topic))
        if each.topic.startswith("service:")
    ]


def test_a_hold_refuses_and_names_source_and_reason_and_its_release_restores(
    parts: Engine, memory: Memory, holds: Holds
) -> None:
    made = place(holds, hold("Subscription/home"))
    during = run(parts)
    state = memory.items[LINE].state
    holds.release([made], "ann", NOW)
    after = run(parts)

    assert verbs(during) == [Verb.SUSPEND]
    assert state is State.SUSPENDED
    assert ready(during, SILVA[2]) == {"Ready": "True Ready", "Suspended": "True Suspended"}
    contract = during.statuses[ident(SILVA[1])]
    assert contract["suspended"] == "dunning: Invoice 17 is overdue"
    assert verbs(after) == [Verb.RESTORE]


def test_a_hold_and_a_suspension_end_each_by_itself(
    parts: Engine, memory: Memory, holds: Holds
) -> None:
    made = place(holds, hold("Tenant/silva"))
    parts.world.put(subscription(suspensions=[{"reason": "Unpaid", "since": "2026-11-20"}]))
    run(parts)
    parts.world.put(SILVA[1])
    without_suspension = (run(parts), memory.items[LINE].state)
    holds.release([made], "ann", NOW)
    run(parts)

    assert without_suspension[1] is State.SUSPENDED
    assert memory.items[LINE].state is State.ACTIVE


def test_a_hold_begins_and_ends_by_itself(parts: Engine, holds: Holds) -> None:
    place(holds, hold("Login/joao", since=NOW + HOUR, until=NOW + 2 * HOUR))
    before, during, after = (run(parts, later=each * HOUR) for each in (0, 1, 2))

    assert [each.wake for each in (before, during)] == [NOW + HOUR, NOW + 2 * HOUR]
    assert [verbs(each) for each in (before, during, after)] == [[], [Verb.SUSPEND], [Verb.RESTORE]]


def test_what_is_off_and_on_by_source_is_observed_as_facts(parts: Engine, holds: Holds) -> None:
    stops = place(holds, hold("Subscription/home", stops_billing=True))
    goes_on = place(holds, hold("Tenant/silva", source="abuse"))
    run(parts)
    run(parts)
    holds.release([stops, goes_on], "ann", NOW)
    run(parts)

    assert facts(parts) == [
        ("service:hold:abuse", "OffBilled"),
        ("service:hold:dunning", "Off"),
        ("service:hold:abuse", "On"),
        ("service:hold:dunning", "On"),
    ]


def test_a_hold_on_one_login_is_no_fact_of_its_contract(parts: Engine, holds: Holds) -> None:
    place(holds, hold("Login/joao"))
    run(parts)

    assert facts(parts) == []


def test_what_a_plan_does_not_offer_is_told_and_the_line_stays_as_it_is(
    parts: Engine, holds: Holds
) -> None:
    for each in BOTH:
        place(holds, each)
    outcome = run(parts)

    assert verbs(outcome) == []
    assert ready(outcome, SILVA[2])["Restricted"] == "True WalledGarden"
    (told,) = (
        each for each in outcome.statuses[JOAO]["conditions"] if each["type"] == "Restricted"
    )
    assert told["message"] == (
        "dunning: Invoice 17 is overdue (Throttle), abuse: Invoice 17 is overdue (WalledGarden);"
        " Plan/fibra-300 has neither a throttled nor a walled-garden profile, so lines stay as they are: add"
        " spec.access.throttledProfileRef or walledGardenProfileRef to it, or use Refuse"
    )


def test_a_walled_garden_that_is_missing_is_told_where_there_is_a_slower_speed(
    parts: Engine, holds: Holds
) -> None:
    access = {"profileRef": {"name": "300m"}, "throttledProfileRef": {"name": "1m"}}
    parts.world.put(plan(access=access))
    place(holds, BOTH[1])
    outcome = run(parts)

    (told,) = (
        each for each in outcome.statuses[JOAO]["conditions"] if each["type"] == "Restricted"
    )
    assert told["message"].endswith(
        "Plan/fibra-300 has no walled-garden profile, so lines are throttled:"
        " add spec.access.walledGardenProfileRef to it if that is not enough"
    )


def test_what_cannot_be_read_or_is_gone_is_refused_by_a_hold_all_the_same(
    parts: Engine, memory: Memory, holds: Holds
) -> None:
    made = place(holds, hold("Login/joao"))
    parts.world.put(Broken(JOAO, "spec.username: is missing"))
    broken = run(parts)
    holds.release([made], "ann", NOW)
    parts.world.put(SILVA[2])
    run(parts)
    place(holds, hold("Subscription/home"))
    parts.world.remove(JOAO)
    gone = run(parts)

    assert verbs(broken) == [Verb.SUSPEND]
    assert verbs(gone) == [Verb.SUSPEND]
    assert memory.items[LINE].state is State.SUSPENDED
