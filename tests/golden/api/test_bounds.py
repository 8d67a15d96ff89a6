"""Every bound of every field, and every rule, is broken by a file that breaks nothing else."""

import json
from collections.abc import Container, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from jsonschema import Draft7Validator, FormatChecker

from ispalier.api.crd import structural
from ispalier.api.kinds import ACTS, BY_NAME
from ispalier.world.manifests import declared
from tests.golden.api.making import made
from tests.golden.api.mistakes import INVALID, mistakes, read, schema
from tests.golden.api.wrong import Node

BOUNDS = (
    *("maxLength", "minLength", "maxItems", "minItems", "minimum", "maximum"),
    *("pattern", "enum", "format", "required"),
)
WRONG = sorted(INVALID.glob("*.yaml"))
IMPLIED = {"maxLength", "minLength"}
"""Of these many cannot be broken alone: the pattern takes no text of that size."""


class Bound(NamedTuple):
    """One bound, with the others of the field; the same for all fields that are bound alike."""

    keyword: str
    node: str


def bound(node: Node, keyword: str) -> Bound:
    own = {key: node[key] for key in (*BOUNDS, "type") if key in node}
    names = sorted(node.get("properties", ()))
    return Bound(keyword, json.dumps([own, names], sort_keys=True))


def bounds(node: Node, where: str) -> Iterator[tuple[Bound, str]]:
    """Every bound of a field and of those below, with the place where it stands."""
    yield from ((bound(node, key), f"{where}: {key}") for key in BOUNDS if key in node)
    for name, each in node.get("properties", {}).items():
        yield from bounds(each, f"{where}.{name}")
    if "items" in node:
        yield from bounds(node["items"], f"{where}[]")


@cache
def broken_by(path: Path) -> frozenset[Bound]:
    """What a file breaks, as jsonschema sees it, if all that we say is about that one field."""
    value = read(path)
    checker = Draft7Validator(schema(value["kind"]), format_checker=FormatChecker())
    errors = list(checker.iter_errors(value.get("spec")))
    [place] = {("spec", *each.absolute_path) for each in errors} or {()}
    said = [each.path[: len(place)] for each in declared(value).findings]
    missing = all(each.validator == "required" for each in errors)
    about = {place} if not missing else {each[: len(place)] for each in said}
    if not errors or {*said} != about:
        return frozenset()
    if len(errors) > 1 and not IMPLIED & {str(each.validator) for each in errors}:
        return frozenset()
    return frozenset(bound(dict(each.schema), str(each.validator)) for each in errors)


def test_so_is_every_bound_of_an_act_by_what_is_tried_on_the_api_server() -> None:
    kinds = [kind.__name__ for kind in ACTS]
    seen = {each for one in mistakes(kinds) for each in _seen(one.kind, made(one)["spec"])}

    assert (
        sorted(at for kind in kinds for one, at in bounds(schema(kind), kind) if one not in seen)
        == []
    )


def _seen(kind: str, spec: Node) -> Iterator[Bound]:
    checker = Draft7Validator(schema(kind), format_checker=FormatChecker())
    for each in checker.iter_errors(spec):
        yield bound(dict(each.schema), str(each.validator))


def test_every_bound_is_broken_by_a_file_that_breaks_nothing_else() -> None:
    broken = frozenset[Bound]().union(*map(broken_by, WRONG))
    wanted = {each: at for kind in BY_NAME for each, at in bounds(schema(kind), kind)}

    assert len(wanted) > 300
    assert sorted(at for each, at in wanted.items() if each not in broken) == []


def rules(node: Node, where: str, without: Container[str] = ()) -> Iterator[str]:
    """Every rule that needs no earlier version, with the place where it stands."""
    for each in node.get("x-kubernetes-validations", ()):
        if "oldSelf" not in each["rule"] and each["rule"] not in without:
            yield f"{where}: {each['message'].partition(': ')[0]}"
    for name, each in node.get("properties", {}).items():
        yield from rules(each, f"{where}.{name}", without)
    if "items" in node:
        yield from rules(node["items"], f"{where}[]", without)


def told(path: Path) -> Iterator[str]:
    """Rules that a file breaks, and the place of each."""
    for each in declared(read(path)).findings:
        steps = ("[]" if isinstance(step, int) else f".{step}" for step in each.path)
        yield f"{''.join(steps)}: {each.what}".removeprefix(".")


@pytest.mark.parametrize("kind", BY_NAME)
def test_every_rule_is_broken_where_it_stands(kind: str) -> None:
    broken = {each for path in INVALID.glob(f"{kind.lower()}[.-]*.yaml") for each in told(path)}

    assert {*rules(structural(BY_NAME[kind])["properties"]["spec"], "spec")} - broken == set()
