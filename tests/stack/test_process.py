"""Whatever was started is ended, and nothing else is."""

import os
import select
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from hack.stack.errors import StackError
from hack.stack.process import Process, Program, Record, end, session_members

ROOT = Path(__file__).parent.parent.parent
FAMILY = """
import subprocess, time
subprocess.Popen(["sleep", "600"])
print("up", flush=True)
time.sleep(600)
"""
OWNER = """
from hack.stack.stack import Stack
stack = Stack().start("powerdns")
pids = [entry.pid for entry in stack.workspace.record.entries()]
print(stack.workspace.folder, *pids, flush=True)
input()
"""


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(tmp_path / "processes.jsonl")


def sleeper(log: Path) -> Program:
    return Program(name="sleeper", argv=["sleep", "600"], log=log)


def test_an_end_reaches_the_children_of_children(tmp_path: Path, record: Record) -> None:
    program = Program("family", [sys.executable, "-c", FAMILY], tmp_path / "log")
    family = Process(program, record)
    family.start(lambda: "up" in program.log.read_text())
    (session,) = [entry.pid for entry in record.entries()]
    before = session_members(session)

    family.stop()

    assert len(before) == 2
    assert session_members(session) == []


def test_a_process_that_got_the_number_of_an_ended_one_is_left_alone(
    tmp_path: Path, record: Record
) -> None:
    process = Process(sleeper(tmp_path / "log"), record)
    process.start(lambda: True)
    (entry,) = record.entries()

    ended = end([replace(entry, started=entry.started - 1)])

    assert ended == []
    assert process.pid == entry.pid
    process.stop()


def test_a_server_that_ends_at_once_shows_its_last_words(tmp_path: Path, record: Record) -> None:
    program = Program("lamp", [sys.executable, "-c", "raise SystemExit('no oil')"], tmp_path / "l")

    with pytest.raises(StackError, match=r"(?s)lamp ended by itself with code 1.*no oil"):
        Process(program, record).start(lambda: False)


def test_a_server_that_is_never_ready_is_ended(tmp_path: Path, record: Record) -> None:
    with pytest.raises(StackError, match=r"sleeper was not ready after 0.1 s"):
        Process(sleeper(tmp_path / "log"), record).start(lambda: False, seconds=0.1)

    assert [entry.is_alive for entry in record.entries()] == [False]


def test_servers_of_a_killed_owner_are_ended() -> None:
    owner = subprocess.Popen(  # noqa: S603 - our own Python
        [sys.executable, "-c", OWNER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    folder, server = owner.stdout.readline().split()
    server_end = os.pidfd_open(int(server))

    owner.kill()
    owner.communicate()
    ended, _, _ = select.select([server_end], [], [], 10)
    os.close(server_end)

    assert [server_end] == ended
    assert folder.startswith(tempfile.gettempdir())
