"""A name that nobody has by being first: a public suffix, a reverse zone, the provider's own."""

import pytest

from ispalier.api.base import Resource
from ispalier.core.changes import Verb
from ispalier.world.public import is_everybodys_mail, is_reverse, is_suffix, registered
from tests.builders import mail_domain, resource, service_host, subscription, tenant
from tests.engine.passes import message, ready, run, verbs
from tests.engine.test_sound import told
from tests.engine.test_zones import domain, served

SILVA = (tenant(), subscription())
SOUZA = (tenant("souza", "10043"), subscription("souza"))


def unit_that_gives(name: str, customer: str = "10042") -> Resource:
    spec = {"displayName": "Londrina", "timeZone": "America/Sao_Paulo", "currency": "BRL"}
    given = {"delegations": [{"name": name, "customerNumber": customer}]}
    return resource("BusinessUnit", "londrina", spec | given)


@pytest.mark.parametrize(
    ("name", "is_public"),
    [
        ("com.br", True),
        ("co.uk", True),
        ("londrina.br", True),
        ("k12.ma.us", True),
        ("anything.ck", True),
        ("www.ck", False),
        ("xn--55qx5d.cn", True),
        ("xn--80aswg.xn--p1ai", False),
        ("xn--o1ac.xn--90a3ac", True),
        ("silva.com.br", False),
        ("silva.example", False),
        ("github.io", False),
        ("a.b.c.d.silva.example", False),
    ],
)
def test_what_registries_give_names_below_is_a_suffix(name: str, *, is_public: bool) -> None:
    assert is_public is is_suffix(name)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("113.0.203.in-addr.arpa", True),
        ("in-addr.arpa", True),
        ("8.b.d.0.1.0.0.2.ip6.arpa", True),
        ("in-addr.arpa.silva.example", False),
        ("xin-addr.arpa", False),
    ],
)
def test_what_lies_below_the_roots_of_addresses_is_reverse(name: str, *, is_one: bool) -> None:
    assert is_one is is_reverse(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "com.br",
            (
                "spec.name: com.br is a public suffix, below which everybody has names: use a"
                " domain of the customer, or have a BusinessUnit name this customer for it in"
                " spec.delegations"
            ),
        ),
        (
            "113.0.203.in-addr.arpa",
            (
                "spec.name: 113.0.203.in-addr.arpa is the reverse zone of IP addresses: leave it"
                " out, or have a BusinessUnit name this customer for it in spec.delegations"
            ),
        ),
    ],
)
def test_files_and_the_controller_refuse_it_with_the_same_words(name: str, said: str) -> None:
    zone = domain(name, "silva")
    parts = served(*SILVA, zone)
    outcome = run(parts)

    assert verbs(outcome) == []
    assert ready(outcome, zone)["Ready"] == "False Invalid"
    assert said == message(outcome, zone)
    assert [said] == told(parts.world, zone)


def test_mail_of_it_is_refused_too() -> None:
    mail = mail_domain("gov.br")
    parts = served(*SILVA, service_host("mail-1", "Mail"), mail)

    assert ready(run(parts), mail)["Ready"] == "False Invalid"
    assert "gov.br is a public suffix" in told(parts.world, mail)[0]


def test_who_is_refused_it_keeps_no_name_below_from_others() -> None:
    below = domain("souza.com.br", "souza")
    parts = served(*SILVA, domain("com.br", "silva"), *SOUZA, below)
    run(parts)

    assert verbs(run(parts, "10043")) == [Verb.CREATE]


@pytest.mark.parametrize("given", ["com.br", "113.0.203.in-addr.arpa", "203.in-addr.arpa"])
def test_a_business_unit_gives_it_with_all_below_to_one_customer(given: str) -> None:
    name = given.replace("203.in", "113.0.203.in") if given.startswith("203") else given
    zone, same = domain(name, "silva"), domain(name, "souza")
    parts = served(*SILVA, zone, *SOUZA, same, unit_that_gives(given))
    later = run(parts, "10043")

    assert ready(later, same)["Ready"] == "False Invalid"
    assert verbs(run(parts)) == [Verb.CREATE]
    assert [message(later, same)] == [
        each for each in told(parts.world, zone) if "BusinessUnit" in each
    ]


def test_who_was_served_before_it_was_given_away_is_told_and_stays() -> None:
    zone = domain("com.br", "silva")
    parts = served(*SILVA, zone, unit_that_gives("com.br"))
    run(parts)
    parts.world.put(unit_that_gives("com.br", "10043"))
    outcome = run(parts)

    assert ready(outcome, zone)["Ready"] == "False Invalid"
    assert verbs(outcome) == []


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("gmail.com", True),
        ("yahoo.com.br", True),
        ("hotmail.co.uk", True),
        ("uol.com.br", True),
        ("gmail.silva.example", False),
        ("mail.gmail.com", False),
        ("silva.com.br", False),
    ],
)
def test_where_people_everywhere_have_mail_is_known(name: str, *, is_one: bool) -> None:
    assert is_one is is_everybodys_mail(name)


@pytest.mark.parametrize(
    ("name", "domain_of_it"),
    [
        ("ns1.provider.com.br", "provider.com.br"),
        ("provider.example", "provider.example"),
        ("a.b.provider.co.uk", "provider.co.uk"),
        ("com.br", None),
    ],
)
def test_a_name_lies_in_the_domain_that_one_registers(name: str, domain_of_it: str | None) -> None:
    assert registered(name) == domain_of_it


def test_nobody_gets_what_others_send_to_gmail() -> None:
    mail = mail_domain("gmail.com")
    parts = served(*SILVA, service_host("mail-1", "Mail"), mail)

    assert ready(run(parts), mail)["Ready"] == "False Invalid"
    assert told(parts.world, mail) == [
        (
            "spec.name: gmail.com is where people everywhere have their mail: use a domain of the"
            " customer, or have a BusinessUnit name this customer for it in spec.delegations"
        )
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("provider.example", "provider.example is the provider's own: ns1.provider.example"),
        ("portal.provider.example", "portal.provider.example lies in the provider's own"),
        ("mailer.example", "mailer.example is the provider's own: webmail.mailer.example"),
        ("desk.example", "desk.example is the provider's own: help.desk.example"),
    ],
)
def test_nobody_serves_the_providers_own_names_unless_a_unit_gives_them(
    name: str, said: str
) -> None:
    host = service_host("mail-1", "Mail")
    spec = host.model_dump(mode="json", by_alias=True, exclude_none=True)["spec"]
    spec["mail"]["urls"] = {"webmail": "https://webmail.mailer.example/"}
    desk = unit_that_gives("given.example").model_dump(mode="json", by_alias=True)["spec"]
    desk["helpDeskURL"] = "https://help.desk.example"
    zone, mail = domain(name, "silva"), mail_domain(name)
    ours = (resource("ServiceHost", "mail-1", spec), resource("BusinessUnit", "londrina", desk))
    parts = served(*SILVA, *ours, zone, mail)
    refused = run(parts)
    found = [told(parts.world, each) for each in (zone, mail)]
    desk["delegations"] = [{"name": name, "customerNumber": "10042"}]
    parts.world.put(resource("BusinessUnit", "londrina", desk))
    given = run(parts)

    assert [len(each) for each in found] == [1, 1]
    assert all(said in each[0] for each in found)
    assert verbs(refused) == []
    assert verbs(given) == [Verb.CREATE]
