"""The schemas for editors and for kubeconform: as strict as the others, but for rules in CEL."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry, Resource

from hack.stack.errors import StackError
from hack.stack.process import call
from hack.stack.programs import find
from ispalier.api.crd import IN_EDITORS, structural
from ispalier.api.generate import ROOT
from ispalier.api.kinds import BY_NAME
from tests.golden.api.mistakes import INVALID, MORE, VALID, read
from tests.golden.api.test_bounds import rules, told

FOLDER = ROOT / "json"
RIGHT = [*sorted(VALID.glob("*.yaml")), *sorted(MORE.glob("*.yaml"))]
WRONG = sorted(INVALID.glob("*.yaml"))
EXAMPLES = ROOT.parent / "examples"


def schema(name: str) -> Draft7Validator:
    """One of the schemas, as an editor reads it: references are files beside it."""
    files = {each.name: json.loads(each.read_text()) for each in FOLDER.glob("*.json")}
    registry = Registry().with_resources(
        (file, Resource.from_contents(made)) for file, made in files.items()
    )
    made = files[f"{name}.json"]
    return Draft7Validator(made, registry=registry, format_checker=FormatChecker())


ALL = schema("all")
RULES = {
    each.partition(": ")[2]
    for kind in BY_NAME
    for each in rules(structural(BY_NAME[kind]), kind, without=IN_EDITORS)
}


def is_right(path: Path) -> bool:
    """Whether both say so: the schema of the kind, and the one for all."""
    value = read(path)
    own, every = schema(value["kind"].lower()).is_valid(value), ALL.is_valid(value)
    assert own == every
    return own


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_an_editor_marks_nothing_in_what_is_right(path: Path) -> None:
    assert is_right(path)


def test_an_editor_marks_all_that_is_wrong_but_what_only_rules_in_cel_forbid() -> None:
    unmarked = {path.name for path in WRONG if is_right(path)}

    assert unmarked == {path.name for path in WRONG if all(map(_is_beyond, told(path)))}
    assert len(unmarked) < 60


def _is_beyond(fault: str) -> bool:
    """Whether JSON Schema has no words for it: a rule in CEL, or entries with the same key."""
    where, _, what = fault.partition(": ")
    return what in RULES or (" stands in entry [" in what and not where.endswith("topics[]"))


def test_kubeconform_takes_them_as_they_are() -> None:
    said = kubeconform(*RIGHT, *EXAMPLES.glob("*/provider"), *EXAMPLES.glob("*/tenants"))

    assert (said["invalid"], said["errors"]) == (0, 0)
    assert said["valid"] > len(RIGHT)


def test_kubeconform_refuses_what_is_wrong() -> None:
    with pytest.raises(StackError, match="additional properties 'colour' not allowed"):
        kubeconform(INVALID / "plan.colour-unknown.yaml")


def kubeconform(*paths: Path) -> dict[str, int]:
    """What it counts; raises StackError with what it says if something is wrong."""
    location = f"{FOLDER}/{{{{.ResourceKind}}}}.json"
    words = ("-strict", "-summary", "-output", "json", "-skip", "Secret,Namespace")
    said = call([find("kubeconform"), *words, "-schema-location", location, *paths])
    counts: dict[str, int] = json.loads(said)["summary"]
    return counts
