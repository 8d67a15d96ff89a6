"""What customers feel of changes: the table of each room."""

from dataclasses import replace

import pytest

from ispalier.core.changes import Change, Verb
from ispalier.core.impact import Impact
from ispalier.core.items import Item, Owner
from ispalier.dns.items import RRSet, Zone
from ispalier.ipam.desired import Address
from ispalier.mail.items import Alias, Mailbox, MailDomain
from ispalier.radius.items import (
    Client,
    Group,
    Membership,
    Subscriber,
    attribute,
    attributes,
)
from ispalier.world.secret import Secret
from ispalier.world.state import State

NONE, REFRESH, INTERRUPT, DEGRADE, LOSS = Impact
OWNER = Owner("test", "10042", "Kind", "name")

PASSWORD = attribute("Cleartext-Password", ":=", "one")
OTHER_PASSWORD = attribute("Cleartext-Password", ":=", "two")
ADDRESS = attribute("Framed-IP-Address", ":=", "100.64.0.7")
OTHER_ADDRESS = attribute("Framed-IP-Address", ":=", "100.64.0.8")

LOGIN = Subscriber(
    host="radius",
    owner=OWNER,
    username="joao",
    check=(PASSWORD,),
    reply=(),
    groups=(Membership("fibra-300", 1),),
    relief=frozenset({"slow"}),
)
THROTTLED = replace(LOGIN, groups=(Membership("slow", 1),))
FIXED = replace(LOGIN, reply=(ADDRESS,))


def group(up: str = "150M", down: str = "300M", sessions: int = 1) -> Group:
    """The group of a plan."""
    return Group(
        host="radius",
        owner=OWNER,
        name="fibra-300",
        check=(attribute("Simultaneous-Use", ":=", str(sessions)),),
        reply=attributes(attribute("Mikrotik-Rate-Limit", ":=", f"{up}/{down}")),
    )


def bits(down: int) -> Group:
    return replace(group(), reply=(attribute("WISPr-Bandwidth-Max-Down", ":=", str(down)),))


def message(text: str) -> Group:
    return replace(group(), reply=(attribute("Reply-Message", ":=", text),))


NAS = Client(
    host="radius", owner=OWNER, address="127.0.0.1", secret=Secret("one"), shortname="tower"
)
ZONE = Zone(host="dns", owner=OWNER, name="silva.example.", name_servers=("ns1.", "ns2."), soa=None)
RRSET = RRSet(
    host="dns",
    owner=OWNER,
    zone="silva.example.",
    name="www.silva.example.",
    type="A",
    ttl=300,
    values=("192.0.2.1",),
)
DOMAIN = MailDomain(host="mail", owner=OWNER, name="silva.example")
MAILBOX = Mailbox(
    host="mail",
    owner=OWNER,
    address="a@silva.example",
    domain="silva.example",
    password=Secret("one"),
    quota_bytes=2000,
)
ALIAS = Alias(host="mail", owner=OWNER, address="b@silva.example", targets=("x@a.b", "y@a.b"))
IP = Address(host="register", owner=OWNER, address="100.64.0.7", pool="homes", used_by="joao")

FELT: list[tuple[str, Item, Item, Impact]] = [
    ("another password", LOGIN, replace(LOGIN, check=(OTHER_PASSWORD,)), INTERRUPT),
    ("another plan", LOGIN, replace(LOGIN, groups=(Membership("x", 1),)), INTERRUPT),
    ("throttled", LOGIN, THROTTLED, INTERRUPT),
    ("no longer throttled", THROTTLED, LOGIN, REFRESH),
    ("a first fixed address", LOGIN, FIXED, REFRESH),
    ("another fixed address", FIXED, replace(LOGIN, reply=(OTHER_ADDRESS,)), INTERRUPT),
    ("no fixed address any more", FIXED, LOGIN, INTERRUPT),
    ("a faster plan", group(), group("200M", "500M"), REFRESH),
    ("a slower plan", group(), group("150M", "100M"), DEGRADE),
    ("faster one way, slower the other", group(), group("100M", "500M"), DEGRADE),
    ("other units, as fast", group(down="300M"), group(down="300000k"), REFRESH),
    ("slower in bits per second", bits(300_000_000), bits(90_000_000), DEGRADE),
    ("more sessions", group(), group(sessions=2), REFRESH),
    ("fewer sessions", group(sessions=2), group(), DEGRADE),
    ("another message", message("call 0800 9"), message("call 0800 1"), REFRESH),
    ("another secret of a NAS", NAS, replace(NAS, secret=Secret("two")), INTERRUPT),
    ("another name of a NAS", NAS, replace(NAS, shortname="hill"), REFRESH),
    ("one more name server", ZONE, replace(ZONE, name_servers=("ns1.", "ns3.")), REFRESH),
    ("all other name servers", ZONE, replace(ZONE, name_servers=("ns8.",)), INTERRUPT),
    ("other records", RRSET, replace(RRSET, values=("192.0.2.2",)), REFRESH),
    ("another mail password", MAILBOX, replace(MAILBOX, password=Secret("two")), INTERRUPT),
    ("more quota", MAILBOX, replace(MAILBOX, quota_bytes=3000), REFRESH),
    ("less quota", MAILBOX, replace(MAILBOX, quota_bytes=1000), DEGRADE),
    ("a first limit", replace(MAILBOX, quota_bytes=None), MAILBOX, DEGRADE),
    ("no submission", MAILBOX, replace(MAILBOX, submits=False), DEGRADE),
    ("submission again", replace(MAILBOX, submits=False), MAILBOX, REFRESH),
    ("one target less", ALIAS, replace(ALIAS, targets=("x@a.b",)), REFRESH),
    ("all other targets", ALIAS, replace(ALIAS, targets=("z@a.b",)), INTERRUPT),
]


@pytest.mark.parametrize(
    ("before", "after", "felt"), [each[1:] for each in FELT], ids=[e[0] for e in FELT]
)
def test_what_customers_feel_of_other_values(before: Item, after: Item, felt: Impact) -> None:
    assert Change(Verb.UPDATE, before, after).impact is felt


@pytest.mark.parametrize("item", [LOGIN, group(), NAS, ZONE, RRSET, DOMAIN, MAILBOX, ALIAS])
def test_what_customers_feel_of_being_switched(item: Item) -> None:
    suspended, retired = (replace(item, state=state) for state in list(State)[1:])

    felt = {
        Verb.CREATE: Change(Verb.CREATE, None, item).impact,
        Verb.ADOPT: Change(Verb.ADOPT, item, item).impact,
        Verb.SUSPEND: Change(Verb.SUSPEND, item, suspended).impact,
        Verb.RETIRE: Change(Verb.RETIRE, item, retired).impact,
        Verb.UPDATE: Change(Verb.UPDATE, suspended, suspended).impact,
        Verb.RESTORE: Change(Verb.RESTORE, retired, item).impact,
        Verb.DELETE: Change(Verb.DELETE, item, None).impact,
    }

    assert felt == {
        Verb.CREATE: NONE,
        Verb.ADOPT: NONE,
        Verb.SUSPEND: INTERRUPT,
        Verb.RETIRE: INTERRUPT,
        Verb.UPDATE: REFRESH,
        Verb.RESTORE: REFRESH,
        Verb.DELETE: LOSS,
    }


def test_the_register_of_addresses_serves_nobody_by_itself() -> None:
    retired = Change(Verb.RETIRE, IP, replace(IP, state=State.RETIRED))

    assert retired.impact is REFRESH
    assert Change(Verb.DELETE, IP, None).impact is REFRESH
    assert retired.is_dangerous
