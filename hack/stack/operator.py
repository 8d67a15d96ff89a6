"""The operator as a process of its own, as an administrator runs it: `ispalier run`."""

import os
import re
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hack.stack.controlplane import ControlPlane
from hack.stack.ports import HOST
from hack.stack.process import Process, Program, call
from hack.stack.workspace import Workspace

_RBAC = Path(__file__).parents[2] / "schemas" / "rbac.yaml"

_READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Operator:
    """`ispalier run` with a journal of its own; the installation's id and key are in the cluster."""

    folder: Path
    listen: str
    process: Process

    def start(self) -> float:
        """Start it and wait until it says that it is ready; returns the seconds that took."""
        began = time.monotonic()
        self.process.start(self.is_ready, _READY_SECONDS)
        return time.monotonic() - began

    def is_ready(self) -> bool:
        """Whether it says that it is ready."""
        return self._get("/readyz") is not None

    def stop(self) -> None:
        """End it politely: work in hand is finished."""
        self.process.stop(grace=30)

    def kill(self) -> None:
        """End it with kill -9."""
        self._signal(signal.SIGKILL)
        self.process.stop()

    def pause(self) -> None:
        """Stop it as it stands, as when its machine is suspended."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def is_acting(self) -> bool:
        """Whether it is the replica that writes."""
        return self.metric("leader_election_master_status") > 0

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels; 0 if it was never counted."""
        text = self._get("/metrics") or ""
        found = re.findall(rf"^{name}(?:\{{[^}}]*\}})? ([0-9.e+-]+)$", text, re.MULTILINE)
        return sum(float(each) for each in found)

    def memory_mb(self) -> float:
        """Resident memory now, in MB."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", text)
        return int(found[1]) / 1000 if found else 0.0

    def _signal(self, number: signal.Signals) -> None:
        if self.process.pid:
            os.kill(self.process.pid, number)

    def _get(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://{self.listen}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, OSError):
            return None


def prepare(  # noqa: PLR0913 - the last one is keyword-only
    workspace: Workspace,
    cluster: ControlPlane,
    env: Mapping[str, str] | None = None,
    through: str = "",
    name: str = "operator",
    *,
    account: Path | None = None,
) -> Operator:
    """Make the operator's account and identity in the cluster; it does not run yet.

    It reaches the API server `through` another address, if there is one. `account` is the
    kubeconfig of an account that is there already.
    """
    folder = workspace.make_folder(name)
    folder.chmod(0o700)
    if account is None:
        cluster.run_kubectl("apply", "-f", str(_RBAC))
        account = cluster.service_account_kubeconfig("ispalier", "ispalier", through)
    call([ispalier(), "init", "--cluster", "--kubeconfig", cluster.kubeconfig], cwd=folder)
    listen = f"{HOST}:{workspace.port()}"
    program = Program(
        name="ispalier run",
        argv=[ispalier(), "run", "--kubeconfig", account],
        log=folder / "operator.log",
        env={"ISPALIER_JOURNAL_URL": journal_url(folder), "ISPALIER_LISTEN": listen, **(env or {})},
        stop_signal=signal.SIGTERM,
    )
    return Operator(folder, listen, Process(program, workspace.record))


@contextmanager
def running(
    workspace: Workspace, cluster: ControlPlane, env: Mapping[str, str] | None = None
) -> Iterator[Operator]:
    """An operator that is ready, ended at the end."""
    operator = prepare(workspace, cluster, env)
    operator.start()
    try:
        yield operator
    finally:
        operator.stop()


def ispalier() -> Path:
    """The console script of this virtual environment."""
    return Path(sys.executable).with_name("ispalier")


def journal_url(folder: Path) -> str:
    """The journal in a folder."""
    return f"sqlite:///{folder}/journal.db"
