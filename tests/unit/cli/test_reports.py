"""Findings in the words of forges, test reports and scanners."""

import json
from xml.etree import ElementTree as ET

from ispalier.cli.validate.reports import github, gitlab, junit, sarif
from ispalier.world.findings import Level, Position, Problem, tame

WRONG = Problem(
    Position("tenants/a,b.yaml", 7, 13),
    "Login/joao",
    "spec.username",
    'is "a:b", 100 % wrong',
    "use\nanother",
)
DOUBTFUL = Problem(Position("b.yaml", 1), "", "", "is odd", "look", Level.WARNING)
FOUND = (WRONG, DOUBTFUL)


def test_github_gets_one_escaped_command_for_each() -> None:
    wrong, odd = github(FOUND).splitlines()

    assert wrong == (
        "::error file=tenants/a%2Cb.yaml,line=7,col=13,title=Login/joao::"
        'spec.username: is "a:b", 100 %25 wrong; use%0Aanother'
    )
    assert odd == "::warning file=b.yaml,line=1,col=1,title=file::is odd; look"


def test_gitlab_knows_a_mistake_again_that_has_moved() -> None:
    here, odd = json.loads(gitlab(FOUND))
    [there] = json.loads(gitlab([WRONG._replace(position=Position("tenants/a,b.yaml", 70, 2))]))

    assert here["location"] == {"path": "tenants/a,b.yaml", "lines": {"begin": 7}}
    assert (here["severity"], odd["severity"]) == ("major", "minor")
    assert here["fingerprint"] == there["fingerprint"] != odd["fingerprint"]


def test_junit_has_a_failed_test_for_each_error() -> None:
    suite = ET.fromstring(junit(FOUND))  # noqa: S314 - our own
    right = ET.fromstring(junit(()))  # noqa: S314 - our own

    assert suite.attrib | {"name": ""} == {"name": "", "tests": "2", "failures": "1", "errors": "0"}
    assert [each.attrib["name"] for each in suite] == [
        "7:13: Login/joao: spec.username",
        "1:1: file",
    ]
    assert [each.tag for case in suite for each in case] == ["failure", "system-out"]
    assert (right.attrib["tests"], right.attrib["failures"]) == ("1", "0")


def test_sarif_points_to_line_and_column() -> None:
    told = json.loads(sarif(FOUND))
    [result, odd] = told["runs"][0]["results"]

    assert told["version"] == "2.1.0"
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 7,
        "startColumn": 13,
    }
    assert (result["level"], odd["level"]) == ("error", "warning")


def test_nothing_in_a_report_is_an_order_to_who_shows_it() -> None:
    evil = tame(
        Problem(Position("a\n\udcff.yaml", 1), "Tenant/a\x1b[2J", "b\r", "c\n::error::d", "\u202e")
    )
    [found] = json.loads(gitlab([evil]))
    [case] = ET.fromstring(junit([evil]))  # noqa: S314 - our own

    assert str(evil) == (r"a\n\udcff.yaml:1:1: Tenant/a\x1b[2J: b\r: c\n::error::d; \u202e")
    assert found["location"]["path"] == case.attrib["classname"] == r"a\n\udcff.yaml"


def test_sarif_writes_the_file_as_a_uri() -> None:
    told = json.loads(sarif([WRONG._replace(position=Position("a ü%.yaml", 1))]))
    [place] = told["runs"][0]["results"][0]["locations"]

    assert place["physicalLocation"]["artifactLocation"] == {"uri": "a%20%C3%BC%25.yaml"}
