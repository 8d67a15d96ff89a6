"""A mail server: Postfix and Dovecot on the tables of one database."""

import imaplib
import time
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from hack.stack import dovecot, postfix
from hack.stack.dovecot import Dovecot
from hack.stack.errors import StackError
from hack.stack.ports import HOST
from hack.stack.postfix import Postfix
from hack.stack.postgres import Postgres
from hack.stack.workspace import Workspace
from ispalier.mail.schema import DDL

DATABASE = "mail"
_POLL = 0.02


@dataclass(frozen=True, slots=True)
class Mail:
    """A running mail server and where its rows are."""

    database_url: str
    dovecot: Dovecot
    postfix: Postfix

    @property
    def smtp_port(self) -> int:
        """Where mail from other servers arrives."""
        return self.postfix.smtp_port

    @property
    def submission_port(self) -> int:
        """Where the provider's own people send, after a login."""
        return self.postfix.submission_port

    @property
    def imap_port(self) -> int:
        """Where mail is read."""
        return self.dovecot.imap_port

    @property
    def maildirs(self) -> Path:
        """Where mail is kept, as of-CUSTOMER/DOMAIN/NAME/Maildir."""
        return self.dovecot.maildirs

    def read(self, address: str, password: str, subject: str, seconds: float = 10) -> EmailMessage:
        """Log in by IMAP, wait for a mail with this subject, return it."""
        deadline = time.monotonic() + seconds
        with imaplib.IMAP4(HOST, self.imap_port, timeout=seconds) as imap:
            imap.authenticate("PLAIN", lambda _: f"\0{address}\0{password}".encode())
            while time.monotonic() < deadline:
                imap.select(readonly=True)
                _, (found,) = imap.search(None, "HEADER", "Subject", f'"{subject}"')
                if found:
                    _, answer = imap.fetch(found.split()[-1].decode(), "(RFC822)")
                    (_, content), *_ = (part for part in answer if isinstance(part, tuple))
                    return message_from_bytes(content, policy=default)
                time.sleep(_POLL)
        raise StackError(f"no mail {subject!r} reached {address} within {seconds:g} s")

    def stop(self) -> None:
        """End both servers, as in an outage."""
        self.postfix.process.stop()
        self.dovecot.process.stop()

    def start(self) -> None:
        """Start both servers again on the same ports."""
        self.dovecot.start()
        self.postfix.start()

    def look_again(self) -> None:
        """Take up mail at once: who saw the database break refuses it for a minute (Postfix)."""
        if self.postfix.process.pid is not None and self.dovecot.process.pid is not None:
            self.stop()
            self.start()


def start(workspace: Workspace, postgres: Postgres) -> Mail:
    """Make the database `mail` with its tables and start both servers on it."""
    url = postgres.create_database(DATABASE, DDL, readers=(dovecot.ROLE, postfix.ROLE))
    behind = dovecot.start(workspace, postgres, DATABASE)
    made = Mail(url, behind, postfix.start(workspace, postgres, DATABASE, behind))
    postgres.again.append(made.look_again)
    return made
