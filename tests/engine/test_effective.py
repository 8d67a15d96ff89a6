"""What a status says of what has no effect, is only observed, or is not served yet."""

from ispalier.api.base import Resource
from ispalier.core.engine import Outcome
from ispalier.world.snapshot import Ident, ident
from tests.builders import login, resource, snapshot, subscription
from tests.engine.passes import HOUR, LINE, PROVIDER, SILVA, run, verbs
from tests.inmemory import Memory, engine

SITE = resource(
    "Site",
    "www",
    {"subscriptionRef": {"name": "home"}, "hostname": "www.silva.example"},
    "silva",
)


def told(outcome: Outcome, which: Resource, type_: str) -> tuple[str, str]:
    conditions = outcome.statuses[ident(which)]["conditions"]
    (found,) = [each for each in conditions if each["type"] == type_]
    return f"{found['status']} {found['reason']}", str(found["message"])


def types(outcome: Outcome, which: Resource) -> list[str]:
    return [each["type"] for each in outcome.statuses[ident(which)]["conditions"]]


def state(outcome: Outcome) -> object:
    return outcome.statuses[Ident("Subscription", "silva", "home")].get("state")


def test_a_field_on_which_nothing_acts_is_told_on_the_object() -> None:
    joao = login("joao", portalAccess=True)
    parts = engine(snapshot(*PROVIDER, *SILVA[:2], joao), Memory())

    outcome = run(parts)

    assert told(outcome, joao, "Effective") == (
        "False NotYetActedUpon",
        "nothing acts on these yet: spec.portalAccess (there is no portal yet)",
    )
    assert told(outcome, joao, "Ready")[0] == "True Ready"


def test_a_kind_on_which_nothing_acts_is_not_ready_and_nobody_is_asked_to_do_anything() -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA, SITE), Memory())

    outcome = run(parts)

    assert told(outcome, SITE, "Ready") == (
        "False NotYetActedUpon",
        "no site or database is made yet",
    )
    assert types(outcome, SITE) == ["Ready", "Effective"]


def test_who_is_only_observed_gets_nothing_and_loses_nothing() -> None:
    memory = Memory()
    parts = engine(
        snapshot(*PROVIDER, *SILVA[:2], login("joao", managementPolicy="Observe")), memory
    )

    outcome = run(parts)
    before = dict(memory.items)
    parts.world.put(SILVA[2])
    managed = run(parts)
    parts.world.put(login("joao", managementPolicy="Observe", enabled=False))
    again = run(parts)

    assert LINE not in before
    assert told(outcome, SILVA[2], "Managed")[0] == "False Observe"
    assert len(verbs(managed)) == 1
    assert verbs(again) == []
    assert LINE in memory.items


def test_who_is_switched_off_is_refused_and_kept() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)

    parts.world.put(login("joao", enabled=False))
    off = run(parts)
    parts.world.put(SILVA[2])
    on = run(parts)

    assert [verbs(each) for each in (off, on)] == [["suspend"], ["restore"]]


def test_a_contract_goes_through_its_states() -> None:
    ordered = subscription(deployment="Requested")
    later = subscription(terms=[{"from": "2027-01-01", "planRef": {"name": "fibra-300"}}])
    unpaid = subscription(suspensions=[{"reason": "Unpaid", "since": "2026-11-20"}])
    ending = subscription(end={"date": "2026-12-01", "reason": "Moved"})
    ended = subscription(end={"date": "2026-11-20", "reason": "Moved"})
    parts = engine(snapshot(*PROVIDER, SILVA[0], ordered, SILVA[2]), Memory())

    states = [state(run(parts))]
    for number, each in enumerate((later, SILVA[1], unpaid, ending, ended), start=1):
        parts.world.put(each)
        states.append(state(run(parts, later=number * HOUR)))

    assert states == ["Ordered", "Confirmed", "Active", "Suspended", "Ending", "Ended"]


def test_nothing_of_what_is_only_ordered_is_served() -> None:
    memory = Memory()
    parts = engine(
        snapshot(*PROVIDER, SILVA[0], subscription(deployment="Requested"), SILVA[2]), memory
    )

    outcome = run(parts)

    assert LINE not in memory.items
    assert told(outcome, SILVA[2], "Ready")[1] == (
        "Subscription/home is ordered only: set its deployment to Approved"
    )
