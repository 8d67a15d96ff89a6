"""A zone in a zone of another customer is served only where that delegates it."""

from ispalier.api.base import Resource
from ispalier.core.engine import Engine
from ispalier.dns.room import ROOM as DNS
from ispalier.world.snapshot import ident
from tests.builders import NOW, resource, snapshot, subscription, tenant
from tests.engine.passes import PROVIDER, message, ready, run, verbs
from tests.engine.test_sound import told
from tests.inmemory import Hosts, Memory, engine

NAME_SERVERS = {"nameServers": ["ns1.provider.example"], "soa": {"contact": "dns.provider.example"}}
HOST = resource(
    "ServiceHost",
    "dns-1",
    {
        "type": "DNS",
        "dns": {
            "url": "http://127.0.0.1:1",
            "apiKeySecretRef": {"name": "dns-1", "key": "key"},
            **NAME_SERVERS,
        },
    },
)


def domain(name: str, namespace: str, **meta: object) -> Resource:
    spec = {"subscriptionRef": {"name": "home"}, "name": name}
    return resource("Domain", name.replace(".", "-"), spec, namespace, **meta)


def delegation(of: Resource, name: str) -> Resource:
    spec = {"domainRef": {"name": of.name}, "name": name, "type": "NS", "values": ["ns.x.example."]}
    return resource("RecordSet", f"{of.name}-ns", spec, of.namespace)


UPPER, LOWER = domain("silva.example", "silva"), domain("www.silva.example", "souza")
SILVA = (tenant(), subscription(), UPPER)
SOUZA = (tenant("souza", "10043"), subscription("souza"), LOWER)


def served(*resources: Resource) -> Engine:
    parts = engine(snapshot(*PROVIDER, HOST, *resources), Memory())
    parts.rooms = (DNS,)
    parts.hosts = Hosts({("dns", "dns-1"): Memory()})
    return parts


def test_files_and_the_controller_say_the_same_of_a_zone_in_that_of_another() -> None:
    parts = served(*SILVA, *SOUZA)
    run(parts)
    outcome = run(parts, "10043")

    assert ready(outcome, LOWER)["Ready"] == "False Conflict"
    assert verbs(outcome) == []
    assert message(outcome, LOWER) == (
        "zone 'www.silva.example.' lies in zone 'silva.example.' of another customer: use another,"
        " or have it delegated there by a RecordSet of type NS"
    )
    assert told(parts.world, LOWER) == [
        (
            "spec.name: www.silva.example lies in zone silva.example of another customer,"
            " Domain/silva-example of namespace silva: use another, or have it delegated there by a"
            " RecordSet of type NS"
        )
    ]


def test_it_is_served_once_it_is_delegated_and_stays_when_it_is_not_any_more() -> None:
    parts = served(*SILVA, *SOUZA)
    run(parts)
    run(parts, "10043")
    handed = delegation(UPPER, "www")
    parts.world.put(handed)
    outcome = run(parts, "10043")

    parts.world.leave(ident(handed), NOW)
    again = run(parts, "10043")

    assert len(verbs(outcome)) == 1
    assert verbs(again) == []
    assert ready(again, LOWER)["Ready"] == "True Ready"


def test_who_comes_above_names_of_others_later_is_told() -> None:
    later = {"creationTimestamp": "2026-11-20T10:00:00Z"}
    upper = domain("silva.example", "silva", **later)
    parts = served(*SOUZA, tenant(), subscription(), upper)
    run(parts, "10043")
    outcome = run(parts)

    assert ready(outcome, upper)["Ready"] == "False Conflict"
    assert "has names of another customer in it" in message(outcome, upper)
    assert told(parts.world, upper) == [
        (
            "spec.name: silva.example has www.silva.example of another customer in it,"
            " Domain/www-silva-example of namespace souza: use another, or delegate it by a RecordSet"
            " of type NS"
        )
    ]
    parts.world.put(delegation(upper, "www"))
    assert told(parts.world, upper) == []
    assert len(verbs(run(parts))) == 2
