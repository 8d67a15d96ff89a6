"""Reads a chart's values.yaml with its comments: the one place where a value is described.

The comment above a key says what it is for, in full sentences. A line `@schema {...}` in it adds
to the JSON Schema of the value what its default does not tell:

    # When a node pulls the image.
    # @schema {enum: [Always, IfNotPresent, Never]}
    pullPolicy: IfNotPresent

A mapping is closed: only the keys that stand in values.yaml are taken. One whose keys are free
says so with `additionalProperties` (or `$ref`) and is one value in the table.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Schema: TypeAlias = dict[str, Any]

_MARK = "@schema"
_FREE = {"additionalProperties", "$ref"}
_TYPES: Mapping[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


class ValuesError(Exception):
    """A values.yaml that does not say all that it must."""


@dataclass(frozen=True, slots=True)
class Value:
    """One key of values.yaml, with those below it."""

    path: str
    text: str
    default: Any
    extra: Schema
    below: tuple["Value", ...] = ()

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition(".")[2]

    def leaves(self) -> Iterator["Value"]:
        """What the table lists, in the order of the file."""
        if not self.below:
            yield self
        for each in self.below:
            yield from each.leaves()

    def schema(self) -> Schema:
        """The JSON Schema of this value."""
        told: Schema = {"description": self.text}
        if self.default is not None and not {"type", "anyOf", "oneOf"} & self.extra.keys():
            told["type"] = _TYPES[type(self.default)]
        if self.below:
            told |= closed(self.below)
        return told | self.extra


def closed(values: Sequence[Value]) -> Schema:
    """A mapping of these values and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {each.name: each.schema() for each in values},
    }


def read(file: Path) -> tuple[Value, ...]:
    """All values of a file; raises ValuesError where one is not described."""
    text = file.read_text()
    top = yaml.compose(text, Loader=yaml.CSafeLoader)
    if top is None:
        return ()
    if not isinstance(top, yaml.MappingNode):
        raise ValuesError(f"{file}: is no mapping")
    return tuple(_values(top, text.splitlines(), ""))


def _values(mapping: yaml.MappingNode, lines: Sequence[str], above: str) -> Iterator[Value]:
    for key, node in mapping.value:
        path = f"{above}{key.value}"
        text, extra = _comment(lines, key.start_mark.line, path)
        default = _plain(node)
        below: tuple[Value, ...] = ()
        if isinstance(node, yaml.MappingNode) and not _FREE & extra.keys():
            below = tuple(_values(node, lines, f"{path}."))
        value = Value(path, text, default, extra, below)
        _judge(value)
        yield value


def _comment(lines: Sequence[str], at: int, path: str) -> tuple[str, Schema]:
    """What the lines above say, and what they add to the schema."""
    first = at
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    words: list[str] = []
    extra: Schema = {}
    for line in lines[first:at]:
        said = line.strip().removeprefix("#").strip()
        if said.startswith(_MARK):
            found = yaml.load(said.removeprefix(_MARK), Loader=yaml.CSafeLoader)
            if not isinstance(found, dict):
                raise ValuesError(f"{path}: {_MARK} wants a mapping, such as {{minimum: 1}}")
            extra |= found
        else:
            words.append(said)
    return " ".join(words).strip(), extra


def _judge(value: Value) -> None:
    if not value.text:
        raise ValuesError(f"{value.path}: has no comment: say above it what it is for")
    if value.default is None and not {"type", "anyOf", "oneOf"} & value.extra.keys():
        raise ValuesError(f"{value.path}: null tells no type: add '# {_MARK} {{type: ...}}'")
    if isinstance(value.default, list) and "items" not in value.extra:
        raise ValuesError(f"{value.path}: what is in the list? Add '# {_MARK} {{items: ...}}'")
    if value.default == {} and not _FREE & value.extra.keys():
        hint = f"'# {_MARK} {{additionalProperties: ...}}'"
        raise ValuesError(f"{value.path}: which keys does it take? Add {hint}")


def _plain(node: yaml.Node) -> Any:  # noqa: ANN401 - any YAML
    """The value that a node stands for, in the types of JSON."""
    built: Any = yaml.load(yaml.serialize(node), Loader=yaml.CSafeLoader)
    try:
        json.dumps(built)
    except TypeError as error:
        at = node.start_mark.line + 1
        raise ValuesError(f"line {at}: put quotes around it: JSON has no such type") from error
    return built
