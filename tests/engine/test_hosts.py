"""A host that cannot be looked at is not Ready, whatever it is to serve."""

from dataclasses import dataclass

import anyio
import pytest

from ispalier.core.engine import Outcome
from ispalier.core.items import Place
from ispalier.core.reconcile import reconcile
from ispalier.core.room import Backend
from ispalier.dns.room import ROOM as DNS
from ispalier.world.errors import Unavailable, Waiting
from tests.builders import NOW, snapshot
from tests.engine.passes import PROVIDER, message, ready
from tests.engine.test_zones import HOST
from tests.inmemory import Hosts, Memory, engine


@dataclass(slots=True)
class Lacking(Hosts):
    """A host whose Secret is not there."""

    def backend(self, place: Place) -> Backend:
        raise Waiting(f"there is no secret of {place[1]} (yet)")


def seen(hosts: Hosts) -> Outcome:
    parts = engine(snapshot(*PROVIDER, HOST), Memory())
    parts.rooms, parts.hosts = (DNS,), hosts

    async def provider() -> Outcome:
        (outcome,) = await reconcile(parts, [""], NOW)
        return outcome

    return anyio.run(provider)


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        (Lacking({("dns", "dns-1"): Memory()}), "False Waiting"),
        (
            Hosts({("dns", "dns-1"): Memory(fail=lambda _: Unavailable("no answer"))}),
            "False BackendUnavailable",
        ),
        (Hosts({("dns", "dns-1"): Memory()}), "True Ready"),
    ],
    ids=["without its secret", "away", "there"],
)
def test_a_host_is_ready_when_it_can_be_looked_at(hosts: Hosts, said: str) -> None:
    outcome = seen(hosts)

    assert ready(outcome, HOST)["Ready"] == said


def test_a_host_says_what_it_waits_for() -> None:
    outcome = seen(Lacking({("dns", "dns-1"): Memory()}))

    assert "there is no secret of dns-1 (yet)" in message(outcome, HOST)
