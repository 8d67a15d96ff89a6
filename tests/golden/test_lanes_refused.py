"""Lanes that cannot be read, and questions that nobody can be judged by."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ispalier.cli.main import app


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--author", "x"], "needs --changed-since"),
        (["--commits-author"], "needs --changed-since"),
        (["--changed-since", "HEAD", "--author", ""], "names nobody"),
        (["--changed-since", "HEAD", "--author", " ,"], "names nobody"),
    ],
)
def test_whom_nobody_names_nobody_lets_through(words: list[str], told: str) -> None:
    done = CliRunner().invoke(app, ["validate", ".", *words])

    assert done.exit_code == 2
    assert told in done.stderr


@pytest.mark.parametrize(
    ("may", "told"),
    [
        (
            "{create: [Mailbx]}",
            "lanes[0].may[0].create[0]: Mailbx is no kind; did you mean Mailbox?",
        ),
        (
            "{change: [Mailbox.quota]}",
            "lanes[0].may[0].change[0]: quota is no field of Mailbox; did you mean Mailbox.spec.quotaMiB?",
        ),
        (
            "{change: [Mailbox.spec.password], most: 1}",
            (
                "lanes[0].may[0].change[0]: Mailbox.spec.password holds no number; name the field itself"
                " that holds the number, or use a line without most and least"
            ),
        ),
        (
            "{create: [Mailbox], most: 1}",
            "lanes[0].may[0]: most, least and to are limits of what change names; add change",
        ),
        ("{in: [a/]}", "lanes[0].may[0]: allows nothing; add create, change, delete or files"),
        (
            "{files: [a], in: [a]}",
            "lanes[0].may[0].in[0]: does not end with a slash; write a/ if it is a folder",
        ),
        ("{chang: [a]}", "lanes[0].may[0].chang: is no field; did you mean change?"),
    ],
)
def test_a_wrong_lane_is_told_with_its_line(may: str, told: str, tmp_path: Path) -> None:
    text = f"lanes:\n  - name: a\n    may:\n      - {may}\n"
    (tmp_path / ".ispalier.yaml").write_text(text)
    done = CliRunner().invoke(app, ["validate", str(tmp_path)])

    place, _, said = done.stdout.replace("\n", "").partition(": ")
    assert done.exit_code == 1
    assert place.startswith(f"{tmp_path}/.ispalier.yaml:4:")
    assert said == told
