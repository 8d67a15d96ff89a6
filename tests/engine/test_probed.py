"""What passes tell of answers, and a pace that is kept; services and back ends in memory."""

import asyncio
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import pairwise
from statistics import median

import anyio

from ispalier.api.access import Login
from ispalier.api.base import Resource
from ispalier.core.conditions import StatusBody
from ispalier.core.engine import Engine, Outcome
from ispalier.core.items import Owner
from ispalier.core.probe import NotProbed, Question, Reason, Reply, Subject
from ispalier.core.reconcile import reconcile
from ispalier.core.room import Asks
from ispalier.core.verdicts import Verdicts
from ispalier.loop.controller import Controller
from ispalier.loop.metrics import Metrics
from ispalier.loop.probing import Probing
from ispalier.world.errors import Unavailable
from ispalier.world.snapshot import ident
from ispalier.world.state import State
from ispalier.world.view import View
from tests.builders import NOW, login, snapshot, subscription, tenant
from tests.engine.passes import PROVIDER, SILVA, ready, run, told
from tests.inmemory import HOST, Line, Memory, engine

TENANT, CONTRACT, JOAO = SILVA
WHO = Subject(Owner("test", "10042", "Login", "joao"), ("memory", HOST))
GOOD, SILENT = Reply(Reason.ANSWERS), Reply(Reason.NONE, "silent")
NUMBERS = [f"{number:05}" for number in range(40)]
OPEN = {"generate": {"secretName": "made"}}
FLEET = [
    each
    for number in NUMBERS
    for each in (
        tenant(f"t{number}", number),
        subscription(f"t{number}"),
        login(f"u{number}", f"t{number}", password=OPEN),
    )
]
UNPAID = subscription(suspensions=[{"reason": "Unpaid", "since": "2026-11-20"}])


def ask_of(_: View, __: Login, line: Line, ___: Collection[Owner]) -> Question | NotProbed:
    return (line.name, line.state) if line.plan else NotProbed("a plan answers nothing")


def probed(*world: Resource, memory: Memory | None = None) -> Engine:
    """An engine whose room can be asked."""
    parts = engine(snapshot(*PROVIDER, *world), memory or Memory())
    register, room = parts.rooms
    parts.rooms = (register, replace(room, probes={Line: (Asks(ask_of),)}, ask=lambda _: GOOD))
    return parts


def expect(parts: Engine, outcome: Outcome) -> None:
    """Take in what is to be asked, as the loop does."""
    questions = {
        subject: each for subject, each in outcome.probes.items() if not isinstance(each, NotProbed)
    }
    parts.verdicts.expect(outcome.customer, questions)


def hear(parts: Engine, *replies: Reply, state: State = State.ACTIVE) -> None:
    for each in replies:
        parts.verdicts.heard(WHO, ("joao", state), each)


def passed(parts: Engine) -> Outcome:
    """A pass whose statuses are written and whose questions are taken in."""
    outcome = run(parts)
    told(parts, outcome)
    expect(parts, outcome)
    return outcome


def test_what_was_never_asked_says_so() -> None:
    outcome = passed(probed(*SILVA))

    assert ready(outcome, JOAO) == {"Ready": "True Ready", "Probed": "Unknown NotProbed"}


def test_an_answer_is_told_by_the_next_pass_on_login_contract_and_tenant() -> None:
    parts = probed(*SILVA)
    passed(parts)
    hear(parts, GOOD)

    outcome = passed(parts)

    assert ready(outcome, JOAO) == {"Ready": "True Ready", "Probed": "True Answers"}
    assert ready(outcome, CONTRACT)["memoryProbed"] == "True Answers"
    assert ready(outcome, TENANT)["memoryProbed"] == "True Answers"


def test_two_failures_change_no_status_and_the_third_does() -> None:
    parts = probed(*SILVA)
    passed(parts)
    hear(parts, GOOD)
    passed(parts)
    hear(parts, SILENT, SILENT)
    before = passed(parts).statuses
    hear(parts, SILENT)

    after = passed(parts)

    assert before == {}
    assert ready(after, JOAO) == {"Ready": "True Ready", "Probed": "False NoAnswer"}
    assert ready(after, CONTRACT)["memoryProbed"] == "False NoAnswer"


def test_what_is_wrong_is_told_with_its_host() -> None:
    parts = probed(*SILVA)
    passed(parts)
    hear(parts, SILENT, SILENT, SILENT)

    body: StatusBody = passed(parts).statuses[ident(CONTRACT)]

    (message,) = [each["message"] for each in body["conditions"] if "Probed" in each["type"]]
    assert message == "Login/joao on memory: silent"


