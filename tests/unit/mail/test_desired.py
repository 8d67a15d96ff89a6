"""What mail servers should hold, resource by resource."""

import base64
import hashlib

import pytest

from ispalier.api.base import Resource
from ispalier.core.items import Owner
from ispalier.core.memory import Choice, Claim, Delegated
from ispalier.mail.items import Alias, Mailbox, MailDomain
from ispalier.mail.room import ROOM
from ispalier.world.errors import Conflict, Invalid, NotBegun, Waiting
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot
from ispalier.world.state import State
from ispalier.world.view import Chosen
from tests.builders import (
    mail_alias,
    mail_domain,
    mailbox,
    plan,
    service_host,
    snapshot,
    subscription,
    tenant,
    unit,
)
from tests.views import one, view, wanted, wishes

SILVA = mail_domain("silva.test")
ANN = mailbox("ann", "ann@silva.test")
HELD = {("MailDomain/silva-test", "mail domain"): "silva.test"}


def world(*more: Resource) -> Snapshot:
    """A tenant with a mail domain of its own, and what the test is about."""
    return snapshot(
        unit(), plan(), service_host("one", "Mail"), tenant(), subscription(), SILVA, *more
    )


def suspended() -> Resource:
    return subscription(suspensions=[{"reason": "Unpaid", "since": "2026-11-01"}])


def ended() -> Resource:
    return subscription(end={"date": "2026-11-21", "reason": "moved away"})


def test_a_mail_domain_is_taken_in() -> None:
    item = one(ROOM, view(world()), SILVA, MailDomain)

    assert (item.key, item.host, item.state) == (("domain", "silva.test"), "one", State.ACTIVE)


def test_a_mail_domain_claims_its_name_and_records_its_host() -> None:
    owner = Owner("test", "10042", "MailDomain", "silva-test")

    asked = wishes(ROOM, view(world()), SILVA)

    claim = Claim("mail domain", "silva.test", owner, Delegated())
    assert asked == [claim, Choice("host", "one", owner)]


def test_mail_stays_on_the_host_that_was_recorded() -> None:
    there = world(ANN, service_host("two", "Mail", default=True))
    recorded = view(there, HELD, choices={Chosen("MailDomain", "silva-test", "host"): "one"})

    assert one(ROOM, recorded, SILVA, MailDomain).host == "one"
    assert one(ROOM, recorded, ANN, Mailbox).host == "one"


def test_a_mailbox_is_stored_with_a_salted_hash_of_its_password() -> None:
    item = one(ROOM, view(world(ANN), HELD), ANN, Mailbox)
    scheme, _, rest = item.password.reveal().partition("}")
    stored = base64.b64decode(rest)

    assert scheme == "{SSHA512"
    assert stored[:64] == hashlib.sha512(b"letters" + stored[64:]).digest()
    assert len(stored[64:]) == 16


def test_a_hash_is_the_same_every_time_and_another_for_another_mailbox() -> None:
    ben = mailbox("ben", "ben@silva.test")
    there = view(world(ANN, ben), HELD)

    first, again = (one(ROOM, there, ANN, Mailbox) for _ in range(2))

    assert first == again
    assert first.password != one(ROOM, there, ben, Mailbox).password


def test_a_password_is_not_printed() -> None:
    assert "SSHA512" not in repr(wanted(ROOM, view(world(ANN), HELD), ANN))


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("{SSHA512}abc=", "{SSHA512}abc="),
        ("{blf-crypt}$2y$05$abc", "{BLF-CRYPT}$2y$05$abc"),
        ("$6$salt$hash\n", "{CRYPT}$6$salt$hash"),
    ],
)
def test_a_hash_is_stored_with_its_scheme(given: str, stored: str) -> None:
    hashed = mailbox("ann", "ann@silva.test", password={"hashRef": {"name": "h", "key": "ann"}})
    there = world(hashed)
    there.put_secret("silva", "h", {"ann": Secret(given)})

    assert one(ROOM, view(there, HELD), hashed, Mailbox).password == Secret(stored)


def test_a_hash_of_no_known_form_is_refused_without_being_told() -> None:
    hashed = mailbox("ann", "ann@silva.test", password={"hashRef": {"name": "h", "key": "ann"}})
    there = world(hashed)
    there.put_secret("silva", "h", {"ann": Secret("plain-text")})

    with pytest.raises(Invalid, match="no known form") as error:
        wanted(ROOM, view(there, HELD), hashed)

    assert "plain-text" not in str(error.value)


def test_a_quota_is_counted_in_mebibytes() -> None:
    small = mailbox("ann", "ann@silva.test", quotaMiB=2)

    assert one(ROOM, view(world(small), HELD), small, Mailbox).quota_bytes == 2 * 1024**2


