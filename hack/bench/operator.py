"""The operator as a process of its own, as an administrator runs it."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hack.stack.stack import Stack

READY_SECONDS = 60.0


@dataclass(slots=True)
class Operator:
    """`ispalier run` in a folder of its own, with the journal and the key that lie there."""

    folder: Path
    kubeconfig: Path
    listen: str
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def init(self) -> None:
        """Make the installation's id and key."""
        self._call("init", str(self.folder))

    def start(self) -> float:
        """Start, wait until it says that it is ready; returns the seconds that took."""
        log = (self.folder / "operator.log").open("ab")
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [ispalier(), "run", "--kubeconfig", str(self.kubeconfig)],
            cwd=self.folder,
            env=self._environment(),
            stdout=log,
            stderr=log,
        )
        while time.monotonic() < begin + READY_SECONDS:
            if self._get("/readyz") is not None:
                return time.monotonic() - begin
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        message = f"the operator did not get ready: see {self.folder / 'operator.log'}"
        raise RuntimeError(message)

    def stop(self) -> int:
        """End it politely; returns its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def kill(self) -> None:
        """End it with kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        text = self._get("/metrics") or ""
        found = re.findall(rf"^{name}(?:\{{[^}}]*\}})? ([0-9.e+-]+)$", text, re.MULTILINE)
        return sum(float(each) for each in found)

    def memory_mb(self) -> float:
        """Resident memory now, MB."""
        pid = self.process.pid if self.process else 0
        text = Path(f"/proc/{pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", text)
        return int(found[1]) / 1000 if found else 0.0

    def _get(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://{self.listen}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, OSError):
            return None

    def _call(self, *words: str) -> None:
        subprocess.run(
            [ispalier(), *words],
            cwd=self.folder,
            env=self._environment(),
            check=True,
            capture_output=True,
        )

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "ISPALIER_JOURNAL_URL": f"sqlite:///{self.folder}/journal.db",
            "ISPALIER_KEY_FILE": str(self.folder / "ispalier.key"),
            "ISPALIER_LISTEN": self.listen,
            **self.environment,
        }


def ispalier() -> str:
    """The console script of this virtual environment."""
    return str(Path(sys.executable).with_name("ispalier"))


@contextmanager
def running(stack: Stack, folder: Path, **environment: str) -> Iterator[Operator]:
    """An operator on the stack that was initialised and is ready."""
    listen = f"127.0.0.1:{stack.workspace.port()}"
    operator = Operator(folder, stack.controlplane.kubeconfig, listen, environment)
    operator.init()
    operator.start()
    try:
        yield operator
    finally:
        operator.stop()
