"""Progress is for people before a terminal, and for nobody else."""

import os
import pty
import subprocess
import sys
from collections import Counter

from ispalier.cli.progress import MOMENT, hosts_of
from ispalier.core.calls import Calls

WORK = f"""
import time
from ispalier.cli.output import out
from ispalier.cli.progress import progress
with progress(lambda: "radius-1", 2) as one_more:
    out().print("first result")
    one_more()
    time.sleep({MOMENT} + 1.5)
    out().print("second result")
out().print("the end")
"""
BRIEF = """
from ispalier.cli.progress import progress
with progress(lambda: "radius-1"):
    pass
"""


def on_a_terminal(code: str, *, with_results: bool) -> tuple[str, str]:
    """What the terminal shows, and what goes elsewhere, of a program."""
    ours, theirs = pty.openpty()
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        stdout=theirs if with_results else subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        check=True,
        timeout=30,
    )
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:  # the end of a terminal
        pass
    os.close(ours)
    return shown.decode(), (done.stdout or b"").decode()


def test_it_tells_how_far_it_is_and_whom_it_waits_for_between_the_results() -> None:
    shown, _ = on_a_terminal(WORK, with_results=True)

    assert "1/2" in shown
    assert "waiting for radius-1" in shown
    assert [each in shown for each in ("first result", "second result", "the end")] == [True] * 3


def test_results_that_go_elsewhere_are_results_alone() -> None:
    shown, results = on_a_terminal(WORK, with_results=False)

    assert "waiting for radius-1" in shown
    assert results.split("\n") == ["first result", "second result", "the end", ""]


def test_what_is_done_in_a_moment_shows_nothing() -> None:
    assert on_a_terminal(BRIEF, with_results=True) == ("", "")


def test_where_no_terminal_is_nothing_is_shown() -> None:
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", WORK], capture_output=True, check=True, text=True, timeout=30
    )

    assert (done.stdout, done.stderr) == ("first result\nsecond result\nthe end\n", "")


def test_many_hosts_are_named_in_part() -> None:
    calls = Calls(at_work=Counter({("dns", f"ns{number}"): 1 for number in range(5)}))

    assert hosts_of(calls)() == "ns0, ns1, ns2, and 2 more hosts"
