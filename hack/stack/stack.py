"""The whole stack as one object: each part starts when it is first asked for."""

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Generic, Literal, Self, TypeVar, get_args

from hack.stack import controlplane, freeradius, powerdns
from hack.stack import mail as mailserver
from hack.stack import postgres as postgresql
from hack.stack.controlplane import ControlPlane
from hack.stack.freeradius import Radius
from hack.stack.mail import Mail
from hack.stack.postgres import Postgres
from hack.stack.powerdns import PowerDNS
from hack.stack.process import end
from hack.stack.workspace import Workspace

Part = Literal["controlplane", "mail", "radius", "powerdns", "postgres"]
PARTS: tuple[Part, ...] = get_args(Part)

_ROOT = Path(__file__).parent.parent.parent
_T = TypeVar("_T")


class Stack:
    """Servers of one test run or one demo, in a folder and on ports of their own.

    Use it in a `with` statement: at its end everything that was started is ended and the
    folder deleted, unless `leave_running` was called. A guardian process does the same when
    this Python is killed.
    """

    def __init__(self, record: Path | None = None) -> None:
        self.workspace = workspace = Workspace(record)
        self._is_open = True
        self._guardian = _start_guardian(workspace)
        self._postgres = _Once(lambda: postgresql.start(workspace))
        self._radius = _Once(lambda: freeradius.start(workspace, self.postgres))
        self._mail = _Once(lambda: mailserver.start(workspace, self.postgres))
        self._powerdns = _Once(lambda: powerdns.start(workspace))
        self._controlplane = _Once(lambda: controlplane.start(workspace))

    @property
    def postgres(self) -> Postgres:
        """One PostgreSQL cluster; the other parts have their databases in it."""
        return self._postgres.get()

    @property
    def radius(self) -> Radius:
        """FreeRADIUS on the database `radius`."""
        return self._radius.get()

    @property
    def powerdns(self) -> PowerDNS:
        """PowerDNS on SQLite, written through its HTTP API."""
        return self._powerdns.get()

    @property
    def mail(self) -> Mail:
        """Postfix and Dovecot on the database `mail`."""
        return self._mail.get()

    @property
    def controlplane(self) -> ControlPlane:
        """A Kubernetes API server with etcd and the controller manager."""
        return self._controlplane.get()

    def start(self, *parts: Part) -> Self:
        """Start these parts side by side, all of them when none is named."""
        with ThreadPoolExecutor() as pool:
            running = [pool.submit(getattr, self, part) for part in parts or PARTS]
            try:
                for future in running:
                    future.result()
            except BaseException:  # a Ctrl-C, a failed part: the others are not waited for
                end(self.workspace.record.entries(), grace=1)
                raise
        return self

    def facts(self) -> dict[str, dict[str, str]]:
        """Return what a person needs to reach the parts that were started."""
        facts: dict[str, dict[str, str]] = {}
        if cluster := self._controlplane.made:
            facts["controlplane"] = {
                "url": cluster.url,
                "kubeconfig": str(cluster.kubeconfig),
                "kubectl": str(cluster.kubectl),
            }
        if database := self._postgres.made:
            facts["postgres"] = {"url": database.url("postgres")}
        if radius := self._radius.made:
            facts["radius"] = {
                "database": radius.database_url,
                "auth_port": str(radius.auth_port),
                "acct_port": str(radius.acct_port),
            }
        if dns := self._powerdns.made:
            facts["powerdns"] = {
                "api_url": dns.api_url,
                "api_key": dns.api_key,
                "dns_port": str(dns.dns_port),
            }
        if mail := self._mail.made:
            facts["mail"] = {
                "database": mail.database_url,
                "smtp_port": str(mail.smtp_port),
                "submission_port": str(mail.submission_port),
                "imap_port": str(mail.imap_port),
                "maildirs": str(mail.maildirs),
            }
        return facts

    def leave_running(self) -> None:
        """Let the servers outlive this Python; what the record names can be ended later."""
        self._is_open = False
        self._dismiss_guardian()

    def close(self) -> None:
        """End every server and delete the folder."""
        if self._is_open:
            self.workspace.remove()
            self._is_open = False
            self._dismiss_guardian()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _dismiss_guardian(self) -> None:
        self._guardian.kill()
        self._guardian.communicate()


class _Once(Generic[_T]):
    """A value made by the first who asks; others wait for it."""

    def __init__(self, make: Callable[[], _T]) -> None:
        self._make = make
        self.made: _T | None = None
        self._lock = threading.Lock()

    def get(self) -> _T:
        with self._lock:
            if self.made is None:
                self.made = self._make()
            return self.made


def _start_guardian(workspace: Workspace) -> subprocess.Popen[bytes]:
    """Start the process that ends all servers when the other end of its input is closed."""
    places = [str(workspace.folder), str(workspace.record.path)]
    words = [sys.executable, "-m", "hack.stack.guardian", *places]
    return subprocess.Popen(words, stdin=subprocess.PIPE, cwd=_ROOT, start_new_session=True)
