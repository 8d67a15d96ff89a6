"""Every mistake that one field can have: one for each bound, choice and type."""

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from ispalier.api.crd import structural
from ispalier.api.kinds import ACTS, BY_NAME
from ispalier.world.documents import documents
from tests.golden.api.wrong import NO_DAY, NO_TEXT, Node, broken_rules, several, too_long

HERE = Path(__file__).resolve().parent
VALID, MORE, INVALID = HERE / "valid", HERE / "more", HERE / "invalid"

Object: TypeAlias = dict[str, Any]
Way: TypeAlias = tuple[str | int, ...]

MISSING = object()
EVERY = BY_NAME | {kind.__name__: kind for kind in ACTS}


class Mistake(NamedTuple):
    """A field of a kind, what is wrong with it in a word, and the value that is wrong."""

    kind: str
    way: Way
    word: str
    value: object
    example: Path


class Rule(NamedTuple):
    """A rule between fields, and fields with values that break it."""

    kind: str
    word: str
    fields: Mapping[Way, object]


def examples(kind: str) -> list[Path]:
    """The example of a kind, with as many fields as go together, and those with the others."""
    name = kind.lower()
    if kind not in BY_NAME:
        return sorted((HERE / "acts").glob(f"{name}*.yaml"))
    return [VALID / f"{name}.yaml", *sorted(MORE.glob(f"{name}-*.yaml"))]


def read(path: Path) -> Object:
    """The object of a file."""
    [document] = documents(path.read_bytes())
    value: Any = document.value
    return copy.deepcopy(dict(value))


@cache
def schema(kind: str) -> Object:
    return dict(structural(EVERY[kind])["properties"]["spec"])


def mistakes(kinds: Iterable[str] = tuple(BY_NAME)) -> Iterator[Mistake]:
    """One for each bound, of fields that are bound alike only the first; one for each rule."""
    seen: set[str] = set()
    for kind in kinds:
        for example in examples(kind):
            spec = read(example)["spec"]
            for way, node, required in _fields(schema(kind), spec, ("spec",)):
                for word, value in _wrong(node, _at(spec, way[1:]), required=required):
                    alike = _alike(kind, way, node, word)
                    if alike not in seen:
                        seen.add(alike)
                        yield Mistake(kind, way, word, value, example)
        yield Mistake(kind, ("spec", "colour"), "unknown", "green", examples(kind)[0])


def _at(value: Any, way: Way) -> Any:  # noqa: ANN401 - JSON
    for part in way:
        value = value[part]
    return value


def _alike(kind: str, way: Way, node: Object, word: str) -> str:
    """The same for mistakes that are the same: of a type by the type, of a bound by the bounds."""
    if word in ("number", "text"):
        return f"{node['type']} {word}"
    if word in ("missing", "rule"):
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


def _wrong(node: Node, right: Any, *, required: bool) -> Iterator[tuple[str, object]]:  # noqa: ANN401 - JSON
    if required:
        yield "missing", MISSING
    match node["type"]:
        case "string":
            yield from _wrong_text(node, right)
        case "integer":
            yield "text", "five"
            yield "low", node["minimum"] - 1
            yield "high", node["maximum"] + 1
        case "array":
            yield "text", "one"
            if node.get("minItems"):
                yield "few", []
            yield "many", several(node, right[0], node["maxItems"] + 1)
        case _:
            yield "text", "perhaps"


def _wrong_text(node: Node, right: str) -> Iterator[tuple[str, object]]:
    yield "number", 5
    if "enum" in node:
        yield "choice", "Nonsense"
    if node.get("format") == "date":
        yield "day", "2026-02-30"
    if "pattern" in node:
        yield "pattern", NO_DAY if node.get("format") else NO_TEXT[: node["maxLength"]]
    for value in broken_rules(node):
        yield "rule", value
    if "maxLength" in node:
        yield "long", too_long(node, right)
    if node.get("minLength"):
        yield "short", ""
