"""What begins on a later day, or waits for its installer, is as it should be."""

from datetime import datetime, timedelta

import pytest

from ispalier.api.base import Resource
from ispalier.core.changes import Verb
from ispalier.core.engine import Engine, Outcome
from ispalier.radius.room import ROOM as RADIUS
from ispalier.world.snapshot import ident
from tests.builders import login, plan, resource, service_host, snapshot, subscription, tenant
from tests.engine.passes import PROVIDER, message, ready, run, verbs
from tests.gitops import argo_health, flux_health
from tests.inmemory import Hosts, Memory, engine

LATER = [{"from": "2026-12-15", "planRef": {"name": "fibra-300"}}]
HOME, LINE = subscription(terms=LATER), login("joao")
TOLD = "Subscription/home begins 2026-12-15"


def served(*resources: Resource) -> Engine:
    """A tenant with these on a RADIUS."""
    radius = service_host("radius-1", "RADIUS")
    parts = engine(snapshot(*PROVIDER, radius, tenant(), *resources), Memory())
    parts.rooms = (RADIUS,)
    parts.hosts = Hosts({("radius", "radius-1"): Memory()})
    return parts


def healths(outcome: Outcome, which: Resource) -> tuple[tuple[str, str], str]:
    """What Argo CD and Flux make of a resource."""
    status = outcome.statuses[ident(which)]
    body = {"kind": which.kind, "metadata": {"generation": 1}, "status": status}
    return argo_health(body), flux_health("home-fibre", body)


@pytest.mark.parametrize("which", [tenant(), HOME, LINE])
def test_what_begins_later_is_ready_and_says_when_it_begins(which: Resource) -> None:
    outcome = run(served(HOME, LINE))

    assert verbs(outcome) == []
    assert ready(outcome, which) == {"Ready": "True NotBegun"}
    assert message(outcome, which) == TOLD
    assert healths(outcome, which) == (("Healthy", TOLD), "Current")


def test_what_begins_later_is_served_on_its_first_day() -> None:
    parts = served(HOME, LINE)
    before = run(parts)

    after = run(parts, later=timedelta(days=24))

    assert before.wake == datetime.fromisoformat("2026-12-15T03:00Z")
    assert verbs(after) == [Verb.CREATE]
    assert ready(after, LINE)["Ready"] == "True Ready"


def test_who_waits_for_another_thing_too_is_not_ready() -> None:
    wrong = [{"from": "2026-11-01", "planRef": {"name": "fibra-3000"}}]
    other = subscription(name="office", terms=wrong)

    outcome = run(served(HOME, LINE, other, login("ana", subscriptionRef={"name": "office"})))

    assert ready(outcome, tenant())["Ready"] == "False Waiting"
    assert "fibra-3000" in message(outcome, tenant())


def test_a_line_that_waits_for_its_installer_is_healthy() -> None:
    line = login("joao", installation="Required")

    outcome = run(served(subscription(), line, plan()))

    assert ready(outcome, line)["Ready"] == "True Ready"
    assert healths(outcome, line) == (("Healthy", ""), "Current")


def test_a_line_that_is_known_by_its_serial_fails_no_rollout() -> None:
    spec = {"subscriptionRef": {"name": "home"}, "serial": "HWTC1A2B3C4D"}
    line = resource("Login", "joao", {**spec, "installation": "Required"}, "silva")

    outcome = run(served(subscription(), line))
    (argo, said), flux = healths(outcome, line)

    assert (argo, flux) == ("Suspended", "Current")
    assert said == "a line without a username is not served yet: give it a username and a password"
