"""Postfix: SMTP and submission on loopback; the only server here that must be started by root."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from hack.stack.dovecot import Dovecot
from hack.stack.errors import StackError
from hack.stack.ports import is_listening
from hack.stack.postgres import Postgres
from hack.stack.process import Process, Program
from hack.stack.programs import find
from hack.stack.templates import render
from hack.stack.workspace import Workspace

ROLE = "postfix"

_QUEUES = (
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "private",
    "saved",
    "trace",
)
_QUERIES = {
    "domains": "SELECT name FROM mail_domain WHERE name = '%s' AND active",
    "mailboxes": "SELECT address FROM mailbox WHERE address = '%s' AND deliver",
    "aliases": "SELECT goto FROM mail_alias WHERE address = '%s' AND active",
    # Who logs in as a mailbox sends as that mailbox only. It is asked for each mail, so who may not
    # send any more is stopped within a session, too.
    "senders": "SELECT address FROM mailbox WHERE address = '%s' AND login AND submit",
}


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running Postfix: a port for other servers, one for the provider's own people."""

    smtp_port: int
    submission_port: int
    process: Process

    def start(self) -> None:
        """Start the server again on the same ports with the same queue."""
        self.process.start(lambda: is_listening(self.smtp_port))


def start(workspace: Workspace, postgres: Postgres, database: str, dovecot: Dovecot) -> Postfix:
    """Start the server on the mail tables of a database, with Dovecot behind it."""
    if os.geteuid() != 0:
        raise StackError(
            "Postfix can only be started by root, which separates its parts: "
            "run the command with sudo, or leave mail out"
        )
    folder = workspace.make_folder("postfix")
    conf = folder / "conf"
    conf.mkdir()
    _make_folders(folder)
    smtp, submission = workspace.port(), workspace.port()
    for name in ("main.cf", "master.cf"):
        (conf / name).write_text(
            render(
                name,
                folder=folder,
                smtp_port=smtp,
                submission_port=submission,
                lmtp_port=dovecot.lmtp_port,
                auth_port=dovecot.auth_port,
                quota_port=dovecot.quota_port,
            )
        )
    for name, query in _QUERIES.items():
        (conf / f"{name}.cf").write_text(_lookup(query, postgres.port, database))
    for file in conf.iterdir():
        os.utime(file, (0, 0))  # a file changed a moment ago is waited for, two seconds in all
    # Not by `postfix start`, whose master would leave the session by which it is ended.
    program = Program(
        name="postfix",
        argv=[find("master"), "-c", conf, "-s"],
        log=folder / "postfix.log",
    )
    return Postfix(smtp, submission, workspace.run(program, lambda: is_listening(smtp)))


def _make_folders(folder: Path) -> None:
    """Make the queue as `postfix check` would, which takes two seconds for it."""
    data, spool = folder / "data", folder / "spool"
    data.mkdir(mode=0o700)
    shutil.chown(data, "postfix")
    spool.mkdir(mode=0o755)
    (spool / "pid").mkdir(mode=0o755)
    for name in _QUEUES:
        (spool / name).mkdir(mode=0o700)
        shutil.chown(spool / name, "postfix")
    for name, mode in {"maildrop": 0o730, "public": 0o710}.items():
        (spool / name).mkdir()
        shutil.chown(spool / name, "postfix", "postdrop")
        (spool / name).chmod(mode)


def _lookup(query: str, port: int, database: str) -> str:
    """Return a file in the language of pgsql_table(5)."""
    return f"hosts = inet:127.0.0.1:{port}\nuser = {ROLE}\ndbname = {database}\nquery = {query}\n"
