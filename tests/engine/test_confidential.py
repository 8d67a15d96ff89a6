"""A confidential name is hidden by who holds it, and by nobody else."""

from pathlib import Path

from ispalier.api.base import Resource
from ispalier.core.engine import Engine
from ispalier.dns.room import ROOM as DNS
from ispalier.journal.journal import Journal
from ispalier.mail.room import ROOM as MAIL
from ispalier.world.hidden import INSTEAD
from tests.builders import mail_domain, resource, service_host, snapshot, subscription, tenant
from tests.builders import unit as unit_
from tests.engine.passes import PROVIDER, ready, run
from tests.engine.test_zones import HOST, domain, served
from tests.inmemory import Hosts, Memory, engine

SILVA = (tenant(), subscription())
SOUZA = (tenant("souza", "10043"), subscription("souza"))


def quiet(name: str, namespace: str, **more: object) -> Resource:
    spec = {"subscriptionRef": {"name": "home"}, "name": name, "confidential": True, **more}
    return resource("Domain", "quiet", spec, namespace)


def told(parts: Engine, name: str) -> str:
    return parts.world.hidden.text(name)


def test_who_declares_anothers_domain_hides_nothing_of_it() -> None:
    parts = served(*SILVA, domain("silva.example", "silva"), *SOUZA)
    run(parts)
    for each in (quiet("silva.example", "souza"), quiet("silva.example", "souza", enabled=False)):
        parts.world.put(each)
        outcome = run(parts, "10043")

    assert ready(outcome, each)["Ready"] == "False Conflict"
    assert told(parts, "www.silva.example") == "www.silva.example"


def test_who_declares_the_mail_domain_of_another_hides_nothing_of_it() -> None:
    host = service_host("mail-1", "Mail")
    parts = served(*SILVA, host, mail_domain("silva.example"), *SOUZA)
    parts.hosts = Hosts({("mail", "mail-1"): Memory(), ("dns", "dns-1"): Memory()})
    parts.rooms = (DNS, MAIL)
    run(parts)
    parts.world.put(quiet("silva.example", "souza"))
    run(parts, "10043")

    assert told(parts, "ann@silva.example") == "ann@silva.example"


def test_nobody_hides_what_is_everybodys() -> None:
    parts = served(*SOUZA, quiet("com.br", "souza"))
    run(parts, "10043")

    assert told(parts, "silva.com.br") == "silva.com.br"


def test_nobody_hides_what_he_does_not_prove() -> None:
    parts = served(*SOUZA, unit_(verify=["192.0.2.1"]), quiet("a.example", "souza", dns="External"))
    run(parts, "10043")

    assert told(parts, "a.example") == "a.example"


def test_who_holds_a_name_hides_it_from_the_beginning_and_whoever_else_asks() -> None:
    parts = served(*SILVA, quiet("silva.example", "silva"), *SOUZA)
    before = told(parts, "silva.example")
    run(parts)
    parts.world.put(quiet("silva.example", "souza"))
    run(parts, "10043")

    assert before == INSTEAD
    assert told(parts, "www.silva.example") == INSTEAD


def test_the_journal_tells_a_new_process_of_names_that_are_held(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ispalier.db'}"
    there = (*SILVA, domain("silva.example", "silva"), *SOUZA, quiet("silva.example", "souza"))
    parts = engine(snapshot(*PROVIDER, HOST, *there), Memory(), url)
    parts.rooms, parts.hosts = served().rooms, Hosts({("dns", "dns-1"): Memory()})
    run(parts)
    run(parts, "10043")
    own = {"subscriptionRef": {"name": "home"}, "name": "own.example", "confidential": True}
    parts.world.put(resource("Domain", "own", own, "souza"))
    run(parts, "10043")

    assert isinstance(parts.journal, Journal)
    assert parts.journal.confidential() == ["own.example"]
