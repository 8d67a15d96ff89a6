"""Findings in the words of those who show them: forges, test reports, code scanners."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ispalier.world.findings import Level, Problem

_SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


class Report(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"
    SARIF = "sarif"


def github(problems: Sequence[Problem]) -> str:
    """Workflow commands, which GitHub shows beside the lines of a pull request."""
    return "".join(
        f"::{each.level.name.lower()} file={_property(each.position.file)},"
        f"line={each.position.line},col={each.position.column},"
        f"title={_property(each.subject or 'file')}::{_data(_said(each))}\n"
        for each in problems
    )


def gitlab(problems: Sequence[Problem]) -> str:
    """A report of GitLab's Code Quality, which it shows in the merge request."""
    return _json(
        [
            {
                "description": f"{each.subject}: {_said(each)}" if each.subject else _said(each),
                "check_name": each.field or "file",
                "fingerprint": known_by,
                "severity": "major" if each.level is Level.ERROR else "minor",
                "location": {
                    "path": each.position.file,
                    "lines": {"begin": each.position.line},
                },
            }
            for each, known_by in zip(problems, _fingerprints(problems), strict=True)
        ]
    )


def junit(problems: Sequence[Problem]) -> str:
    """A JUnit report: a failed test for each error; a warning is the output of one that passed."""
    errors = sum(each.level is Level.ERROR for each in problems)
    suite = Element(
        "testsuite",
        name="ispalier validate",
        tests=str(max(1, len(problems))),
        failures=str(errors),
        errors="0",
    )
    for each in problems:
        name = ": ".join(filter(None, [each.subject, each.field])) or "file"
        place = f"{each.position.line}:{each.position.column}"
        case = SubElement(suite, "testcase", classname=each.position.file, name=f"{place}: {name}")
        if each.level is Level.ERROR:
            SubElement(case, "failure", message=_said(each)).text = str(each)
        else:
            SubElement(case, "system-out").text = str(each)
    if not problems:
        SubElement(suite, "testcase", classname="files", name="everything is right")
    indent(suite)
    return tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def sarif(problems: Sequence[Problem]) -> str:
    """SARIF 2.1.0, as code scanners take it."""
    results = [
        {
            "ruleId": "error" if each.level is Level.ERROR else "warning",
            "level": each.level.name.lower(),
            "message": {"text": f"{each.subject}: {_said(each)}" if each.subject else _said(each)},
            "partialFingerprints": {"ispalier/v1": known_by},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(each.position.file)},
                        "region": {
                            "startLine": each.position.line,
                            "startColumn": each.position.column,
                        },
                    }
                }
            ],
        }
        for each, known_by in zip(problems, _fingerprints(problems), strict=True)
    ]
    rules = [
        {"id": "error", "shortDescription": {"text": "It would be refused, or not be served."}},
        {"id": "warning", "shortDescription": {"text": "It may not be what was meant."}},
    ]
    tool = {"driver": {"name": "ispalier", "rules": rules}}
    return _json(
        {"$schema": _SARIF, "version": "2.1.0", "runs": [{"tool": tool, "results": results}]}
    )


REPORTS: Mapping[Report, Callable[[Sequence[Problem]], str]] = {
    Report.GITHUB: github,
    Report.GITLAB: gitlab,
    Report.JUNIT: junit,
    Report.SARIF: sarif,
}


def _said(problem: Problem) -> str:
    told = f"{problem.what}; {problem.remedy}"
    return f"{problem.field}: {told}" if problem.field else told


def _fingerprints(problems: Sequence[Problem]) -> Iterator[str]:
    """The same for the same mistake, wherever in the file it stands, and another for each."""
    seen: Counter[tuple[str, ...]] = Counter()
    for each in problems:
        parts = (each.position.file, each.subject, each.field, each.what)
        again = (str(seen[parts]),) if seen[parts] else ()
        seen[parts] += 1
        yield hashlib.sha256("\0".join((*parts, *again)).encode()).hexdigest()[:40]


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
