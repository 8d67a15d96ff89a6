"""Postfix and Dovecot serve what the tables say, at once."""

import base64
import hashlib
import imaplib
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from hack.stack.mail import Mail
from hack.stack.ports import HOST
from hack.stack.postgres import Postgres

PASSWORD = "pä55 % \" \\ ' { wort"


@pytest.fixture(scope="module", autouse=True)
def mailboxes(postgres: Postgres, mail: Mail) -> None:  # noqa: ARG001 - its start makes the tables
    salt = b"salt"
    digest = hashlib.sha512(PASSWORD.encode() + salt).digest() + salt
    password = "{SSHA512}" + base64.b64encode(digest).decode()
    postgres.execute(
        "mail",
        f"""
        INSERT INTO mail_domain (name, active) VALUES ('example.org', true), ('old.test', false);
        INSERT INTO mailbox (address, domain, password, quota_bytes, login, deliver) VALUES
          ('ann@example.org', 'example.org', '{password}', NULL, true, true),
          ('ben@example.org', 'example.org', '{password}', NULL, true, true),
          ('suspended@example.org', 'example.org', '{password}', NULL, false, true),
          ('retired@example.org', 'example.org', '{password}', NULL, false, false),
          ('small@example.org', 'example.org', '{password}', 5000, true, true);
        INSERT INTO mail_alias (address, goto, active) VALUES
          ('both@example.org', 'ann@example.org', true),
          ('both@example.org', 'ben@example.org', true);
        """,  # noqa: S608 - the password is our own
    )


@pytest.fixture
def smtp(mail: Mail) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(HOST, mail.smtp_port, timeout=10) as client:
        yield client


@pytest.fixture
def submission(mail: Mail) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(HOST, mail.submission_port, timeout=10) as client:
        yield client


def message(
    recipient: str, subject: str, sender: str = "someone@elsewhere.test", size: int = 20
) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, recipient, subject
    letter.set_content("Good morning.\n" + "." * size)
    return letter


def log_in(client: smtplib.SMTP, address: str) -> None:
    client.ehlo()
    plain = base64.b64encode(f"\0{address}\0{PASSWORD}".encode()).decode()
    code, answer = client.docmd("AUTH", f"PLAIN {plain}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def test_a_mail_arrives_and_can_be_read(mail: Mail, smtp: smtplib.SMTP) -> None:
    smtp.send_message(message("ann@example.org", "first"))

    assert "Good morning." in mail.read("ann@example.org", PASSWORD, "first").get_content()


def test_an_alias_reaches_everybody(mail: Mail, smtp: smtplib.SMTP) -> None:
    smtp.send_message(message("both@example.org", "to both"))

    assert mail.read("ann@example.org", PASSWORD, "to both")["To"] == "both@example.org"
    assert mail.read("ben@example.org", PASSWORD, "to both")["To"] == "both@example.org"


def test_a_wrong_password_is_refused(mail: Mail) -> None:
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        mail.read("ann@example.org", "wrong", "anything")


def test_a_mailbox_without_login_refuses_imap(mail: Mail) -> None:
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        mail.read("suspended@example.org", PASSWORD, "anything")


def test_a_mailbox_without_login_refuses_submission(submission: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        log_in(submission, "suspended@example.org")


def test_a_mailbox_without_login_still_receives(
    mail: Mail, smtp: smtplib.SMTP, postgres: Postgres
) -> None:
    switch = "UPDATE mailbox SET login = {} WHERE address = 'suspended@example.org'"

    smtp.send_message(message("suspended@example.org", "kept"))
    postgres.execute("mail", switch.format("true"))
    kept = mail.read("suspended@example.org", PASSWORD, "kept")
    postgres.execute("mail", switch.format("false"))

    assert kept["Subject"] == "kept"


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        pytest.param("retired@example.org", 550, id="who no longer receives"),
        pytest.param("nobody@example.org", 550, id="who never was"),
        pytest.param("ann@old.test", 554, id="in a domain that is switched off"),
        pytest.param("ann@elsewhere.test", 554, id="elsewhere"),
    ],
)
def test_no_mail_is_taken_for_one(recipient: str, code: int, smtp: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        smtp.send_message(message(recipient, "not taken"))

    assert refused.value.recipients[recipient][0] == code


def test_a_full_mailbox_is_asked_to_be_tried_later(mail: Mail, smtp: smtplib.SMTP) -> None:
    smtp.send_message(message("small@example.org", "fills it", size=3000))
    mail.read("small@example.org", PASSWORD, "fills it")

    with pytest.raises(smtplib.SMTPRecipientsRefused, match=r"452, b'4\.2\.2"):
        smtp.send_message(message("small@example.org", "too much", size=3000))


def test_a_mailbox_submits_after_its_login(mail: Mail, submission: smtplib.SMTP) -> None:
    log_in(submission, "ann@example.org")

    submission.send_message(message("ben@example.org", "submitted", sender="ann@example.org"))

    assert mail.read("ben@example.org", PASSWORD, "submitted")["From"] == "ann@example.org"


def test_a_mailbox_submits_in_nobody_elses_name(submission: smtplib.SMTP) -> None:
    log_in(submission, "ann@example.org")

    with pytest.raises(smtplib.SMTPRecipientsRefused, match="not owned by user"):
        submission.send_message(message("ann@example.org", "forged", sender="ben@example.org"))


def test_mail_is_taken_right_after_the_database_was_away(mail: Mail, postgres: Postgres) -> None:
    with smtplib.SMTP(HOST, mail.smtp_port, timeout=10) as client:
        client.send_message(message("ann@example.org", "before"))

    postgres.stop()
    postgres.start()
    with smtplib.SMTP(HOST, mail.smtp_port, timeout=10) as client:
        client.send_message(message("ann@example.org", "afterwards"))

    assert mail.read("ann@example.org", PASSWORD, "afterwards")
