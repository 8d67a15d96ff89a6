"""Who asks how things stand in a cluster is told no confidential name."""

from ispalier.cli.look.readiness import carried as readiness
from ispalier.cli.look.stands import carried
from ispalier.core.conditions import with_status
from ispalier.world.snapshot import Broken, Ident
from tests.builders import resource, snapshot, subscription, tenant

SPEC = {"subscriptionRef": {"name": "home"}, "name": "silva.example", "confidential": True}
READY = {
    "type": "Ready",
    "status": "False",
    "observedGeneration": 1,
    "lastTransitionTime": "2026-11-21T12:00:00Z",
    "reason": "Waiting",
    "message": "publish a TXT record at _ispalier.silva.example",
}
DOMAIN = with_status(resource("Domain", "silva", SPEC, "silva"), {"conditions": [READY]})
RECORD = Broken(Ident("RecordSet", "silva", "www.silva.example"), "'mx.silva.example' has no dot")


def test_what_a_condition_says_is_told_without_it() -> None:
    world = snapshot(tenant(), subscription(), DOMAIN)

    [told] = carried(world, "10042", ("Domain", "silva"))

    assert told.message == "publish a TXT record at (confidential)"


def test_what_cannot_be_read_is_told_without_it() -> None:
    world = snapshot(tenant(), subscription(), DOMAIN)
    world.put(RECORD)

    [told] = [each for each in readiness(world) if each.kind == "RecordSet"]

    assert told.resource == "RecordSet/(confidential) in silva"
    assert told.why == "'(confidential)' has no dot"
