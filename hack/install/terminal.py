"""What the installer shows: short lines, a moving one for what takes its time."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_BAR = 24
_REDRAW = 0.2
_LAST_LINES = 30
_CLEAR = "\r\x1b[K"


class InstallError(RuntimeError):
    """The installation cannot go on; the message says why and what to do."""


class Task:
    """One thing being done: a bar and a clock on a terminal, a line at both ends elsewhere."""

    def __init__(self, name: str) -> None:
        self.done = 0
        self.total = 0
        self._name = name
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._drawing = threading.Thread(target=self._draw, daemon=True)

    def __enter__(self) -> Self:
        if sys.stdout.isatty():
            self._drawing.start()
        else:
            say(f"{self._name} ...")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._drawing.is_alive():
            self._drawing.join()
        say(f"{self._name}: {'failed' if error else 'done'} after {self._clock()}")

    def _draw(self) -> None:
        while not self._ended.wait(_REDRAW):
            bar = ""
            if self.total:
                share = min(self.done / self.total, 1)
                filled = int(_BAR * share)
                bar = f"[{'#' * filled}{'.' * (_BAR - filled)}] {share:4.0%} "
            print(f"{_CLEAR}{self._name} {bar}{self._clock()}", end="", flush=True)
        print(_CLEAR, end="", flush=True)

    def _clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def run(
    argv: Sequence[str | Path],
    *,
    task: Task | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> list[str]:
    """Run a program and return its lines; each is a step of the task. A failure shows the last."""
    words = [str(word) for word in argv]
    lines: list[str] = []
    with subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **(env or {})},
        cwd=cwd,
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip("\n"))
            if task:
                task.done += 1
    if process.returncode:
        said = "\n".join(lines[-_LAST_LINES:])
        raise InstallError(f"{' '.join(words)} failed with code {process.returncode}:\n{said}")
    return lines
