"""Mail comes in only for domains that were proven, where the business unit wants that."""

from datetime import timedelta
from pathlib import Path

import pytest

from ispalier.api.base import Resource
from ispalier.core.engine import Engine, Outcome
from ispalier.core.items import Owner
from ispalier.core.memory import Claim
from ispalier.core.probe import NotProbed, Reason, Reply
from ispalier.dns.questions import Ownership
from ispalier.dns.room import ROOM as DNS
from ispalier.journal.journal import Journal
from ispalier.mail.items import MailDomain
from ispalier.mail.room import ROOM as MAIL
from ispalier.world.checks.every import checks
from ispalier.world.checks.files import Files
from ispalier.world.findings import Level
from ispalier.world.snapshot import Broken, ident
from ispalier.world.state import State
from tests.builders import (
    NOW,
    mail_domain,
    mailbox,
    plan,
    resource,
    service_host,
    snapshot,
    subscription,
    tenant,
    unit,
)
from tests.engine.passes import message, ready, run
from tests.engine.test_zones import HOST
from tests.inmemory import Hosts, Memory, engine

WANTING = unit(verify=["192.0.2.1"])
SPEC = {"subscriptionRef": {"name": "home"}, "name": "silva.example", "dns": "External"}
DOMAIN = resource("Domain", "silva", SPEC, "silva")
MAIL_DOMAIN, ANN = mail_domain("silva.example"), mailbox("ann", "ann@silva.example")
SILVA = (tenant(), subscription(), MAIL_DOMAIN, ANN)


def served(*resources: Resource, host: Memory | None = None, url: str = "sqlite://") -> Engine:
    everything = snapshot(plan(), service_host("mail-1", "Mail"), *resources)
    parts = engine(everything, Memory(), url)
    parts.rooms = (DNS, MAIL)
    parts.hosts = Hosts({("mail", "mail-1"): host or Memory()})
    return parts


def answered(parts: Engine, outcome: Outcome, reply: Reply) -> None:
    """Resolvers say this to all that is asked."""
    questions = {
        subject: each for subject, each in outcome.probes.items() if not isinstance(each, NotProbed)
    }
    assert [type(each) for each in questions.values()] == [Ownership]
    parts.verdicts.expect(outcome.customer, questions)
    for subject, each in questions.items():
        parts.verdicts.heard(subject, each, reply)


def names(host: Memory) -> list[str]:
    return [each.name for each in host.items.values() if isinstance(each, MailDomain)]


def test_mail_waits_for_the_proof_and_says_which() -> None:
    host = Memory()
    parts = served(WANTING, *SILVA, DOMAIN, host=host)

    outcome = run(parts)

    proof = outcome.statuses[ident(DOMAIN)]["verification"]
    assert isinstance(proof, dict)
    assert proof["name"] == "_ispalier.silva.example"
    assert ready(outcome, MAIL_DOMAIN)["Ready"] == "False Waiting"
    assert message(outcome, MAIL_DOMAIN) == (
        "Domain/silva is not verified (yet): publish the TXT record _ispalier.silva.example with"
        f" the text '{proof['value']}'"
    )
    assert message(outcome, ANN).startswith("MailDomain/silva-example is not accepted (yet)")
    assert ready(outcome, DOMAIN)["Ready"] == "False Waiting"
    assert ready(outcome, DOMAIN)["Verified"] == "Unknown NotProbed"
    assert host.items == {}


def test_once_proven_it_stays_so_whoever_is_asked() -> None:
    host = Memory()
    parts = served(WANTING, *SILVA, DOMAIN, host=host)
    answered(parts, run(parts), Reply(Reason.ANSWERS))
    outcome = run(parts)
    parts.verdicts.expect("10042", {})
    again = run(parts)

    assert names(host) == ["silva.example"]
    assert ready(outcome, MAIL_DOMAIN)["Ready"] == "True Ready"
    assert ready(again, DOMAIN)["Verified"] == "True Answers"
    assert [each for each in again.probes.values() if not isinstance(each, NotProbed)] == []


def test_who_proves_nothing_is_told_after_some_time_and_gets_no_mail() -> None:
    host = Memory()
    parts = served(WANTING, *SILVA, DOMAIN, host=host)
    for _ in range(parts.verdicts.in_a_row):
        answered(parts, run(parts), Reply(Reason.WRONG, "192.0.2.1:53 finds no TXT record"))
    outcome = run(parts)

    assert ready(outcome, DOMAIN)["Verified"] == "False WrongAnswer"
    assert ready(outcome, DOMAIN)["Ready"] == "False Waiting"
    assert host.items == {}


def test_who_has_mail_already_keeps_it_when_proof_is_wanted() -> None:
    host = Memory()
    parts = served(unit(), *SILVA, host=host)
    run(parts)
    for each in (WANTING, mail_domain("new.example")):
        parts.world.put(each)

    outcome = run(parts)

    assert names(host) == ["silva.example"]
    assert ready(outcome, MAIL_DOMAIN)["Ready"] == "True Ready"
    assert ready(outcome, mail_domain("new.example"))["Ready"] == "False Waiting"


