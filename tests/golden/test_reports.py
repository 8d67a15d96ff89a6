"""Reports of `validate`, held against what their readers say of their formats."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft7Validator
from junitparser import Failure, JUnitXml
from typer.testing import CliRunner

from hack.install.definitions import REPORTS, folder
from ispalier.cli.main import app

GOLDEN = Path(__file__).parent / "validate"
FILES = ("sound.yaml", "clear.yaml", "does-not-parse.yaml", "without-effect.yaml", "zones.yaml")
SARIF = Draft4Validator(
    json.loads((folder(REPORTS) / "sarif-schema-2.1.0.json").read_text()),
    format_checker=Draft4Validator.FORMAT_CHECKER,
)
TEXT = {"type": "string", "minLength": 1}
GITLAB = Draft7Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": TEXT,
                "check_name": TEXT,
                "fingerprint": TEXT,
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": r"^[^./]"},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {"begin": {"type": "integer", "minimum": 1}},
                        },
                    },
                },
            },
        },
    }
)
"""The table of fields in GitLab's documentation of Code Quality, which has no schema."""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files with errors and warnings of all sorts, one of them below a name that wants care."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Öl & 100 %").mkdir()
    for name in FILES:
        shutil.copy(GOLDEN / name, tmp_path / "Öl & 100 %")
    return tmp_path


def told(form: str) -> str:
    return CliRunner().invoke(app, ["validate", ".", "--format", form]).stdout


def problems() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(told("json"))["problems"]
    return found


@pytest.mark.usefixtures("tree")
def test_a_scanner_takes_the_report() -> None:
    report = json.loads(told("sarif"))

    assert [each.message for each in SARIF.iter_errors(report)] == []
    assert len(report["runs"][0]["results"]) == len(problems()) > 20


@pytest.mark.usefixtures("tree")
def test_a_scanner_would_not_take_a_report_with_a_slip() -> None:
    report = json.loads(told("sarif"))
    report["runs"][0]["results"][0]["level"] = "fatal"
    report["runs"][0]["results"][1]["locations"][0]["line"] = 3

    assert len(list(SARIF.iter_errors(report))) == 2


@pytest.mark.usefixtures("tree")
def test_gitlab_takes_the_report_and_tells_every_finding_from_the_others() -> None:
    report = json.loads(told("gitlab"))

    assert [each.message for each in GITLAB.iter_errors(report)] == []
    assert len({each["fingerprint"] for each in report}) == len(report) == len(problems())


@pytest.mark.usefixtures("tree")
def test_a_reader_of_test_reports_counts_as_we_do() -> None:
    found, [suite] = problems(), JUnitXml.fromstring(told("junit").encode())
    cases = list(suite)
    failed = [case for case in cases if any(isinstance(each, Failure) for each in case.result)]

    assert (suite.tests, suite.failures, suite.errors) == (len(cases), len(failed), 0)
    assert len(cases) == len(found)
    assert len(failed) == sum(each["level"] == "error" for each in found)


@pytest.mark.parametrize("form", ["sarif", "gitlab", "junit"])
def test_nothing_wrong_is_a_report_too(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(GOLDEN / "right.yaml", tmp_path)
    text = told(form)

    match form:
        case "sarif":
            assert [each.message for each in SARIF.iter_errors(json.loads(text))] == []
        case "gitlab":
            assert json.loads(text) == []
        case _:
            assert JUnitXml.fromstring(text.encode()).failures == 0
