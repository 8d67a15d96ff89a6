"""Names of the DNS: nobody gets one in a zone of another customer, unless that delegates it."""

import pytest

from ispalier.core.items import Owner
from ispalier.core.memory import MAIL_DOMAIN, ZONE, Claim, Delegated
from ispalier.journal.journal import Journal
from tests.builders import NOW

SILVA, SOUZA = "10042", "10043"
NOBODY = Delegated()
BY_SILVA = Delegated(by=frozenset({SILVA}))


def zone(name: str, customer: str = SILVA, delegated: Delegated = NOBODY) -> Claim:
    return Claim(ZONE, f"{name}.", Owner("test", customer, "Domain", name), delegated)


def mail(name: str, customer: str = SILVA, delegated: Delegated = NOBODY) -> Claim:
    return Claim(MAIL_DOMAIN, name, Owner("test", customer, "MailDomain", name), delegated)


def granted(journal: Journal, *claims: Claim) -> list[str]:
    """Why these are refused, when they are claimed by all who are there."""
    there = frozenset(each.owner for each in claims)
    return list(journal.grant(claims, there, NOW).values())


@pytest.mark.parametrize("apart", [False, True], ids=["in one transaction", "one by one"])
@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (zone("silva.example"), zone("www.silva.example", SOUZA), "zone 'www.silva.example.'"),
        (zone("silva.example"), zone("a.b.silva.example", SOUZA), "zone 'a.b.silva.example.'"),
        (zone("silva.example"), mail("silva.example", SOUZA), "mail domain 'silva.example'"),
        (zone("silva.example"), mail("a.silva.example", SOUZA), "mail domain 'a.silva.example'"),
    ],
)
def test_no_name_is_given_in_a_zone_of_another_customer(
    journal: Journal, first: Claim, second: Claim, what: str, *, apart: bool
) -> None:
    refused = (
        granted(journal, first) + granted(journal, second)
        if apart
        else granted(journal, first, second)
    )

    assert refused == [
        (
            f"{what} lies in zone 'silva.example.' of another customer: use another, or have it"
            " delegated there by a RecordSet of type NS"
        )
    ]
    assert journal.memory(SOUZA).bindings == frozenset()


@pytest.mark.parametrize("apart", [False, True], ids=["in one transaction", "one by one"])
@pytest.mark.parametrize(
    "first", [zone("www.silva.example"), mail("silva.example"), mail("a.b.silva.example")]
)
def test_no_zone_is_given_above_names_of_another_customer(
    journal: Journal, first: Claim, *, apart: bool
) -> None:
    second = zone("silva.example", SOUZA)
    refused = (
        granted(journal, first) + granted(journal, second)
        if apart
        else granted(journal, first, second)
    )

    assert refused == [
        (
            "zone 'silva.example.' has names of another customer in it: use another, or delegate them"
            " by RecordSets of type NS"
        )
    ]


@pytest.mark.parametrize(
    "claims",
    [
        [zone("silva.example"), zone("www.silva.example"), mail("silva.example")],
        [zone("silva.example"), zone("silva2.example", SOUZA), mail("asilva.example", SOUZA)],
        [zone("silva.example"), zone("www.silva.example", SOUZA, BY_SILVA)],
        [zone("silva.example"), mail("a.www.silva.example", SOUZA, BY_SILVA)],
        [mail("silva.example"), mail("www.silva.example", SOUZA)],
        [
            zone("a.b.example", SOUZA),
            zone("b.example", delegated=Delegated(to=frozenset({"a.b.example"}))),
        ],
        [
            zone("x.a.b.example", SOUZA),
            zone("b.example", delegated=Delegated(to=frozenset({"a.b.example"}))),
        ],
    ],
    ids=["own", "beside", "delegated", "below delegated", "no zone", "from above", "deeper"],
)
def test_other_names_are_given(journal: Journal, claims: list[Claim]) -> None:
    assert granted(journal, *claims) == []


def test_the_nearest_zone_says_whose_a_name_is(journal: Journal) -> None:
    lower = zone("a.silva.example", SOUZA, BY_SILVA)
    assert granted(journal, zone("silva.example"), lower) == []

    assert granted(journal, zone("b.a.silva.example", SOUZA), mail("a.silva.example", SOUZA)) == []
    assert granted(journal, zone("c.a.silva.example")) == [
        (
            "zone 'c.a.silva.example.' lies in zone 'a.silva.example.' of another customer: use"
            " another, or have it delegated there by a RecordSet of type NS"
        )
    ]


def test_what_lies_in_a_zone_in_between_is_for_that_to_delegate(journal: Journal) -> None:
    lower, between = zone("b.a.example", SOUZA), zone("a.example", SOUZA)
    assert granted(journal, lower, mail("a.example", SOUZA), between) == []

    handed = Delegated(to=frozenset({"a.example"}))

    assert granted(journal, zone("example", delegated=handed)) == []


def test_a_name_that_was_given_stays_when_it_is_not_delegated_any_more(journal: Journal) -> None:
    lower = zone("www.silva.example", SOUZA, BY_SILVA)
    granted(journal, zone("silva.example"), lower)

    assert granted(journal, zone("silva.example"), zone("www.silva.example", SOUZA)) == []


def test_a_zone_that_was_let_go_is_in_nobodys_way(journal: Journal) -> None:
    domain = Owner("test", SILVA, "Domain", "first")
    before, after = (Claim(ZONE, f"{each}.example.", domain) for each in ("silva", "other"))
    journal.grant([before], frozenset({domain}), NOW)

    lower = zone("www.silva.example", SOUZA)

    assert journal.grant([after, lower], frozenset({domain, lower.owner}), NOW) == {}
