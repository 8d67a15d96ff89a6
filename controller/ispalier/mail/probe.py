"""Opens mailboxes by IMAP as Dovecot's master user, read-only: no mail becomes seen or recent."""

import imaplib
import ipaddress
import ssl

from ispalier.core.probe import Reason, Reply
from ispalier.mail.questions import Question

_SECONDS = 20
"""Dovecot lets who was refused wait, longer each time."""


_CLOSED = "refuses it"
"""AUTHORIZATIONFAILED (RFC 5530): the master user was accepted, the mailbox was not."""


class _NotProven(Exception):
    """Whatever would be answered says nothing of the mailbox."""


def ask(question: Question) -> Reply:
    """Try to open a mailbox and judge what becomes of it."""
    host, port = question.server
    try:
        with _connected(question) as imap:
            refusal = _refusal(imap, question)
    except _NotProven as error:
        return Reply(Reason.NOT_PROBED, f"{host}:{port} {error}")
    except (OSError, imaplib.IMAP4.error) as error:
        return Reply(Reason.NONE, f"{host}:{port} does not answer: {_said(error)}")
    if question.is_open and refusal:
        return Reply(Reason.WRONG, f"IMAP {refusal}, asked by the master user")
    if not question.is_open and refusal != _CLOSED:
        return Reply(Reason.WRONG, "IMAP lets the master user into a mailbox that is closed")
    return Reply(Reason.ANSWERS)


def _connected(question: Question) -> imaplib.IMAP4:
    host, port = question.server
    context = ssl.create_default_context()
    if question.is_tls:
        return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=_SECONDS)
    imap = imaplib.IMAP4(host, port, timeout=_SECONDS)
    if "STARTTLS" in imap.capabilities:
        imap.starttls(context)
    elif not _is_local(host):
        imap.shutdown()
        raise _NotProven("offers no TLS for the master user's password")
    return imap


def _refusal(imap: imaplib.IMAP4, question: Question) -> str:
    """Why the mailbox is not open; nothing if it is."""
    words = [question.address, question.master, question.password.reveal()]
    try:
        imap.authenticate("PLAIN", lambda _: "\0".join(words).encode())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if "[AUTHORIZATIONFAILED]" in str(error):
            return _CLOSED
        if "[AUTHENTICATIONFAILED]" in str(error):
            raise _NotProven("does not accept the master user: correct its Secret") from None
        raise
    answer, _ = imap.select("INBOX", readonly=True)
    return "" if answer == "OK" else "opens it, but has no INBOX that can be read"


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else type(error).__name__
    return said.decode(errors="replace") if isinstance(said, bytes) else str(error)