def test_a_suspended_mailbox_is_refused_and_its_domain_and_aliases_go_on() -> None:
    both = mail_alias("both@silva.test", "ann@silva.test")
    there = view(world(suspended(), ANN, both), HELD)

    assert one(ROOM, there, ANN, Mailbox).state is State.SUSPENDED
    assert one(ROOM, there, SILVA, MailDomain).state is State.ACTIVE
    assert one(ROOM, there, both, Alias).state is State.ACTIVE


def test_an_ended_contract_retires_everything() -> None:
    both = mail_alias("both@silva.test", "ann@silva.test")
    there = view(world(ended(), ANN, both), HELD)

    assert one(ROOM, there, ANN, Mailbox).state is State.RETIRED
    assert one(ROOM, there, SILVA, MailDomain).state is State.RETIRED
    assert one(ROOM, there, both, Alias).state is State.RETIRED


def test_a_contract_that_has_not_begun_names_its_first_day() -> None:
    terms = [{"from": "2026-12-01", "planRef": {"name": "fibra-300"}}]

    with pytest.raises(NotBegun, match="begins 2026-12-01"):
        wanted(ROOM, view(world(subscription(terms=terms)), HELD), SILVA)


def test_a_mailbox_waits_for_its_domain() -> None:
    lost = mailbox("lost", "ann@nowhere.test")

    with pytest.raises(Waiting, match=r"no MailDomain is 'nowhere\.test'"):
        wanted(ROOM, view(world(lost), HELD), lost)


def test_a_mailbox_waits_while_its_domain_is_not_granted() -> None:
    with pytest.raises(Waiting, match="MailDomain/silva-test is not accepted"):
        wanted(ROOM, view(world(ANN)), ANN)


def test_a_mailbox_in_somebody_elses_domain_is_a_conflict() -> None:
    spy = mailbox("spy", "ann@souza.test")
    there = world(spy, tenant("souza", "10043"), mail_domain("souza.test", "souza"))

    with pytest.raises(Conflict, match=r"mail domain 'souza\.test' belongs to another customer"):
        wanted(ROOM, view(there, HELD), spy)


def test_an_alias_has_its_targets_in_order() -> None:
    both = mail_alias("both@silva.test", "ben@elsewhere.test", "ann@silva.test")

    item = one(ROOM, view(world(both), HELD), both, Alias)

    assert item.key == ("alias", "both@silva.test")
    assert item.targets == ("ann@silva.test", "ben@elsewhere.test")


def test_an_alias_may_keep_a_copy_in_the_mailbox_of_its_address() -> None:
    copy = mail_alias("ann@silva.test", "ann@silva.test", "ben@elsewhere.test")

    item = one(ROOM, view(world(ANN, copy), HELD), copy, Alias)

    assert item.targets == ("ann@silva.test", "ben@elsewhere.test")


def test_an_alias_that_would_starve_a_mailbox_is_refused() -> None:
    away = mail_alias("ann@silva.test", "ben@elsewhere.test")

    with pytest.raises(Invalid, match="Mailbox/ann has the same address"):
        wanted(ROOM, view(world(ANN, away), HELD), away)


def test_addresses_are_claimed() -> None:
    both = mail_alias("both@silva.test", "ann@silva.test")
    there = view(world(ANN, both), HELD)

    assert wishes(ROOM, there, ANN) == [
        Claim("mail address", "ann@silva.test", Owner("test", "10042", "Mailbox", "ann"))
    ]
    assert wishes(ROOM, there, both) == [
        Claim("mail alias", "both@silva.test", Owner("test", "10042", "MailAlias", "alias"))
    ]


@pytest.mark.parametrize("address", ["o'brien+x@silva.test", "a.b-c_d@silva.test"])
def test_an_address_may_hold(address: str) -> None:
    odd = mailbox("odd", address)

    assert one(ROOM, view(world(odd), HELD), odd, Mailbox).address == address


def test_the_status_of_a_mail_domain_tells_where_its_people_work() -> None:
    urls = {"webmail": "https://webmail.example", "admin": "https://mail.example/admin"}
    mail = {"database": {"urlSecretRef": {"name": "one", "key": "url"}}, "urls": urls}
    there = view(world(service_host("one", "Mail", mail=mail)))

    assert ROOM.shown[type(SILVA)](there, SILVA) == {"urls": urls}
    assert ROOM.shown[type(SILVA)](view(world()), SILVA) == {}


def test_what_is_switched_off_receives_nothing_and_a_mailbox_still_does() -> None:
    off = mail_domain("silva.test", enabled=False)
    box = mailbox("ann", "ann@silva.test", enabled=False)

    assert one(ROOM, view(world(off)), off, MailDomain).state is State.RETIRED
    assert one(ROOM, view(world(box), HELD), box, Mailbox).state is State.SUSPENDED