def test_a_domain_proves_the_names_below_it_and_no_others() -> None:
    host = Memory()
    below, beside = mail_domain("lists.silva.example"), mail_domain("asilva.example")
    parts = served(WANTING, *SILVA, DOMAIN, below, beside, host=host)
    answered(parts, run(parts), Reply(Reason.ANSWERS))
    outcome = run(parts)

    said = message(outcome, beside)
    found = list(checks(Files.of(parts.world, NOW, whole=False)))

    assert sorted(names(host)) == ["lists.silva.example", "silva.example"]
    assert said == (
        "spec.name: asilva.example lies in no Domain of this customer, and BusinessUnit/londrina"
        " wants domains verified: declare one, with `dns: External` if others serve its zone"
    )
    assert [f"{each.field}: {each.what}: {each.remedy}" for each in found] == [said]
    assert {each.level for each in found} == {Level.WARNING}


def test_two_customers_have_different_proofs_and_who_proves_has_the_domain() -> None:
    other = resource("Domain", "silva", SPEC, "souza")
    souza = (tenant("souza", "10043"), subscription("souza"), other)
    parts = served(WANTING, *SILVA, DOMAIN, *souza)

    one, two = run(parts).statuses[ident(DOMAIN)], run(parts, "10043").statuses[ident(other)]
    answered(parts, run(parts), Reply(Reason.ANSWERS))

    assert one["verification"] != two["verification"]
    assert ready(run(parts, "10043"), other)["Ready"] == "False Waiting"
    assert ready(run(parts), DOMAIN)["Ready"] == "True Ready"


def test_a_proof_of_one_name_is_none_of_another() -> None:
    host = Memory()
    parts = served(WANTING, *SILVA, DOMAIN, host=host)
    answered(parts, run(parts), Reply(Reason.ANSWERS))
    run(parts)
    another = {**SPEC, "name": "victim.example"}
    parts.world.put(resource("Domain", "silva", another, "silva"))
    parts.world.put(mail_domain("victim.example"))

    run(parts)

    assert names(host) == ["silva.example"]


def test_nothing_is_proven_for_ever_by_who_was_purged() -> None:
    host = Memory()
    parts = served(WANTING, *SILVA, DOMAIN, host=host)
    answered(parts, run(parts), Reply(Reason.ANSWERS))
    run(parts)
    for each in (MAIL_DOMAIN, ANN, DOMAIN):
        parts.world.leave(ident(each), NOW)
    for days in (0, 3, 3.1, 120, 500, 501):
        run(parts, later=timedelta(days=days))
    for each in (MAIL_DOMAIN, ANN, DOMAIN):
        parts.world.put(each)
    parts.verdicts.expect("10042", {})

    run(parts, later=timedelta(days=502))

    assert host.items == {}


@pytest.mark.parametrize("there", [None, Broken(ident(WANTING), "a slip")], ids=["gone", "broken"])
def test_without_a_business_unit_to_ask_nothing_new_is_taken_in(there: Broken | None) -> None:
    host = Memory()
    parts = served(WANTING, *SILVA, DOMAIN, host=host)
    parts.world.remove(ident(WANTING))
    if there is not None:
        parts.world.put(there)

    outcome = run(parts)

    assert host.items == {}
    assert ready(outcome, MAIL_DOMAIN)["Ready"] == "False Waiting"


def test_mail_goes_on_when_its_resource_is_renamed() -> None:
    host = Memory()
    parts = served(unit(), *SILVA, host=host)
    run(parts)
    renamed = resource(
        "MailDomain",
        "renamed",
        {"subscriptionRef": {"name": "home"}, "name": "silva.example"},
        "silva",
    )
    parts.world.leave(ident(MAIL_DOMAIN), NOW)
    for each in (WANTING, renamed):
        parts.world.put(each)
    for days in (0, 3, 3.1):
        run(parts, later=timedelta(days=days))

    assert [each.state for each in host.items.values()] == [State.ACTIVE] * 2


def test_of_two_domains_of_one_name_the_one_that_has_it_counts() -> None:
    host = Memory()
    parts = served(WANTING, *SILVA, DOMAIN, host=host)
    answered(parts, run(parts), Reply(Reason.ANSWERS))
    run(parts)
    parts.world.put(resource("Domain", "zzz", SPEC, "silva"))
    parts.world.put(mail_domain("lists.silva.example"))

    run(parts)

    assert sorted(names(host)) == ["lists.silva.example", "silva.example"]


def test_a_journal_that_was_set_back_finds_mail_on_the_host(tmp_path: Path) -> None:
    host, urls = Memory(), [f"sqlite:///{tmp_path / each}.db" for each in ("one", "two")]
    first = served(WANTING, *SILVA, DOMAIN, host=host, url=urls[0])
    answered(first, run(first), Reply(Reason.ANSWERS))
    run(first)
    assert isinstance(first.journal, Journal)
    second = served(WANTING, *SILVA, DOMAIN, host=host, url=urls[1])
    assert isinstance(second.journal, Journal)
    second.journal.meet({("mail", "mail-1"): "here/mail-1"}, NOW)
    login = Claim("user name", "somebody", Owner("test", "10099", "Login", "x"))
    second.journal.grant([login], frozenset(), NOW)  # it is not empty, it has only forgotten

    outcome = run(second)

    assert ready(outcome, MAIL_DOMAIN)["Ready"] == "True Ready"


