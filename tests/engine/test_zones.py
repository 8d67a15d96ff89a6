"""A zone in a zone of another customer is served only where that delegates it."""

import anyio

from ispalier.api.base import Resource
from ispalier.cli.keep.rebuilding import rebuild
from ispalier.core.changes import Verb
from ispalier.core.engine import Engine
from ispalier.dns.room import ROOM as DNS
from ispalier.journal.identity import Papers
from ispalier.journal.journal import Journal
from ispalier.mail.room import ROOM as MAIL
from ispalier.world.snapshot import Broken, ident
from tests.builders import NOW, mail_domain, resource, service_host, snapshot, subscription, tenant
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


def letting(upper: Resource, name: str, customer: str = "10043") -> Resource:
    """The same Domain, which lets a customer have a name below it."""
    spec = {
        "subscriptionRef": {"name": "home"},
        "name": upper.spec.name,  # type: ignore[attr-defined]  # a Domain
        "delegations": [{"name": name, "customerNumber": customer}],
    }
    return resource("Domain", upper.name, spec, upper.namespace)


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
        " or have that Domain name this customer in spec.delegations"
    )
    assert told(parts.world, LOWER) == [
        (
            "spec.name: www.silva.example lies in zone silva.example of another customer,"
            " Domain/silva-example of namespace silva: use another, or have that Domain name this"
            " customer in spec.delegations"
        )
    ]


def test_it_is_served_once_it_is_handed_over_and_stays_when_it_is_not_any_more() -> None:
    parts = served(*SILVA, *SOUZA)
    run(parts)
    run(parts, "10043")
    parts.world.put(letting(UPPER, "www"))
    outcome = run(parts, "10043")

    parts.world.put(UPPER)
    again = run(parts, "10043")

    assert len(verbs(outcome)) == 1
    assert verbs(again) == []
    assert ready(again, LOWER)["Ready"] == "True Ready"


def test_what_is_handed_to_another_or_delegated_elsewhere_is_not_for_everybody() -> None:
    handed = letting(UPPER, "www", "10044")
    spec = {
        "domainRef": {"name": UPPER.name},
        "name": "www",
        "type": "NS",
        "values": ["ns.x.example."],
    }
    elsewhere = resource("RecordSet", "www", spec, "silva")
    parts = served(*SILVA[:2], handed, elsewhere, *SOUZA)
    run(parts)

    assert ready(run(parts, "10043"), LOWER)["Ready"] == "False Conflict"


def test_who_takes_the_number_of_another_lets_nobody_have_anything() -> None:
    later = {"creationTimestamp": "2026-11-20T10:00:00Z"}
    thief = tenant("thief", "10042", **later)
    forged = letting(domain("silva.example", "thief"), "www")
    parts = served(*SILVA, *SOUZA, thief, subscription("thief"), forged)
    run(parts)

    assert ready(run(parts, "10043"), LOWER)["Ready"] == "False Conflict"


def test_while_a_tenant_cannot_be_read_nobody_says_who_may_have_what() -> None:
    """It may be the one who has the number that another one took."""
    later = {"creationTimestamp": "2026-11-20T10:00:00Z"}
    forged = letting(domain("silva.example", "thief"), "www")
    parts = served(*SILVA, *SOUZA)
    run(parts)
    parts.world.put(Broken(ident(SILVA[0]), "a slip"))
    for each in (tenant("thief", "10042", **later), subscription("thief"), forged):
        parts.world.put(each)

    assert ready(run(parts, "10043"), LOWER)["Ready"] == "False Conflict"


def test_mail_of_a_domain_itself_is_let_have_alone() -> None:
    parts = served(*SILVA[:2], letting(UPPER, "@"), *SOUZA)
    mail = mail_domain("silva.example", "souza")
    parts.world.put(service_host("mail-1", "Mail"))
    parts.world.put(mail)
    parts.rooms = (DNS, MAIL)
    parts.hosts = Hosts({("dns", "dns-1"): Memory(), ("mail", "mail-1"): Memory()})
    run(parts)
    outcome = run(parts, "10043")

    assert ready(outcome, mail)["Ready"] == "True Ready"
    assert ready(outcome, LOWER)["Ready"] == "False Conflict"
    assert told(parts.world, mail) == []
    assert told(parts.world, LOWER) != []


def test_a_zone_above_names_of_several_is_told_of_once_and_names_none() -> None:
    everybody = domain("com.example", "thief")
    one, two = domain("silva.com.example", "silva"), domain("souza.com.example", "souza")
    parts = served(*SILVA[:2], one, tenant("souza", "10043"), subscription("souza"), two)
    for each in (tenant("thief", "10044"), subscription("thief"), everybody):
        parts.world.put(each)

    assert told(parts.world, everybody) == [
        (
            "spec.name: com.example has names of 2 other customers in it: use another, or name"
            " those customers in spec.delegations"
        )
    ]
    assert told(parts.world, one) == told(parts.world, two) == []


def test_what_was_here_and_is_served_elsewhere_stays_off() -> None:
    parts = served(*SILVA)
    run(parts)
    spec = {"subscriptionRef": {"name": "home"}, "name": "silva.example", "dns": "External"}
    elsewhere = resource("Domain", UPPER.name, spec, "silva")
    parts.world.put(elsewhere)
    off = verbs(run(parts))
    parts.world.leave(ident(HOST), NOW)
    alone = run(parts)

    assert off == [Verb.RETIRE]
    assert ready(alone, elsewhere)["Ready"] == "True Ready"


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
            " Domain/www-silva-example of namespace souza: use another, or name that"
            " customer in spec.delegations"
        )
    ]
    parts.world.put(letting(upper, "www"))
    assert told(parts.world, upper) == []
    assert verbs(run(parts)) == [Verb.CREATE]


def test_a_journal_that_is_rebuilt_gives_names_by_age() -> None:
    """No host tells of a domain that others serve."""
    spec = {"subscriptionRef": {"name": "home"}, "name": "silva.example", "dns": "External"}
    older = resource("Domain", "silva", spec, "silva")
    later = {"creationTimestamp": "2026-11-20T10:00:00Z"}
    younger = domain("www.silva.example", "souza", **later)
    souza = (tenant("souza", "10001"), subscription("souza"), younger)
    parts = served(*SILVA[:2], older, *souza)
    assert isinstance(parts.journal, Journal)

    anyio.run(rebuild, parts, Papers(parts.journal.engine), "for tests", NOW)

    assert ready(run(parts, "10001"), younger)["Ready"] == "False Conflict"
    assert ready(run(parts), older)["Ready"] == "True Ready"
