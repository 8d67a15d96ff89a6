"""Opens mailboxes by IMAP as Dovecot's master user, read-only: no mail becomes seen or recent."""

import imaplib
import ipaddress
import ssl
from enum import Enum

from ispalier.core.probe import Reason, Reply
from ispalier.mail.questions import Question

_SECONDS = 20
"""Dovecot lets who was refused wait, longer each time."""


class _Found(Enum):
    OPEN = "opens it"
    REFUSED = "refuses it"
    UNREADABLE = "opens it, but has no INBOX that can be read"


class _NoAnswer(Exception):
    """The server said nothing of the mailbox."""


class _Unsafe(Exception):
    """The master's password would be read on the way."""


def ask(question: Question) -> Reply:
    """Try to open a mailbox and judge what becomes of it."""
    try:
        return _judged(question)
    except _Unsafe as error:
        return Reply(Reason.NOT_PROBED, str(error))
    except _NoAnswer as error:
        return Reply(Reason.NONE, str(error))


def _judged(question: Question) -> Reply:
    found = _try(question, question.address)
    if question.is_open:
        if found is _Found.OPEN:
            return Reply(Reason.ANSWERS)
        return Reply(Reason.WRONG, f"IMAP {found.value}, asked by the master user")
    if found is not _Found.REFUSED:
        return Reply(Reason.WRONG, "IMAP lets the master user into a mailbox that is closed")
    if _try(question, question.witness) is not _Found.OPEN:
        why = f"the witness {question.witness} is refused, too, so the refusal proves nothing"
        return Reply(Reason.NOT_PROBED, why)
    return Reply(Reason.ANSWERS)


def _try(question: Question, address: str) -> _Found:
    host, port = question.server
    try:
        with _connected(question) as imap:
            return _opened(imap, question, address)
    except (OSError, imaplib.IMAP4.error) as error:
        raise _NoAnswer(f"{host}:{port} does not answer: {_said(error)}") from None


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
        raise _Unsafe(f"{host}:{port} offers no TLS for the master user's password")
    return imap


def _opened(imap: imaplib.IMAP4, question: Question, address: str) -> _Found:
    words = [address, question.master, question.password.reveal()]
    try:
        imap.authenticate("PLAIN", lambda _: "\0".join(words).encode())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if "AUTHENTICATIONFAILED" in str(error):
            return _Found.REFUSED
        raise
    answer, _ = imap.select("INBOX", readonly=True)
    return _Found.OPEN if answer == "OK" else _Found.UNREADABLE


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else type(error).__name__
    return said.decode(errors="replace") if isinstance(said, bytes) else str(error)
