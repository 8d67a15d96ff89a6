"""Whether the API server would take a resource: the generated schema, evaluated here.

The schema of the CustomResourceDefinition is the only source of validity: types, bounds, patterns,
unknown fields, list types, defaults and CEL rules are checked here as the API server checks them.
"""

import copy
import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from ispalier.api.base import Resource
from ispalier.api.generated import generated
from ispalier.world import rules
from ispalier.world.findings import Finding, Json, Path, unknown_field
from ispalier.world.hints import hint, lowered


class Bounds(NamedTuple):
    """Least and most, and what is counted."""

    least: int | None
    most: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class Schema:
    """One node of a structural schema, made ready for checking."""

    type: str
    description: str
    properties: Mapping[str, "Schema"]
    required: tuple[str, ...]
    items: "Schema | None"
    enum: tuple[Json, ...]
    pattern: str
    bounds: Bounds
    format: str
    list_type: str
    keys: tuple[str, ...]
    default: Json
    rules: tuple[rules.Rule, ...]
    ruled: tuple[str, ...]
    """Fields that have rules, themselves or below."""

    @property
    def has_rules(self) -> bool:
        """Whether there are rules here or below."""
        return bool(self.rules or self.ruled or (self.items and self.items.has_rules))


@cache
def schema_of(kind: type[Resource]) -> Schema:
    """The schema of a kind's spec."""
    return schema_from(generated(kind)["spec"])


def checked(kind: type[Resource], spec: Json, findings: list[Finding]) -> Json:
    """The spec with its defaults, as the API server would store it; adds to the findings."""
    return checked_by(schema_of(kind), spec, ("spec",), findings)


def checked_by(schema: Schema, value: Json, path: Path, findings: list[Finding]) -> Json:
    """The same of a part of a spec that stands elsewhere."""
    before = len(findings)
    value = _check(schema, value, path, findings)
    if len(findings) == before:
        findings.extend(_broken_rules(schema, value, path))
    return value


def unknown_in_status(kind: type[Resource], status: Json) -> Iterator[Finding]:
    """Fields of a status that are no fields; the rest of it is the controller's."""
    if status:
        yield from _unknown(_status_of(kind), status, ("status",))


@cache
def _status_of(kind: type[Resource]) -> Schema:
    return schema_from(generated(kind)["status"])


def _unknown(schema: Schema, value: Json, path: Path) -> Iterator[Finding]:
    match value:
        case dict() if schema.type == "object":
            for name, each in value.items():
                if name in schema.properties:
                    yield from _unknown(schema.properties[name], each, (*path, name))
                else:
                    yield unknown_field((*path, name), name, schema.properties)
        case list() if schema.items is not None:
            for index, each in enumerate(value):
                yield from _unknown(schema.items, each, (*path, index))
        case _:
            pass


def schema_from(raw: Mapping[str, Any]) -> Schema:
    """A structural schema, made ready for checking."""
    kind = raw["type"]
    names = {
        "string": ("minLength", "maxLength", "character"),
        "array": ("minItems", "maxItems", "entry"),
    }.get(kind, ("minimum", "maximum", ""))
    # Without this `$` would also match before a final line break, as it does not in Go.
    pattern = re.sub(r"\$$", r"\\Z", raw.get("pattern", ""))
    made = (
        rules.compiled(each["rule"], each["message"])
        for each in raw.get("x-kubernetes-validations", ())
    )
    properties = {name: schema_from(each) for name, each in raw.get("properties", {}).items()}
    return Schema(
        type=kind,
        description=raw.get("description", ""),
        properties=properties,
        required=tuple(raw.get("required", ())),
        items=schema_from(raw["items"]) if "items" in raw else None,
        enum=tuple(raw.get("enum", ())),
        pattern=pattern,
        bounds=Bounds(raw.get(names[0]), raw.get(names[1]), names[2]),
        format=raw.get("format", ""),
        list_type=raw.get("x-kubernetes-list-type", ""),
        keys=tuple(raw.get("x-kubernetes-list-map-keys", ())),
        default=raw.get("default"),
        rules=tuple(rule for rule in made if rule is not None),
        ruled=tuple(name for name, each in properties.items() if each.has_rules),
    )


def _check(schema: Schema, value: Json, path: Path, findings: list[Finding]) -> Json:
    match schema.type, value:
        case "object", dict():
            return _check_object(schema, value, path, findings)
        case "array", list():
            findings.extend(_out_of_bounds(schema, len(value), path))
            if schema.items is not None:
                value = [
                    _check(schema.items, each, (*path, index), findings)
                    for index, each in enumerate(value)
                ]
            findings.extend(_repeated(schema, value, path))
        case "string", str():
            if not _is_good_text(schema, value):
                findings.extend(_wrong_text(schema, value, path))
        case "integer", int() | float() if _is_whole(value):
            value = int(value)
            findings.extend(_out_of_bounds(schema, value, path))
        case "boolean", bool():
            pass
        case _:
            findings.append(_wrong_type(schema, value, path))
    return value


def _check_object(
    schema: Schema, value: Mapping[str, Json], path: Path, findings: list[Finding]
) -> dict[str, Json]:
    """Check fields; null is as good as absent, and what is absent gets its default."""
    made: dict[str, Json] = {}
    for name, each in value.items():
        known = schema.properties.get(name)
        if known is None:
            findings.append(unknown_field((*path, name), name, schema.properties))
        elif each is not None:
            made[name] = _check(known, each, (*path, name), findings)
    for name, known in schema.properties.items():
        if name not in made and known.default is not None:
            is_plain = not isinstance(known.default, dict | list)
            made[name] = known.default if is_plain else copy.deepcopy(known.default)
    for name in schema.required:
        if name not in made:
            about = lowered(schema.properties[name].description)
            findings.append(Finding((*path, name), "is missing", f"add it: {about}"))
    return made


