"""Every mistake that one field can have: one for each bound, choice and type."""

import copy
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from ispalier.api.crd import structural
from ispalier.api.kinds import BY_NAME
from ispalier.world.documents import documents

HERE = Path(__file__).resolve().parent
VALID, INVALID = HERE / "valid", HERE / "invalid"

Object: TypeAlias = dict[str, Any]
Way: TypeAlias = tuple[str | int, ...]

MISSING = object()


class Mistake(NamedTuple):
    """A field of a kind, what is wrong with it in a word, and the value that is wrong."""

    kind: str
    way: Way
    word: str
    value: object


class Rule(NamedTuple):
    """A rule between fields, and fields with values that break it."""

    kind: str
    word: str
    fields: Mapping[Way, object]


def example(kind: str) -> Object:
    """The example of a kind, with as many fields as go together."""
    [document] = documents((VALID / f"{kind.lower()}.yaml").read_bytes())
    value: Any = document.value
    return copy.deepcopy(dict(value))


@cache
def schema(kind: str) -> Object:
    return dict(structural(BY_NAME[kind])["properties"]["spec"])


def mistakes() -> Iterator[Mistake]:
    """One for each bound, of fields that are bound alike only the first."""
    seen: set[str] = set()
    for kind in BY_NAME:
        for way, node, required in _fields(schema(kind), example(kind)["spec"], ("spec",)):
            for word, value in _wrong(node, required=required):
                alike = _alike(kind, way, node, word)
                if alike not in seen:
                    seen.add(alike)
                    yield Mistake(kind, way, word, value)
        yield Mistake(kind, ("spec", "colour"), "unknown", "green")


def _alike(kind: str, way: Way, node: Object, word: str) -> str:
    """The same for mistakes that are the same: of a type by the type, of a bound by the bounds."""
    if word in ("number", "text"):
        return f"{node['type']} {word}"
    if word == "missing":
        return f"{kind} {way} {word}"
    bounds = {k: v for k, v in node.items() if k not in ("description", "default", "properties")}
    return json.dumps([bounds, word], sort_keys=True, default=str)


def _fields(node: Object, value: Any, way: Way) -> Iterator[tuple[Way, Object, bool]]:  # noqa: ANN401 - JSON
    """Fields that the example has, the first entry of lists."""
    for name, each in node.get("properties", {}).items():
        if name in value:
            here = (*way, name)
            yield here, each, name in node.get("required", ())
            yield from _fields(each, value[name], here)
    if "items" in node and value:
        here = (*way, 0)
        yield here, node["items"], False
        yield from _fields(node["items"], value[0], here)


def _wrong(node: Object, *, required: bool) -> Iterator[tuple[str, object]]:
    if required:
        yield "missing", MISSING
    match node["type"]:
        case "string":
            yield from _wrong_text(node)
        case "integer":
            yield "text", "five"
            yield "low", node["minimum"] - 1
            yield "high", node["maximum"] + 1
        case "array":
            yield "text", "one"
            if node.get("minItems"):
                yield "few", []
            yield "many", ["x"] * (node["maxItems"] + 1)
        case _:
            yield "text", "perhaps"


def _wrong_text(node: Object) -> Iterator[tuple[str, object]]:
    yield "number", 5
    if "enum" in node:
        yield "choice", "Nonsense"
    if node.get("format") == "date":
        yield "day", "2026-02-30"
        return
    if "pattern" in node:
        yield "pattern", "§\n§"
    elif "x-kubernetes-validations" in node:
        yield "rule", "10.0.0.300"
    if "maxLength" in node:
        yield "long", "a" * (node["maxLength"] + 1)
    if node.get("minLength"):
        yield "short", ""
