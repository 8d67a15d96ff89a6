"""What `validate` says about bad input, word for word."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ispalier.cli.validate.problems import problems_of

CASES = sorted((Path(__file__).parent / "validate").glob("*.yaml"))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_every_problem_is_told_in_one_line(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case.parent)

    told = problems_of([Path(case.name)], NOON)

    assert case.with_suffix(".txt").read_text() == "".join(f"{each}\n" for each in told)
