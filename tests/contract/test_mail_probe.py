"""Dovecot's master user opens mailboxes, or does not, as they are declared."""

import time
from collections.abc import AsyncIterator

import pytest

from hack.stack.mail import Mail
from hack.stack.postgres import Postgres
from ispalier.api.base import Resource
from ispalier.api.machines import ServiceHost
from ispalier.api.mail import Mailbox
from ispalier.core.probe import NotProbed, Reason, Reply
from ispalier.core.room import Backend, Wiring
from ispalier.core.verdicts import IN_A_ROW
from ispalier.mail import items
from ispalier.mail.questions import Question, question_of_mailbox
from ispalier.mail.room import ROOM
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot
from tests.builders import (
    mail_domain,
    mailbox,
    plan,
    service_host,
    snapshot,
    subscription,
    tenant,
    unit,
)
from tests.contract.case import settle
from tests.views import one, view, wanted

pytestmark = pytest.mark.anyio

ADDRESS = "o'brien+x@probed.test"
UNPAID = subscription(suspensions=[{"reason": "Unpaid", "since": "2026-11-20"}])
MASTER = "the master's password"


@pytest.fixture
async def backend(mail: Mail) -> AsyncIterator[Backend]:
    host = service_host("one", "Mail")
    assert isinstance(host, ServiceHost)
    connected = ROOM.connect(Wiring(host, lambda _: Secret(mail.database_url), ""))
    yield connected
    await connected.close()


def asked_at(port: int, name: str = "127.0.0.1") -> Resource:
    """A mail host that is probed."""
    probe = {
        "imap": f"imap://{name}:{port}",
        "masterUser": "probe",
        "passwordRef": {"name": "master", "key": "password"},
    }
    database = {"urlSecretRef": {"name": "one", "key": "url"}}
    return service_host("one", "Mail", mail={"database": database, "probe": probe})


def world(*more: Resource, master: str = MASTER) -> Snapshot:
    """A mailbox, and what the test is about."""
    found = snapshot(
        unit(),
        plan(),
        asked_at(143),
        tenant(),
        subscription(),
        mail_domain("probed.test"),
        mailbox("obrien", ADDRESS),
        *more,
    )
    found.put_secret("ispalier", "master", {"password": Secret(master)})
    return found


async def serve(backend: Backend, there: Snapshot) -> None:
    part = view(there, {("MailDomain/probed-test", "mail domain"): "probed.test"})
    kinds = [each for each in part.resources if type(each) in ROOM.desired]
    done = await settle(backend, *(item for each in kinds for item in wanted(ROOM, part, each)))
    assert not done.refused
    assert set(done.results.values()) <= {None}


def question(there: Snapshot) -> Question | NotProbed:
    part = view(there, {("MailDomain/probed-test", "mail domain"): "probed.test"})
    mine = there.get(Mailbox, "silva", "obrien")
    assert mine is not None
    return question_of_mailbox(part, mine, one(ROOM, part, mine, items.Mailbox), ())


def asked(there: Snapshot) -> Reply:
    """What is believed: silence only when it is the answer as often as it must be."""
    assert ROOM.ask is not None
    for _ in range(IN_A_ROW):
        reply = ROOM.ask(question(there))
        if reply.reason is not Reason.NONE:
            break
        time.sleep(0.5)  # Dovecot's connection to a database that was away comes back by itself
    return reply


def probed(mail: Mail, *more: Resource) -> Snapshot:
    """The world, asked at the real server with the right password."""
    host = asked_at(mail.imap_port)
    return world(host, *more, master=mail.dovecot.master_password)


async def test_a_mailbox_opens_to_the_master_user(backend: Backend, mail: Mail) -> None:
    await serve(backend, world())

    assert asked(probed(mail)) == Reply(Reason.ANSWERS)


async def test_a_suspended_mailbox_is_closed_to_the_master_user(
    backend: Backend, mail: Mail
) -> None:
    await serve(backend, world(UNPAID))

    assert asked(probed(mail, UNPAID)) == Reply(Reason.ANSWERS)


async def test_a_mailbox_that_is_open_though_suspended_is_told(
    backend: Backend, mail: Mail
) -> None:
    await serve(backend, world())

    assert asked(probed(mail, UNPAID)) == Reply(
        Reason.WRONG, "IMAP lets the master user into a mailbox that is closed"
    )


async def test_a_mailbox_that_dovecot_does_not_know_is_told(
    backend: Backend, mail: Mail, postgres: Postgres
) -> None:
    await serve(backend, world())
    postgres.execute("mail", "DELETE FROM mailbox WHERE domain = 'probed.test'")

    assert asked(probed(mail)) == Reply(Reason.WRONG, "IMAP refuses it, asked by the master user")


async def test_a_master_user_who_is_refused_proves_nothing(backend: Backend, mail: Mail) -> None:
    await serve(backend, world(UNPAID))
    there = world(asked_at(mail.imap_port), UNPAID, master="wrong")

    assert asked(there) == Reply(
        Reason.NOT_PROBED,
        f"127.0.0.1:{mail.imap_port} does not accept the master user: correct its Secret",
    )


async def test_a_mailbox_whose_home_cannot_be_made_is_told(backend: Backend, mail: Mail) -> None:
    await serve(backend, world())
    home = mail.maildirs / "of-10042" / "probed.test" / ADDRESS.partition("@")[0]
    asked(probed(mail))
    kept = home.rename(home.with_name("kept"))
    home.write_text("a file where the folder of the mailbox should be")
    try:
        reply = asked(probed(mail))
    finally:
        home.unlink()
        kept.rename(home)

    assert reply.reason.is_failure
    assert asked(probed(mail)) == Reply(Reason.ANSWERS)


def test_the_master_password_is_not_sent_over_a_network_without_tls(mail: Mail) -> None:
    # The same server under a name that is not known to be of this machine.
    there = world(asked_at(mail.imap_port, "LOCALHOST"), master=mail.dovecot.master_password)

    assert asked(there) == Reply(
        Reason.NOT_PROBED,
        f"LOCALHOST:{mail.imap_port} offers no TLS for the master user's password",
    )


async def test_a_server_that_is_stopped_gives_no_answer(backend: Backend, mail: Mail) -> None:
    await serve(backend, world())
    there = probed(mail)
    mail.dovecot.process.stop()
    try:
        silent = asked(there)
    finally:
        mail.dovecot.start()

    assert silent.reason is Reason.NONE
    assert asked(there) == Reply(Reason.ANSWERS)


def test_a_host_without_a_probe_is_not_asked() -> None:
    there = world(service_host("one", "Mail"))

    assert question(there) == NotProbed("ServiceHost/one has no spec.mail.probe")


def test_a_question_does_not_show_the_master_password() -> None:
    assert MASTER not in repr(question(world()))
