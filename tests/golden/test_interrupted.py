"""Ctrl-C ends a command without a traceback, however early it comes."""

import signal
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("ispalier")


@pytest.mark.parametrize("reached", ["ispalier.cli.output", "sqlalchemy.engine"])
def test_a_command_that_is_interrupted_while_it_loads_says_nothing(
    reached: str, tmp_path: Path
) -> None:
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-X", "importtime", COMMAND, "entries"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pipesize=4096,  # it waits for its reader
        text=True,
    ) as process:
        assert process.stderr is not None
        before = list(takewhile(lambda line: reached not in line, process.stderr))
        process.send_signal(signal.SIGINT)
        after = process.stderr.read()

    assert before
    assert "Traceback" not in after
    assert process.returncode == 130