def _is_good_text(schema: Schema, value: str) -> bool:
    """Whether nothing is wrong with a text, in the usual cases; what it is takes longer."""
    if schema.format or (schema.enum and value not in schema.enum):
        return False
    least, most, _ = schema.bounds
    is_long_enough = least is None or len(value) >= least
    return is_long_enough and (most is None or len(value) <= most) and _matches(schema, value)


def _wrong_text(schema: Schema, value: str, path: Path) -> Iterator[Finding]:
    if schema.enum and value not in schema.enum:
        yield Finding(path, f"{_quoted(value)} is not possible", _choice(schema, value))
    elif schema.format == "date" and not (_matches(schema, value) and _is_date(value)):
        yield Finding(path, f"{_quoted(value)} is not a date", "write a day as YYYY-MM-DD")
    elif not _matches(schema, value):
        yield Finding(path, f"{_quoted(value)} is not possible", _form(schema))
    else:
        yield from _out_of_bounds(schema, len(value), path)


def _choice(schema: Schema, value: str) -> str:
    """What to write instead of what cannot be chosen: `BLR` has the letters of `BRL`."""
    choices = [str(each) for each in schema.enum]
    near = difflib.get_close_matches(value, choices, n=1, cutoff=0.8)
    near += [each for each in choices if sorted(each.upper()) == sorted(value.upper())]
    if near:
        return f"did you mean {near[0]}?"
    return _form(schema) if schema.pattern else f"use one of {', '.join(choices)}"


def _form(schema: Schema) -> str:
    """How a text is written that has a pattern."""
    return hint(schema.pattern.replace(r"\Z", "$"), schema.description)


def _matches(schema: Schema, value: str) -> bool:
    return not schema.pattern or _compiled(schema.pattern).search(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Half of the patterns are of fields that a tree does not use."""
    return re.compile(pattern, re.ASCII)


def _out_of_bounds(schema: Schema, size: int, path: Path) -> Iterator[Finding]:
    least, most, unit = schema.bounds
    said = f"has {_counted(size, unit)}" if unit else f"is {size}"
    if most is not None and size > most:
        remedy = {"entry": f"remove {size - most}", "character": "shorten it"}
        yield Finding(path, f"{said}, at most {most} allowed", remedy.get(unit, "lower it"))
    elif least is not None and size < least:
        remedy = {"entry": f"add {least - size}", "character": "write more"}
        yield Finding(path, f"{said}, at least {least} needed", remedy.get(unit, "raise it"))


def _counted(count: int, unit: str) -> str:
    plural = "entries" if unit == "entry" else f"{unit}s"
    return f"{count} {unit if count == 1 else plural}"


def _repeated(schema: Schema, entries: list[Json], path: Path) -> Iterator[Finding]:
    """Entries of a set or a list-map that are there twice."""
    if schema.list_type not in ("set", "map"):
        return
    first: dict[str, int] = {}
    for index, each in enumerate(entries):
        if schema.list_type == "map" and isinstance(each, dict):
            named = {key: each.get(key) for key in schema.keys}
            told = ", ".join(f"{key} {value}" for key, value in named.items())
            key = json.dumps(named, sort_keys=True)
        else:
            told, key = _quoted(each), json.dumps(each, sort_keys=True)
        if key in first:
            what = f"{told} stands in entry [{first[key]}] already"
            yield Finding((*path, index), what, "remove one of the two")
        first.setdefault(key, index)


def _wrong_type(schema: Schema, value: Json, path: Path) -> Finding:
    wanted = {
        "object": "a mapping",
        "array": "a list",
        "string": "text",
        "integer": "a whole number",
        "boolean": "true or false",
    }[schema.type]
    match schema.type, value:
        case "string", bool():
            remedy = "put quotes around it: without them yes, no, on, off, y and n are booleans"
        case "string", int() | float():
            remedy = f'put quotes around it: "{value}"'
        case "integer", str() if re.fullmatch(r"-?[0-9]{1,18}", value):
            remedy = f"remove the quotes: {value}"
        case "boolean", str() if value.lower() in ("true", "false"):
            remedy = f"remove the quotes: {value.lower()}"
        case "array", _:
            remedy = "begin each entry with a dash"
        case "object", _:
            remedy = f"write its fields below it: {', '.join(schema.properties)}"
        case _:
            remedy = f"write {lowered(schema.description)}" if schema.description else "correct it"
    return Finding(path, f"is {_described(value)}, not {wanted}", remedy)


def _broken_rules(schema: Schema, value: Json, path: Path) -> Iterator[Finding]:
    """CEL rules that do not hold, here and below."""
    for rule in schema.rules:
        if not rule.holds(value):
            what, _, remedy = rule.message.partition(": ")
            yield Finding(path, what, remedy or "correct it")
    match value:
        case dict():
            for name in schema.ruled:
                if name in value:
                    yield from _broken_rules(schema.properties[name], value[name], (*path, name))
        case list() if schema.items is not None and schema.items.has_rules:
            for index, each in enumerate(value):
                yield from _broken_rules(schema.items, each, (*path, index))
        case _:
            pass


def _is_whole(value: float) -> bool:
    """Whether it is a whole number; JSON knows no difference between 2 and 2.0."""
    return not isinstance(value, bool) and (isinstance(value, int) or value.is_integer())


def _is_date(text: str) -> bool:
    try:
        return len(text) == len("2026-01-01") and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _described(value: Json) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {_quoted(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _quoted(value: Json, most: int = 60) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[:most]}…"
