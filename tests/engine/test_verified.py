"""Mail comes in only for domains that were proven, where the business unit wants that."""

from ispalier.api.base import Resource
from ispalier.core.engine import Engine, Outcome
from ispalier.core.probe import NotProbed, Reason, Reply
from ispalier.dns.questions import Ownership
from ispalier.dns.room import ROOM as DNS
from ispalier.mail.items import MailDomain
from ispalier.mail.room import ROOM as MAIL
from ispalier.world.checks.every import checks
from ispalier.world.checks.files import Files
from ispalier.world.snapshot import ident
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
from tests.inmemory import Hosts, Memory, engine

WANTING = unit(verify=["192.0.2.1"])
SPEC = {"subscriptionRef": {"name": "home"}, "name": "silva.example", "dns": "External"}
DOMAIN = resource("Domain", "silva", SPEC, "silva")
MAIL_DOMAIN, ANN = mail_domain("silva.example"), mailbox("ann", "ann@silva.example")
SILVA = (tenant(), subscription(), MAIL_DOMAIN, ANN)


def served(*resources: Resource, host: Memory | None = None) -> Engine:
    everything = snapshot(plan(), service_host("mail-1", "Mail"), *resources)
    parts = engine(everything, Memory())
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
    assert ready(outcome, DOMAIN) == {"Ready": "True Ready", "Verified": "Unknown NotProbed"}
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
    assert ready(outcome, DOMAIN)["Ready"] == "True Ready"
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
    found = checks(Files.of(parts.world, NOW, whole=False))

    assert sorted(names(host)) == ["lists.silva.example", "silva.example"]
    assert said == (
        "spec.name: asilva.example lies in no Domain of this customer, and BusinessUnit/londrina"
        " wants domains verified: declare one, with `dns: External` if others serve its zone"
    )
    assert [f"{each.field}: {each.what}: {each.remedy}" for each in found] == [said]


def test_two_customers_have_different_proofs() -> None:
    other = resource("Domain", "silva", SPEC, "souza")
    parts = served(WANTING, *SILVA, DOMAIN, tenant("souza", "10043"), subscription("souza"), other)

    one, two = run(parts).statuses[ident(DOMAIN)], run(parts, "10043").statuses[ident(other)]

    assert one["verification"] != two["verification"]
    assert ready(run(parts, "10043"), other)["Ready"] == "False Conflict"
