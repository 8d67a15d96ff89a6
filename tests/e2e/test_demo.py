"""The demo is the longest story that we tell: all of it, on servers of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hack.stack.state import State

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(os.geteuid() != 0, reason="Postfix must be started by root")
def test_the_demo_passes_and_ends_without_a_trace(tmp_path: Path) -> None:
    state = State(tmp_path / "demo")
    try:
        told = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "hack.demo", "--state-dir", str(state.folder)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        folder = Path(state.read()["folder"])
    finally:
        ended = state.down()

    assert ", 0 failed" in told.stdout.splitlines()[-1], told.stdout + told.stderr
    assert told.returncode == 0
    assert "✗" not in told.stdout
    assert {"ispalier run", "kube-apiserver", "postgres"} <= set(ended)
    assert not folder.exists()
    assert not [entry for entry in state.entries() if entry.is_alive]
