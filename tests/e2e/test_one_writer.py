"""Commands that meet another writer say who it is, and wait for its end if they are told to."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ispalier.core.lease import Lease
from ispalier.journal.database import connect
from ispalier.journal.lock import BACKENDS
from ispalier.journal.writer import Writer
from tests.contract.case import Clock
from tests.provider import Said, said
from tests.repositories import git

LOCKER = Path(__file__).parents[1] / "journal" / "locker.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert ispalier(tmp_path, "init", "tree").code == 0
    assert ispalier(tmp_path, "apply", "tree").code == 0
    return tmp_path


def ispalier(cwd: Path, *words: str) -> Said:
    return said(cwd, words, {})


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder}/tree/ispalier.db"


def test_apply_beside_another_writer_refuses_and_a_dry_run_does_not(folder: Path) -> None:
    engine = connect(url_of(folder))
    other = Writer.of(engine, BACKENDS, Lease("any", 15, Clock()), "ispalier run")
    other.take()

    refused = ispalier(folder, "apply", "tree")
    looked = ispalier(folder, "apply", "tree", "--dry-run")
    other.release()
    again = ispalier(folder, "apply", "tree")
    engine.dispose()

    assert refused.code == 1
    assert re.fullmatch(
        r"ispalier: the back ends are written by ispalier run \(process \d+ on \S+\)"
        r" since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: wait for its end, with --lock-timeout SECONDS"
        r" this command does\n",
        refused.err,
    )
    assert (looked.code, again.code) == (0, 0)


def test_a_journal_is_not_bound_elsewhere_beside_another_writer(folder: Path) -> None:
    for words in (("init", "-q"), ("add", "ispalier.yaml"), ("commit", "-q", "-m", "First")):
        git(folder / "tree", *words)
    engine = connect(url_of(folder))
    other = Writer.of(engine, BACKENDS, Lease("any", 15, Clock()), "ispalier run")
    other.take()

    refused = ispalier(folder, "journal", "rebind", "tree", "--why", "in git now")
    other.release()
    bound = ispalier(folder, "journal", "rebind", "tree", "--why", "in git now")
    engine.dispose()

    assert refused.code == 1
    assert "written by ispalier run" in refused.err
    assert refused.err.endswith(": stop that first\n")
    assert bound.code == 0, bound.err


def test_apply_waits_for_another_writer_as_long_as_it_is_told(folder: Path) -> None:
    words = [sys.executable, str(LOCKER), url_of(folder), "15"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as other:  # noqa: S603 - our own code
        assert other.stdout is not None
        assert other.stdout.readline() == "mine\n"
        begin = time.monotonic()
        in_vain = ispalier(folder, "apply", "tree", "--lock-timeout", "0.7")
        waited = time.monotonic() - begin
        other.kill()
    after = ispalier(folder, "apply", "tree", "--lock-timeout", "20")

    assert in_vain.code == 1
    assert waited > 0.7
    assert after.code == 0
