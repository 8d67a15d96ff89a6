"""By whom files were edited: asked of git, once for many, and told without it too."""

import subprocess
from pathlib import Path

import pytest

from ispalier.world.commits import FileEdits
from ispalier.world.load import load
from ispalier.world.snapshot import Ident

MANY = 250
NAMES = [f"unit{number}" for number in range(MANY)]
UNIT = """\
apiVersion: ispalier.dev/v1alpha1
kind: BusinessUnit
metadata: {name: NAME}
spec:
  displayName: NAME
  timeZone: America/Sao_Paulo
  currency: BRL
  billing: {timing: Arrears, closingDay: 31, dueDay: 10}
"""


def git(folder: Path, *words: str, author: str = "Ana") -> str:
    who = ("-c", f"user.name={author}", "-c", "user.email=ana@provider.example")
    command = ["git", *who, "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - a test's own repository


def declare(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.yaml").write_text(UNIT.replace("NAME", name))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder within a repository of many files, one of them edited by Bia later."""
    top = tmp_path / "top"
    declare(top, "other")
    declare(top / "tree", *NAMES)
    git(top, "init", "-q")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "Declare them all")
    file = top / "tree" / "unit7.yaml"
    file.write_text(file.read_text().replace("dueDay: 10", "dueDay: 11"))
    git(top, "commit", "-qam", "Give unit7 a day more: São João", author="Bia Sá")
    return top / "tree"


def told(folder: Path, *names: str) -> dict[str, str]:
    edits = FileEdits(load([folder]).origins)
    return {each.name: said for each, said in edits([unit(name) for name in names]).items()}


def unit(name: str) -> Ident:
    return Ident("BusinessUnit", "", name)


def test_the_commit_that_touched_a_file_last_is_told(tree: Path) -> None:
    commit = git(tree, "rev-parse", "HEAD")

    said = told(tree, "unit7", "unit8")

    assert said["unit7"] == (
        f"commit {commit[:12]} by Bia Sá: Give unit7 a day more: São João; tree/unit7.yaml:1"
    )
    assert " by Ana: Declare them all; tree/unit8.yaml:1" in said["unit8"]


def test_many_files_are_asked_for_with_one_question(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tree / "trace.log"
    monkeypatch.setenv("GIT_TRACE", str(trace))
    edits = FileEdits(load([tree]).origins)
    said = edits([unit(name) for name in NAMES])
    again = edits([unit(name) for name in NAMES])

    assert len([each for each in said.values() if each.startswith("commit ")]) == MANY
    assert said == again
    assert [trace.read_text().count(f"built-in: git {word} ") for word in ("diff", "log")] == [1, 1]


def test_what_is_not_committed_is_told_so(tree: Path) -> None:
    file = tree / "unit9.yaml"
    file.write_text("# changed\n" + file.read_text())
    declare(tree, "new")

    said = told(tree, "unit9", "new")

    assert said["unit9"] == "not committed yet; tree/unit9.yaml:2"
    assert said["new"] == f"{tree / 'new.yaml'}:1"


def test_without_a_repository_file_and_line_are_told(tmp_path: Path) -> None:
    declare(tmp_path, "alone")

    assert told(tmp_path, "alone", "nobody") == {"alone": f"{tmp_path / 'alone.yaml'}:1"}


def test_a_file_that_is_gone_meanwhile_is_told_without_its_line(tmp_path: Path) -> None:
    declare(tmp_path, "alone")
    edits = FileEdits(load([tmp_path]).origins)
    (tmp_path / "alone.yaml").unlink()

    assert edits([unit("alone")]) == {unit("alone"): str(tmp_path / "alone.yaml")}