def test_what_others_do_wrong_is_told_on_the_resource_alone() -> None:
    parts = probed(*SILVA)
    register, room = parts.rooms
    asks = (Asks(ask_of), Asks(ask_of, "Pointed", is_ours=False))
    parts.rooms = (register, replace(room, probes={Line: asks}))
    passed(parts)
    elsewhere = WHO._replace(condition="Pointed", is_ours=False)
    hear(parts, GOOD)
    for _ in range(3):
        parts.verdicts.heard(elsewhere, ("joao", State.ACTIVE), SILENT)

    outcome = passed(parts)

    assert ready(outcome, JOAO) == {
        "Ready": "True Ready",
        "Probed": "True Answers",
        "Pointed": "False NoAnswer",
    }
    assert ready(outcome, CONTRACT)["memoryProbed"] == "True Answers"
    assert parts.verdicts.failing() == {}


def test_a_restart_tells_nothing_until_it_has_asked() -> None:
    parts = probed(*SILVA)
    passed(parts)
    hear(parts, GOOD)
    passed(parts)
    parts.verdicts = Verdicts()

    first = passed(parts)
    hear(parts, GOOD)
    second = passed(parts)

    assert first.statuses == {}
    assert second.statuses == {}


def test_what_was_changed_is_unknown_until_it_is_asked_anew() -> None:
    parts = probed(*SILVA)
    passed(parts)
    hear(parts, GOOD)
    passed(parts)

    parts.world.put(UNPAID)
    suspended = passed(parts)
    hear(parts, GOOD)
    late = passed(parts)
    hear(parts, GOOD, state=State.SUSPENDED)
    anew = passed(parts)

    assert ready(suspended, JOAO)["Probed"] == "Unknown NotProbed"
    assert late.statuses == {}
    assert ready(anew, JOAO)["Probed"] == "True Answers"


def test_a_change_just_after_a_restart_is_unknown_until_it_is_asked() -> None:
    parts = probed(*SILVA)
    passed(parts)
    hear(parts, GOOD)
    passed(parts)
    parts.verdicts = Verdicts()

    parts.world.put(UNPAID)

    assert ready(passed(parts), JOAO)["Probed"] == "Unknown NotProbed"


def test_what_is_not_served_as_declared_is_not_asked() -> None:
    memory = Memory()
    parts = probed(*SILVA, memory=memory)
    passed(parts)
    hear(parts, GOOD)
    passed(parts)
    memory.fail = lambda _: Unavailable("away")

    outcome = passed(parts)

    assert ready(outcome, JOAO)["Probed"] == "Unknown NotProbed"
    assert parts.verdicts.question(WHO) is None


def test_a_customer_who_is_gone_is_not_asked() -> None:
    parts = probed(*SILVA)
    passed(parts)

    for each in SILVA:
        parts.world.remove(ident(each))
    expect(parts, run(parts))

    assert parts.verdicts.question(WHO) is None


def test_no_host_is_asked_more_often_than_its_budget_allows() -> None:
    asked: list[float] = []

    def ask(_: Question) -> Reply:
        asked.append(time.monotonic())
        return GOOD

    anyio.run(_pass_while_probing, ask, 20.0, 1.0)
    gaps = [later - earlier for earlier, later in pairwise(asked)]

    assert 10 <= len(asked) <= 21
    assert median(gaps) > 0.045  # one that comes late has the next on its heels


def test_a_service_that_hangs_delays_no_pass() -> None:
    hanging, asked = threading.Event(), threading.Event()

    def ask(_: Question) -> Reply:
        asked.set()
        hanging.wait(5)
        return SILENT

    try:
        took = anyio.run(_pass_while_probing, ask, 1000.0, 0.5)
    finally:
        hanging.set()

    assert asked.is_set()
    assert took < 0.4


async def _pass_while_probing(
    ask: Callable[[Question], Reply], rate: float, seconds: float
) -> float:
    """Ask about forty customers for so long, and then make a pass; how long that took."""
    parts = probed(*FLEET)
    register, room = parts.rooms
    parts.rooms = (register, replace(room, ask=ask))
    probing = Probing(Controller(parts, Metrics()), interval=60, rate=rate)
    await reconcile(parts, [""], NOW)
    for outcome in await reconcile(parts, NUMBERS, NOW):
        probing.passed(outcome)
    task = asyncio.create_task(probing.run(asyncio.Event()))
    await asyncio.sleep(seconds)
    began = time.monotonic()
    await reconcile(parts, NUMBERS[:1], NOW)
    took = time.monotonic() - began
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return took
