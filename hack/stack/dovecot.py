"""Dovecot: IMAP, delivery into maildirs, passwords for Postfix; as one plain user, never root."""

import getpass
import grp
import os
import pwd
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from hack.stack.errors import StackError
from hack.stack.ports import is_listening
from hack.stack.postgres import Postgres
from hack.stack.process import Process, Program, call, unprivileged
from hack.stack.programs import find
from hack.stack.templates import render
from hack.stack.workspace import Workspace, hand_over

ROLE = "dovecot"
MASTER = "probe"
"""The user who opens every mailbox that its owner may open."""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running Dovecot: a port for people, three for Postfix."""

    imap_port: int
    lmtp_port: int
    auth_port: int
    quota_port: int
    maildirs: Path
    process: Process
    master_password: str = field(repr=False)
    master: str = MASTER

    def start(self) -> None:
        """Start the server again on the same ports."""
        self.process.start(lambda: is_listening(self.imap_port) and is_listening(self.lmtp_port))


def start(workspace: Workspace, postgres: Postgres, database: str) -> Dovecot:
    """Start the server on the mail tables of a database."""
    user = unprivileged("dovecot", "mail")
    folder = workspace.make_folder("dovecot")
    maildirs = folder / "maildirs"
    maildirs.mkdir()
    imap, lmtp, auth, quota = (workspace.port() for _ in range(4))
    values = {
        "folder": folder,
        "maildirs": maildirs,
        "user": user or getpass.getuser(),
        "group": _group(user),
        "database_port": postgres.port,
        "database": database,
        "role": ROLE,
        "imap_port": imap,
        "lmtp_port": lmtp,
        "auth_port": auth,
        "quota_port": quota,
    }
    for name, template in _files().items():
        (folder / name).write_text(render(template, **values))
    master_password = secrets.token_hex(8)
    (folder / "masters").write_text(f"{MASTER}:{{PLAIN}}{master_password}\n")
    (folder / "masters").chmod(0o600)
    hand_over(folder, user)
    program = Program(
        name="dovecot",
        argv=[find("dovecot"), "-F", "-c", folder / "dovecot.conf"],
        log=folder / "dovecot.log",
        user=user,
    )
    process = workspace.run(program, lambda: is_listening(imap) and is_listening(lmtp))
    return Dovecot(imap, lmtp, auth, quota, maildirs, process, master_password)


def _files() -> dict[str, str]:
    """Choose the files of this version's configuration language."""
    printed = call([find("dovecot"), "--version"])
    found = re.match(r"(\d+)\.(\d+)", printed)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    if version >= (2, 4):
        return {"dovecot.conf": "dovecot-2.4.conf"}
    if version >= (2, 3):
        return {"dovecot.conf": "dovecot-2.3.conf", "sql.conf": "dovecot-sql.conf"}
    raise StackError(f"Dovecot {printed.strip()} is too old: 2.3 or newer is needed")


def _group(user: str | None) -> str:
    gid = pwd.getpwnam(user).pw_gid if user else os.getgid()
    return grp.getgrgid(gid).gr_name
