"""Processes that share work end with the first, however that ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from subprocess import PIPE

WAITING = """
import sys, time
from ispalier.cli.validate.crew import Crew
def work(seconds):
    time.sleep(seconds)
with Crew(work, 3) as crew:
    print(*[process for process, _ in crew._others], flush=True)
    crew.all([60, 60, 60])
"""


def test_interrupted_no_process_is_left_and_nothing_is_said_by_others() -> None:
    with subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-c", WAITING],
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
        text=True,
    ) as process:
        assert process.stdout is not None
        others = process.stdout.readline().split()
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=10)

    assert len(others) == 2
    assert said.count("Traceback") == said.count("KeyboardInterrupt") == 1
    assert [each for each in others if Path(f"/proc/{each}").exists()] == []


def test_who_is_killed_leaves_nobody_behind() -> None:
    with subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-c", WAITING.replace("60, 60, 60", "60, 0, 0")],
        stdout=PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        others = process.stdout.readline().split()
        process.kill()
    patience = time.monotonic() + 5
    while any(_runs(each) for each in others) and time.monotonic() < patience:
        time.sleep(0.02)

    assert [each for each in others if _runs(each)] == []


def _runs(process: str) -> bool:
    """Whether a process is there and no zombie that waits for its parent's parent."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
