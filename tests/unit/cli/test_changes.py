"""Changes in words: what is about to happen, with old and new values and no secret."""

import json

import pytest

from ispalier.cli.serve.changes import as_json, line
from ispalier.core.changes import Change, Verb
from ispalier.core.items import Owner
from ispalier.dns.items import RRSet
from ispalier.ipam.desired import Address
from ispalier.mail.items import Mailbox, MailDomain
from ispalier.radius.items import Group, Membership, Subscriber, attribute, attributes
from ispalier.world.secret import Secret
from ispalier.world.state import State

OWNER = Owner("here", "10042", "Login", "joao")


def group(limit: str) -> Group:
    return Group(
        host="radius-1",
        owner=OWNER,
        name="fibra-300",
        check=(attribute("Simultaneous-Use", ":=", "1"),),
        reply=(attribute("Mikrotik-Rate-Limit", ":=", limit),),
    )


def subscriber(password: str = "hunter2", state: State = State.ACTIVE) -> Subscriber:
    macs = "^(AA-BB-CC-00-00-01)$"
    return Subscriber(
        host="radius-1",
        owner=OWNER,
        state=state,
        username="joao",
        check=attributes(
            attribute("Cleartext-Password", ":=", password),
            attribute("Calling-Station-Id", "=~", macs),
        ),
        reply=(),
        groups=(Membership("fibra-300", 1),),
    )


def rrset(*values: str) -> RRSet:
    return RRSet(
        host="dns-1",
        owner=OWNER,
        zone="silva.example.",
        name="www.silva.example.",
        type="A",
        ttl=300,
        values=values,
    )


BOX = Mailbox(
    host="mail-1",
    owner=OWNER,
    address="joao@silva.example",
    domain="silva.example",
    password=Secret("{SSHA512}hunter2"),
    quota_bytes=1024,
)
DOMAIN = MailDomain(host="mail-1", owner=OWNER, name="silva.example")
ADDRESS = Address(host="register", owner=OWNER, address="100.64.0.2", pool="homes", used_by="joao")


CREATED = (
    "+ subscriber joao on radius-1: Calling-Station-Id =~ ^(AA-BB-CC-00-00-01)$;"
    " Cleartext-Password ***; groups fibra-300 (1)"
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            Change(Verb.UPDATE, group("50M/100M"), group("150M/300M")),
            "~ group fibra-300 on radius-1: Mikrotik-Rate-Limit '50M/100M' -> '150M/300M'",
        ),
        (
            Change(Verb.CREATE, None, subscriber()),
            CREATED,
        ),
        (
            Change(Verb.SUSPEND, subscriber(), subscriber(state=State.SUSPENDED)),
            "~ subscriber joao on radius-1: is suspended",
        ),
        (
            Change(Verb.RESTORE, subscriber(state=State.RETIRED), subscriber()),
            "~ subscriber joao on radius-1: serves again",
        ),
        (
            Change(Verb.RETIRE, BOX, BOX),
            "- mailbox joao@silva.example on mail-1: is switched off; its data is kept for now",
        ),
        (Change(Verb.DELETE, BOX, None), "- mailbox joao@silva.example on mail-1: is deleted"),
        (
            Change(Verb.ADOPT, DOMAIN, DOMAIN),
            "= mail domain silva.example on mail-1: is there already and is taken over",
        ),
        (
            Change(Verb.UPDATE, rrset("192.0.2.1"), rrset("192.0.2.1", "192.0.2.2")),
            "~ rrset www.silva.example. A on dns-1: values '192.0.2.1' -> '192.0.2.1, 192.0.2.2'",
        ),
        (
            Change(Verb.CREATE, None, ADDRESS),
            "+ address 100.64.0.2 on register: pool homes; used by joao",
        ),
    ],
    ids=lambda each: "" if isinstance(each, str) else each.verb,
)
def test_a_change_is_one_line(change: Change, words: str) -> None:
    assert line(change) == words


def test_a_new_password_is_told_and_not_shown() -> None:
    change = Change(Verb.UPDATE, subscriber("hunter2"), subscriber("hunter3"))

    assert line(change) == "~ subscriber joao on radius-1: Cleartext-Password is changed"
    assert "hunter" not in json.dumps(as_json("radius", change))


def test_a_change_as_json_names_everything() -> None:
    told = as_json("radius", Change(Verb.UPDATE, group("50M/100M"), group("150M/300M")))

    assert told == {
        "verb": "update",
        "room": "radius",
        "host": "radius-1",
        "item": "group fibra-300",
        "resource": "Login/joao",
        "differences": [
            {"name": "Mikrotik-Rate-Limit", "before": "50M/100M", "after": "150M/300M"}
        ],
    }
