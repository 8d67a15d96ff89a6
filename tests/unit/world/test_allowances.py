"""How many a contract may hold, and who is beyond that."""

from datetime import date

import pytest

from ispalier.api.base import Resource
from ispalier.api.contracts import Subscription
from ispalier.world.allowances import beyond
from ispalier.world.snapshot import ident
from ispalier.world.sound import Around
from ispalier.world.units import contracts
from tests.builders import claim, login, mailbox, plan, resource, snapshot, subscription

TODAY = date(2026, 11, 21)
TERM = {"from": "2026-11-01", "planRef": {"name": "more"}}
BESIDE = {"parentRef": {"name": "home"}}


def told(*resources: Resource, granted: str = "") -> dict[str, str]:
    """Who is beyond, and what is said of each; whose name is `granted` was served before."""
    world = snapshot(*resources)
    held = contracts(world, resources)
    every = tuple(each for each in resources if isinstance(each, Subscription))
    pairs = [
        (each, contract) for each in resources for contract in [held.get(ident(each))] if contract
    ]
    found = beyond(Around(world, TODAY, None, every), pairs, lambda each: each.name == granted)
    return {which.name: fault.what for which, fault in found.items()}


def made(name: str, day: str) -> Resource:
    fields = {
        "subscriptionRef": {"name": "home"},
        "address": f"{name}@silva.test",
        "password": {"secretRef": {"name": "passwords", "key": "mail"}},
    }
    return resource("Mailbox", name, fields, "silva", creationTimestamp=f"{day}T00:00:00Z")


def more(**spec: object) -> Resource:
    """A contract beside the other, by default for one of a plan that includes a mailbox more."""
    fields = {"terms": [TERM], **BESIDE, **spec}
    return resource("Subscription", "more", fields, "silva")


A, B, C = (mailbox(name, f"{name}@silva.test") for name in "abc")
ONE = plan(includes={"mailboxes": 1})
MORE = plan("more", includes={"mailboxes": 1}, addOn=True)


def test_the_newest_is_beyond() -> None:
    found = told(ONE, subscription(), made("z", "2026-11-01"), made("a", "2026-11-02"))

    assert found == {"a": "is Mailbox 2 of Subscription/home, and Plan/fibra-300 includes 1"}


def test_who_was_served_before_comes_first() -> None:
    assert list(told(ONE, subscription(), A, B, granted="b")) == ["a"]


def test_a_plan_without_a_number_includes_any() -> None:
    assert told(plan(), subscription(), A, B, C) == {}


def test_each_contract_is_counted_by_itself() -> None:
    other = mailbox("b", "b@silva.test", subscriptionRef={"name": "office"})

    assert told(ONE, subscription(), subscription(name="office"), A, other) == {}


def test_after_the_end_nothing_is_beyond() -> None:
    ended = subscription(end={"date": "2026-11-21", "reason": "moved"})

    assert told(ONE, ended, A, B) == {}


def test_so_many_of_a_plan_include_so_many_times_more() -> None:
    terms = [{"from": "2026-11-01", "planRef": {"name": "fibra-300"}, "quantity": 2}]

    assert list(told(ONE, subscription(terms=terms), A, B, C)) == ["c"]


def test_a_contract_beside_it_adds_what_it_includes() -> None:
    assert list(told(ONE, MORE, subscription(), more(), A, B, C)) == ["c"]


@pytest.mark.parametrize(
    "spec",
    [
        {"terms": [{**TERM, "from": "2026-12-01"}]},
        {"end": {"date": "2026-11-20", "reason": "not wanted"}},
        {"deployment": "Requested"},
        {"parentRef": {"name": "office"}},
    ],
    ids=["not begun", "ended", "only ordered", "beside another"],
)
def test_a_contract_adds_nothing_that_has(spec: dict[str, object]) -> None:
    assert list(told(ONE, MORE, subscription(), more(**spec), A, B)) == ["b"]


def test_it_says_what_each_plan_includes() -> None:
    twice = more(terms=[{**TERM, "quantity": 2}])
    boxes = [mailbox(name, f"{name}@silva.test") for name in "abcd"]

    [said] = told(ONE, MORE, subscription(), twice, *boxes).values()

    assert said == (
        "is Mailbox 4 of Subscription/home, and Plan/fibra-300 includes 1 and"
        " 2 × Plan/more includes 1"
    )


def test_the_room_of_all_mailboxes_together_is_counted() -> None:
    three = plan(includes={"mailboxMiB": 3000})

    found = told(three, subscription(), A, B, C)

    assert found == {
        "c": "with it the mailboxes of Subscription/home have 3072 MiB,"
        " and Plan/fibra-300 includes 3000 MiB"
    }


def test_addresses_count_for_the_contract_of_their_login() -> None:
    none = plan(includes={"ipClaims": 0, "logins": 1})

    found = told(none, subscription(), login("joao"), claim("wan", "joao"))

    assert found == {"wan": "is IPClaim 1 of Subscription/home, and Plan/fibra-300 includes 0"}


def test_the_main_user_of_a_site_is_not_counted() -> None:
    site = resource(
        "Site", "www", {"subscriptionRef": {"name": "home"}, "hostname": "a.test"}, "silva"
    )
    password = {"secretRef": {"name": "passwords", "key": "ftp"}}
    users = [
        resource(
            "FTPUser",
            name,
            {"siteRef": {"name": "www"}, "username": name, "password": password, "primary": first},
            "silva",
        )
        for name, first in (("main", True), ("second", False))
    ]

    assert list(told(plan(includes={"ftpUsers": 0}), subscription(), site, *users)) == ["second"]