def test_name_servers_that_a_customer_names_prove_nothing() -> None:
    spec = {"subscriptionRef": {"name": "home"}, "name": "silva.example"}
    evil = resource("Domain", "silva", {**spec, "nameServers": ["ns1.others.example"]}, "silva")
    parts = served(WANTING, HOST, *SILVA[:2], evil)
    parts.hosts = Hosts({("mail", "mail-1"): Memory(), ("dns", "dns-1"): Memory()})
    run(parts)

    [question] = (each for each in run(parts).probes.values() if isinstance(each, Ownership))

    assert question.name_servers == {"ns1.provider.example."}


def test_what_is_made_is_claimed_in_the_same_pass() -> None:
    host = Memory()
    parts = served(WANTING, *SILVA, DOMAIN, host=host)
    answered(parts, run(parts), Reply(Reason.ANSWERS))

    outcome = run(parts)

    claimed = {each[:2] for each in parts.journal.memories()["10042"].bindings}
    assert names(host) == ["silva.example"]
    assert claimed > {("mail domain", "silva.example"), ("mail address", "ann@silva.example")}
    assert ready(outcome, ANN)["Ready"] == "True Ready"


def test_a_name_of_another_customer_is_not_made_when_the_domain_above_is_proven() -> None:
    host, theirs = Memory(), mail_domain("lists.silva.example", "souza")
    parts = served(unit(), tenant("souza", "10043"), subscription("souza"), theirs, host=host)
    run(parts, "10043")
    mine = mail_domain("lists.silva.example")
    for each in (WANTING, *SILVA[:2], DOMAIN, mine):
        parts.world.put(each)
    answered(parts, run(parts), Reply(Reason.ANSWERS))

    outcome = run(parts)

    assert ready(outcome, mine)["Ready"] == "False Conflict"
    assert [each.owner and each.owner.customer for each in host.items.values()] == ["10043"]


def test_who_gave_a_proven_name_up_is_in_nobodys_way() -> None:
    parts = served(WANTING, *SILVA[:2], DOMAIN)
    answered(parts, run(parts), Reply(Reason.ANSWERS))
    run(parts)
    parts.world.put(resource("Domain", "silva", {**SPEC, "name": "other.example"}, "silva"))
    answered(parts, run(parts), Reply(Reason.ANSWERS))
    run(parts)
    theirs = resource("Domain", "theirs", SPEC, "souza")
    for each in (tenant("souza", "10043"), subscription("souza"), theirs):
        parts.world.put(each)

    answered(parts, run(parts, "10043"), Reply(Reason.ANSWERS))

    assert ready(run(parts, "10043"), theirs)["Ready"] == "True Ready"


def test_a_domain_whose_name_is_too_long_for_a_proof_stops_nobody() -> None:
    name = ".".join(["a" * 60] * 4) + ".example"
    long = resource("Domain", "long", {**SPEC, "name": name}, "silva")
    parts = served(WANTING, *SILVA[:2], long)

    assert "too long to be verified" in message(run(parts), long)


def test_an_address_is_given_to_who_has_the_mail_domain() -> None:
    squatted = mailbox("ceo", "ceo@silva.example", "souza")
    souza = (tenant("souza", "10043"), subscription("souza"), squatted)
    parts = served(unit(), *SILVA[:3], *souza)
    run(parts)
    refused = run(parts, "10043")
    ceo = mailbox("ceo", "ceo@silva.example")
    parts.world.put(ceo)

    assert ready(refused, squatted)["Ready"] == "False Conflict"
    assert ready(run(parts), ceo)["Ready"] == "True Ready"


@pytest.mark.parametrize("wanting", [unit(), WANTING], ids=["no proof", "proof wanted"])
def test_a_zone_that_stayed_here_when_others_began_to_serve_it_is_switched_off_and_kept(
    wanting: Resource,
) -> None:
    """So it stood under versions on which `dns: External` had no effect; no proof is asked."""
    host, spec = Memory(), {"subscriptionRef": {"name": "home"}, "name": "silva.example"}
    parts = served(unit(), HOST, *SILVA[:2], resource("Domain", "silva", spec, "silva"))
    parts.hosts = Hosts({("mail", "mail-1"): Memory(), ("dns", "dns-1"): host})
    run(parts)
    parts.world.put(wanting)
    parts.world.put(DOMAIN)

    outcome = run(parts)

    assert [each.state for each in host.items.values()] == [State.RETIRED]
    assert ready(outcome, DOMAIN)["Ready"] == "True Ready"
    parts.world.put(resource("Domain", "silva", spec, "silva"))
    run(parts)
    assert [each.state for each in host.items.values()] == [State.ACTIVE]
