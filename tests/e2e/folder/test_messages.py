"""What cannot be done says why and what to do, and changes nothing."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.provider import Folder, Said


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("nowhere/x.db", "there is no folder 'nowhere': make it with `mkdir -p nowhere`"),
        ("tree", "'tree' is a folder: name a new file in it, such as tree/journal.db"),
        ("tree/ispalier.yaml", "'tree/ispalier.yaml' is there already and is not written over"),
        ("/dev/full", "'/dev/full' is there already and is not written over: name a new file"),
        ("/proc/x.db", "'/proc/x.db' cannot be written: No such file or directory; make room"),
    ],
)
def test_a_backup_that_cannot_be_made_says_why(served: Folder, target: str, told: str) -> None:
    before = (served.path / "tree" / "ispalier.yaml").read_text()

    done = backup(served, target)

    assert done.code == 2
    assert done.err.startswith(f"ispalier: {told}")
    assert (served.path / "tree" / "ispalier.yaml").read_text() == before
    assert not (served.path / "nowhere").exists()


def test_a_backup_for_which_there_is_no_room_leaves_nothing(served: Folder) -> None:
    command = Path(sys.executable).with_name("ispalier")
    words = f"ulimit -f 8; exec '{command}' journal backup small.db --folder tree"

    done = subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", words],
        cwd=served.path,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "cannot be copied to .: disk I/O error; make room there, or name a file" in done.stderr
    assert list(served.path.glob("*small*")) == []


def test_a_host_that_nobody_else_uses_is_not_adopted(served: Folder) -> None:
    done = served.ispalier("adopt", "radius-1", "--why", "to be sure", "--folder", "tree")
    typo = served.ispalier("adopt", "radus-1", "--why", "to be sure", "--folder", "tree")

    with closing(sqlite3.connect(served.path / "tree" / "ispalier.db")) as journal:
        (adopted,) = journal.execute("SELECT count(*) FROM host WHERE room = ''").fetchone()
    assert done.code == 0
    assert done.err.startswith("nothing to adopt: host 'radius-1' serves no other installation")
    assert (typo.code, typo.err) == (
        1,
        "ispalier: no ServiceHost is called 'radus-1' in tree: did you mean radius-1?\n",
    )
    assert adopted == 0


def backup(served: Folder, target: str) -> Said:
    return served.ispalier("journal", "backup", target, "--folder", "tree")
