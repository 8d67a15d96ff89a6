"""Postfix and Dovecot serve as the resources say, at once."""

import base64
import imaplib
import smtplib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from hack.stack.errors import StackError
from hack.stack.mail import Mail
from hack.stack.ports import HOST
from ispalier.api.base import Resource
from ispalier.api.machines import ServiceHost
from ispalier.core.room import Backend, Wiring
from ispalier.mail.room import ROOM
from ispalier.world.effect import Effect
from ispalier.world.holds import Hold
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot
from ispalier.world.state import State
from tests.builders import (
    NOW,
    hold,
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
from tests.contract.case import PASSWORD, owner, put, settle
from tests.views import view, wanted

pytestmark = pytest.mark.anyio

ADDRESS = "o'brien+x@obrien.test"
CLAIMS = {("MailDomain/obrien-test", "mail domain"): "obrien.test"}


@pytest.fixture
async def backend(mail: Mail) -> AsyncIterator[Backend]:
    host = service_host("one", "Mail")
    assert isinstance(host, ServiceHost)
    connected = ROOM.connect(Wiring(host, lambda _: Secret(mail.database_url), ""))
    yield connected
    await connected.close()


def world(*more: Resource, password: str = PASSWORD) -> Snapshot:
    """A tenant with a domain, a mailbox and an alias to it, and what the test is about."""
    found = snapshot(
        unit(),
        plan(),
        service_host("one", "Mail"),
        tenant(),
        subscription(),
        mail_domain("obrien.test"),
        mailbox("obrien", ADDRESS),
        mail_alias("info@obrien.test", ADDRESS),
        *more,
    )
    found.put_secret("silva", "passwords", {"mail": Secret(password)})
    return found


async def serve(
    backend: Backend, there: Snapshot, now: datetime = NOW, holds: Sequence[Hold] = ()
) -> None:
    """Write what the tenant wants."""
    part = view(there, CLAIMS, now=now, holds=holds)
    kinds = [each for each in part.resources if type(each) in ROOM.desired]
    done = await settle(backend, *(item for each in kinds for item in wanted(ROOM, part, each)))
    assert not done.refused
    assert set(done.results.values()) <= {None}


def log_in(client: smtplib.SMTP, password: str = PASSWORD) -> int:
    """Log in for submission; returns what the server said."""
    client.ehlo()
    plain = base64.b64encode(f"\0{ADDRESS}\0{password}".encode()).decode()
    return client.docmd("AUTH", f"PLAIN {plain}")[0]


def submit(mail: Mail, password: str = PASSWORD) -> int:
    """Try to log in for submission."""
    with smtplib.SMTP(HOST, mail.submission_port, timeout=10) as client:
        return log_in(client, password)


def deliver(mail: Mail, subject: str, recipient: str = ADDRESS) -> None:
    """Send a mail from another server."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "ann@elsewhere.test", recipient, subject
    with smtplib.SMTP(HOST, mail.smtp_port, timeout=10) as client:
        client.send_message(letter)


async def test_a_mailbox_receives_reads_and_submits(backend: Backend, mail: Mail) -> None:
    await serve(backend, world())

    deliver(mail, "to the mailbox")
    deliver(mail, "to the alias", "info@obrien.test")

    assert mail.read(ADDRESS, PASSWORD, "to the mailbox")["To"] == ADDRESS
    assert mail.read(ADDRESS, PASSWORD, "to the alias")["To"] == "info@obrien.test"
    assert submit(mail) == 235


async def test_a_changed_password_is_seen_at_once(backend: Backend, mail: Mail) -> None:
    await serve(backend, world())
    before = submit(mail)
    await serve(backend, world(password="another"))

    assert before == 235
    assert submit(mail) == 535
    assert submit(mail, "another") == 235


async def test_a_suspended_mailbox_receives_and_lets_nobody_in_until_it_ends(
    backend: Backend, mail: Mail
) -> None:
    days = [{"reason": "Unpaid", "since": "2026-11-21", "until": "2026-11-22"}]
    there = world(subscription(suspensions=days))

    await serve(backend, there)
    deliver(mail, "meanwhile")
    submission = submit(mail)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        mail.read(ADDRESS, PASSWORD, "meanwhile")
    await serve(backend, there, NOW + timedelta(days=1))

    assert submission == 535
    assert mail.read(ADDRESS, PASSWORD, "meanwhile")["Subject"] == "meanwhile"
    assert submit(mail) == 235


async def test_a_held_mailbox_lets_nobody_in_until_it_is_released(
    backend: Backend, mail: Mail
) -> None:
    await serve(backend, world(), holds=[hold("Mailbox/obrien")])
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        mail.read(ADDRESS, PASSWORD, "nothing")
    during = submit(mail)
    await serve(backend, world())

    assert during == 535
    assert submit(mail) == 235


async def test_a_mailbox_without_submission_reads_and_receives_and_sends_nothing(
    backend: Backend, mail: Mail
) -> None:
    await serve(backend, world())
    with smtplib.SMTP(HOST, mail.submission_port, timeout=10) as before:
        logged_in = log_in(before)
        await serve(backend, world(), holds=[hold("Mailbox/obrien", Effect.NO_SUBMISSION)])
        deliver(mail, "still arrives")
        read = mail.read(ADDRESS, PASSWORD, "still arrives")
        during = submit(mail)
        before.mail(ADDRESS)
        within, why = before.rcpt(ADDRESS)
    await serve(backend, world())

    assert (logged_in, during) == (235, 535)
    assert read["Subject"] == "still arrives"
    assert (within, b"Sender address rejected" in why) == (553, True)
    assert submit(mail) == 235


async def test_a_retired_mailbox_bounces_and_keeps_its_mail(backend: Backend, mail: Mail) -> None:
    await serve(backend, world())
    deliver(mail, "kept")
    mail.read(ADDRESS, PASSWORD, "kept")
    mark = owner("obrien", installation="test")._replace(kind="Mailbox")

    await settle(backend, fates={mark: State.RETIRED})
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="550"):
        deliver(mail, "too late")
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        mail.read(ADDRESS, PASSWORD, "kept")
    await serve(backend, world())

    assert mail.read(ADDRESS, PASSWORD, "kept")["Subject"] == "kept"


async def test_a_retired_domain_takes_no_mail(backend: Backend, mail: Mail) -> None:
    there = world(subscription(end={"date": "2026-11-22", "reason": "moved away"}))
    await serve(backend, there)
    deliver(mail, "on the last day")

    await serve(backend, there, NOW + timedelta(days=1))

    with pytest.raises(smtplib.SMTPRecipientsRefused, match=r"55[04]"):
        deliver(mail, "after the end")
    with pytest.raises(smtplib.SMTPRecipientsRefused, match=r"55[04]"):
        deliver(mail, "after the end", "info@obrien.test")


@pytest.mark.parametrize(
    "stored",
    [
        # "wireless" by openssl passwd -6 and doveadm pw.
        "$6$salt$kkbdH8Aq8lyFgmoK/p1hmU/Rxc5O/Uq0uhRTr3SeuJ4WFs.7YQ4HhzOS3g9wXFPrYtp7QQLwalCvcUzvw1hCw1",
        "{BLF-CRYPT}$2y$05$k4fxwepL17ZEFYejJi/RouYXQK8V4fcqgGST0KcQ/IdXB6pR1k6Au",
        "{ssha512}Pqv1feY57of3Amkb/mCCrTk7GYebmdIHAykPcKY1dZsCA4r/xoHGkkR0Y9ogK+Uwd2HPGJ0jiJg4QUX9BdV8/aylosc=",
    ],
)
async def test_a_mailbox_is_open_to_a_hash_that_was_given(
    stored: str, backend: Backend, mail: Mail
) -> None:
    source = {"hashRef": {"name": "hashes", "key": "it"}}
    there = world(mailbox("obrien", ADDRESS, password=source))
    there.put_secret("silva", "hashes", {"it": Secret(stored)})
    await serve(backend, there)

    assert submit(mail, "wireless") == 235
    assert submit(mail, "wrong") == 535


async def test_who_gets_a_domain_of_another_customer_reads_none_of_his_mail(
    backend: Backend, mail: Mail
) -> None:
    await serve(backend, world())
    deliver(mail, "of the one before")
    mail.read(ADDRESS, PASSWORD, "of the one before")
    part = view(world(), CLAIMS)
    kinds = [each for each in part.resources if type(each) in ROOM.desired]
    items = [item for each in kinds for item in wanted(ROOM, part, each)]
    await settle(backend, fates=dict.fromkeys((each.owner for each in items if each.owner), None))
    for each in items:
        theirs = owner(customer="10043", installation="test")
        await put(backend, replace(each, owner=theirs))
    deliver(mail, "of the one after")

    assert mail.read(ADDRESS, PASSWORD, "of the one after")["To"] == ADDRESS
    with pytest.raises(StackError, match="no mail 'of the one before'"):
        mail.read(ADDRESS, PASSWORD, "of the one before", seconds=1)
