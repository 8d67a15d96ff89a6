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
        "ispalier: no ServiceHost is called 'radus-1' in the folder tree: did you mean radius-1?\n",
    )
    assert adopted == 0


def test_a_name_that_is_mistyped_is_told_with_the_right_one(served: Folder) -> None:
    case = served.ispalier("why", "login/pedro", "--folder", "tree")
    typo = served.ispalier("why", "Login/pdro", "--folder", "tree")
    gone = served.ispalier("restore", "--customer", "5", "--folder", "tree")

    never = "was never declared, as far as this journal knows: did you mean Login/pedro?\n"
    assert (case.code, case.err) == (1, f"ispalier: login/pedro {never}")
    assert (typo.code, typo.err) == (1, f"ispalier: Login/pdro {never}")
    assert gone.err.startswith("ispalier: nothing of customer 5 is among what is no longer")


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59-12:00", "2026-02-30", "tomorrow"])
def test_a_day_that_does_not_exist_is_told(served: Folder, until: str) -> None:
    words = ("--effect", "Refuse", "--reason", "late", "--until", until, "--folder", "tree")

    done = served.ispalier("hold", "Login/pedro", *words, COLUMNS="200")

    assert done.code == 2
    assert f"'{until}' is no day: write 2026-12-01, or" in done.err
    assert served.ispalier("holds", "--folder", "tree").err == "0 holds\n"


def backup(served: Folder, target: str) -> Said:
    return served.ispalier("journal", "backup", target, "--folder", "tree")
