"""Commands that need a journal make none where there is none."""

from pathlib import Path

import pytest

from tests.golden.test_cli import HOSTS, ended, folder

__all__ = ["folder"]

JOURNALS = (
    "journal show",
    "journal rebind . --why because",
    "journal confirm",
    "journal backup copy.db",
    "journal verify",
    "adopt dns-1 --why because",
    "retired",
    "restore Login/x",
    "purge Login/x --customer 10042 --yes",
    "hold Login/x --effect Refuse --reason Unpaid",
    "release Login/x",
    "holds",
    "why Login/x",
    "audit",
    "pending",
    "approve abcd --why because",
    "bill . --as-of 2026-11-30",
    "entries",
    "status",
)


@pytest.mark.parametrize("words", JOURNALS)
def test_who_needs_a_journal_makes_none_in_an_empty_folder(words: str, folder: Path) -> None:
    code, out, err = ended(*words.split())

    assert (code, out) == (1, "")
    assert err.startswith("ispalier: there is no journal ispalier.db: the first `ispalier apply`")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("words", [*JOURNALS, "drift ."])
def test_nor_in_the_folder_of_an_installation(words: str, folder: Path) -> None:
    (folder / "hosts.yaml").write_text(HOSTS)
    ended("init")
    before = sorted(folder.rglob("*"))

    code, out, err = ended(*words.split())

    assert (code, out) == (1, "")
    assert err.startswith("ispalier: there is no journal ispalier.db: the first `ispalier apply`")
    assert sorted(folder.rglob("*")) == before
