"""What is wrong many times over is told in a time that grows with the file, and no faster."""

import sys
from pathlib import Path

import pytest

from ispalier.world.load import contents

HEAD = "apiVersion: ispalier.dev/v1alpha1\nkind: Plan\nmetadata: {name: a}\nspec:\n"


def calls(tmp_path: Path, text: str) -> int:
    """How many functions are called for a file."""
    file, counted = tmp_path / "a.yaml", 0
    file.write_text(text)

    def count(_frame: object, event: str, _what: object) -> None:
        nonlocal counted
        counted += event == "call"

    contents(file)  # whatever is made once
    sys.setprofile(count)
    try:
        contents(file)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize(
    "line", ["  k{}: 1\n", "  family: Access\n"], ids=["unknown fields", "one field repeated"]
)
def test_twice_as_many_faults_cost_twice_as_much(tmp_path: Path, line: str) -> None:
    some = calls(tmp_path, HEAD + "".join(line.format(each) for each in range(200)))
    twice = calls(tmp_path, HEAD + "".join(line.format(each) for each in range(400)))

    assert twice < 2.5 * some
