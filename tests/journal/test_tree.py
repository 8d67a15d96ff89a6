"""Names of the DNS: nobody gets one in a zone of another customer, unless that delegates it."""

import pytest
from sqlalchemy import event

from ispalier.core.items import Owner
from ispalier.core.memory import MAIL_DOMAIN, ZONE, Claim, Delegated
from ispalier.journal.journal import Journal
from tests.builders import NOW

SILVA, SOUZA = "10042", "10043"
NOBODY = Delegated()
BY_SILVA = Delegated(by=frozenset({("silva.example", SILVA)}))


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
            f"{what} lies in zone 'silva.example.' of another customer: use another, or have"
            " that Domain name this customer in spec.delegations"
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
            "zone 'silva.example.' has names of another customer in it: use another, or name that"
            " customer in spec.delegations"
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
            zone("b.example", delegated=Delegated(to=frozenset({("a.b.example", SOUZA)}))),
        ],
        [
            zone("x.a.b.example", SOUZA),
            zone("b.example", delegated=Delegated(to=frozenset({("a.b.example", SOUZA)}))),
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
            " another, or have that Domain name this customer in spec.delegations"
        )
    ]


def test_what_lies_in_a_zone_in_between_is_for_that_to_delegate(journal: Journal) -> None:
    lower, between = zone("b.a.example", SOUZA), zone("a.example", SOUZA)
    assert granted(journal, lower, mail("a.example", SOUZA), between) == []

    handed = Delegated(to=frozenset({("a.example", SOUZA)}))

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


def test_the_nearest_zone_must_agree_and_not_one_above_it(journal: Journal) -> None:
    granted(journal, zone("silva.example"), zone("shop.silva.example"))

    assert granted(journal, zone("www.shop.silva.example", SOUZA, BY_SILVA)) != []


def test_what_is_handed_to_one_customer_is_no_others(journal: Journal) -> None:
    granted(journal, mail("office.silva.example", "10044"))
    handed = Delegated(to=frozenset({("office.silva.example", SOUZA)}))

    assert granted(journal, zone("silva.example", delegated=handed)) != []


def test_a_swap_of_names_that_are_not_handed_over_any_more_loses_none(journal: Journal) -> None:
    names = ("a.silva.example", "b.silva.example")
    owners = [Owner("test", SOUZA, "Domain", each) for each in "xy"]
    before = [
        Claim(ZONE, f"{name}.", owner, BY_SILVA) for name, owner in zip(names, owners, strict=True)
    ]
    after = [
        Claim(ZONE, f"{name}.", owner) for name, owner in zip(names, owners[::-1], strict=True)
    ]
    upper = zone("silva.example")
    there = frozenset({upper.owner, *owners})
    journal.grant([upper, *before], there, NOW)

    refused = journal.grant(after, there, NOW)

    assert refused == {}
    assert {each[1:] for each in journal.memory(SOUZA).bindings} == {each[1:3] for each in after}


@pytest.mark.parametrize("many", [1, 15, 16, 40], ids=["few", "all but", "just", "many"])
def test_few_names_are_looked_up_and_many_read_with_the_same_answer(
    journal: Journal, many: int
) -> None:
    granted(journal, zone("silva.example"), mail("x.b.example"))
    claims = [zone(f"n{number}.example", SOUZA) for number in range(many)]

    refused = granted(journal, *claims, zone("www.silva.example", SOUZA), zone("b.example", SOUZA))

    assert len(refused) == 2


def test_who_has_many_names_and_adds_one_looks_about_that_one_alone(journal: Journal) -> None:
    mine = [zone(f"n{number}.example") for number in range(40)]
    granted(journal, *mine)
    asked: list[str] = []

    def note(*words: object) -> None:
        asked.append(str(words[2]))

    event.listen(journal.engine, "before_cursor_execute", note)
    refused = granted(journal, *mine, zone("new.example"), mail("new.example"))

    about = [each for each in asked if "binding.kind IN" in each and "binding.customer" in each]
    assert refused == []
    assert [each.count("LIKE") for each in about if "owner_name" not in each] == [2, 0]
