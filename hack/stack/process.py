"""Plain processes: started in a session of their own, recorded, watched, ended to the last child."""

import contextlib
import json
import os
import pwd
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hack.stack.errors import StackError

_POLL = 0.02
_LOG_LINES = 20


@dataclass(frozen=True, slots=True)
class Recorded:
    """A process as a file remembers it: its start time tells it from a later one of the same id.

    It leads a session, so its id is also that of the session in which its children live.
    """

    name: str
    pid: int
    started: int
    stop_signal: int

    @property
    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        seen = _stat(self.pid)
        return seen is not None and seen.started == self.started and seen.state != "Z"


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, as whom, and how to end it politely."""

    name: str
    argv: Sequence[str | Path]
    log: Path
    user: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM


class Record:
    """The file that remembers what was started, one JSON line per process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def add(self, entry: Recorded) -> None:
        """Remember a process that was just started."""
        with self._lock, self.path.open("a") as file:
            file.write(json.dumps(asdict(entry)) + "\n")

    def entries(self) -> list[Recorded]:
        """All processes ever recorded, oldest first; most of them may be gone."""
        with self._lock:
            lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [Recorded(**json.loads(line)) for line in lines]


class Process:
    """One running server that this Python started."""

    def __init__(self, program: Program, record: Record) -> None:
        self.program = program
        self._record = record
        self._popen: subprocess.Popen[bytes] | None = None
        self._entry: Recorded | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, or None when it does not run."""
        return self._entry.pid if self._entry and self._entry.is_alive else None

    def start(self, ready: Callable[[], bool], seconds: float = 20) -> None:
        """Start it and return when `ready` says so; otherwise show the end of its log."""
        program = self.program
        user = pwd.getpwnam(program.user) if program.user else None
        with program.log.open("ab") as log:
            self._popen = subprocess.Popen(
                [str(word) for word in program.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**os.environ, **program.env},
                start_new_session=True,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )
        seen = _stat(self._popen.pid)
        self._entry = Recorded(
            name=program.name,
            pid=self._popen.pid,
            started=seen.started if seen else 0,
            stop_signal=program.stop_signal,
        )
        self._record.add(self._entry)
        self._wait(ready, seconds)

    def stop(self, grace: float = 5) -> None:
        """End it and all its children; nothing happens when it does not run."""
        if self._popen is None or self._entry is None:
            return
        if self._popen.poll() is None:
            self._popen.send_signal(self._entry.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(grace)
        _kill_session(self._entry)
        self._popen.wait()
        self._popen = self._entry = None

    def ended(self, seconds: float) -> int:
        """Wait until it has ended by itself; returns its exit code."""
        if self._popen is None:
            raise StackError(f"{self.program.name} was not started")
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise StackError(f"{self.program.name} still runs after {seconds:g} s") from error

    def _wait(self, ready: Callable[[], bool], seconds: float) -> None:
        popen, program = self._popen, self.program
        deadline = time.monotonic() + seconds
        while popen is not None and popen.poll() is None:
            if ready():
                return
            if time.monotonic() > deadline:
                self.stop(grace=1)
                raise StackError(
                    f"{program.name} was not ready after {seconds:g} s; "
                    f"the end of {program.log}:\n{tail(program.log)}"
                )
            time.sleep(_POLL)
        raise StackError(
            f"{program.name} ended by itself with code {popen.returncode if popen else '?'}; "
            f"the end of {program.log}:\n{tail(program.log)}"
        )


def end(entries: Iterable[Recorded], grace: float = 5) -> list[str]:
    """End recorded processes with all their children; return the names of those that ran.

    All are asked at once, then waited for together; what is left after `grace` is killed.
    A process id that now belongs to somebody else is left alone.
    """
    entries = list(entries)
    alive = [entry for entry in entries if entry.is_alive]
    for entry in alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(entry.pid, entry.stop_signal)
    deadline = time.monotonic() + grace
    while any(entry.is_alive for entry in alive) and time.monotonic() < deadline:
        time.sleep(_POLL)
    for entry in entries:
        _kill_session(entry)
    return [entry.name for entry in alive]


def call(argv: Sequence[str | Path], *, user: str | None = None, cwd: Path | None = None) -> str:
    """Run a program to its end and return what it printed; a failure shows that output."""
    account = pwd.getpwnam(user) if user else None
    words = [str(word) for word in argv]
    done = subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=cwd or "/",
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode:
        raise StackError(f"{' '.join(words)} failed with code {done.returncode}:\n{done.stdout}")
    return done.stdout


def unprivileged(*names: str) -> str | None:
    """The first of these users that this machine knows; None when we are not root anyway."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in (*names, "nobody"):
        if name in known:
            return name
    raise StackError(f"none of the users {', '.join(names)}, nobody exists: add one of them")


def tail(log: Path, lines: int = _LOG_LINES) -> str:
    """Return the last lines of a log, or a word saying that there are none."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:]) or "(empty)"


def session_members(session: int) -> list[int]:
    """Return the processes that live in a session: a server and all its children."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    stats = ((pid, _stat(pid)) for pid in pids)
    return [pid for pid, seen in stats if seen and seen.session == session and seen.state != "Z"]


@dataclass(frozen=True, slots=True)
class _Stat:
    state: str
    session: int
    started: int


def _stat(pid: int) -> _Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold anything; what follows its end is numbers (proc(5)).
    fields = text.rpartition(")")[2].split()
    return _Stat(state=fields[0], session=int(fields[3]), started=int(fields[19]))


def _kill_session(leader: Recorded) -> None:
    """Kill what is left of a session, unless its number has passed to another process."""
    seen = _stat(leader.pid)
    if seen is not None and seen.started != leader.started:
        return
    while members := session_members(leader.pid):
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_POLL)
