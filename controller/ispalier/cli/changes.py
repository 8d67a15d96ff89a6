"""Change sets as people read them, and as programs do; secrets are masked in both."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import NamedTuple

from ispalier.core.changes import Change, Verb
from ispalier.core.items import Item

SIGNS = {
    Verb.CREATE: "+",
    Verb.UPDATE: "~",
    Verb.SUSPEND: "~",
    Verb.RESTORE: "~",
    Verb.ADOPT: "=",
    Verb.RETIRE: "-",
    Verb.DELETE: "-",
}
STYLES = {"+": "green", "~": "yellow", "=": "cyan", "-": "red"}
DONE = {
    Verb.CREATE: "created",
    Verb.UPDATE: "updated",
    Verb.SUSPEND: "suspended",
    Verb.RESTORE: "restored",
    Verb.ADOPT: "adopted",
    Verb.RETIRE: "retired",
    Verb.DELETE: "deleted",
}
_SAID = {
    Verb.SUSPEND: "is suspended",
    Verb.RESTORE: "serves again",
    Verb.ADOPT: "is there already and is taken over",
    Verb.RETIRE: "is switched off; its data is kept for now",
    Verb.DELETE: "is deleted",
}
_NOT_SHOWN = frozenset({"host", "owner", "state"})


class Difference(NamedTuple):
    """A value before and after."""

    name: str
    before: str
    after: str


def named(item: Item) -> str:
    """An item in words: `mail domain silva.example`, `rrset www.silva.example. A`."""
    noun = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(item).__name__).lower()
    key = item.key
    parts = [str(part) for part in key[1:]] if isinstance(key, tuple) else [str(key)]
    shown = [
        part
        for part, following in zip(parts, [*parts[1:], ""], strict=True)
        if not following.endswith(part)  # the zone, before a name within it
    ]
    return " ".join([noun, *shown])


def line(change: Change) -> str:
    """One change in one line: `~ group fibra-300 on radius: Mikrotik-Rate-Limit '50M' -> '150M'`."""
    details = "; ".join([*filter(None, [_SAID.get(change.verb)]), *_details(change)])
    said = f"{SIGNS[change.verb]} {named(change.item)} on {change.item.host}"
    return f"{said}: {details}" if details else said


def as_json(room: str, change: Change) -> dict[str, object]:
    """A change as JSON."""
    return {
        "verb": change.verb.value,
        "room": room,
        "host": change.item.host,
        "item": named(change.item),
        "resource": str(change.owner) if change.owner else "",
        "differences": [each._asdict() for each in differences(change)],
    }


def differences(change: Change) -> list[Difference]:
    """Every value that changes."""
    before = dict(_values(change.before)) if change.before else {}
    after = dict(_values(change.after)) if change.after else {}
    return [
        Difference(name, before.get(name, ""), after.get(name, ""))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _details(change: Change) -> Iterator[str]:
    match change.verb:
        case Verb.CREATE:
            yield from (f"{name} {value}" for name, value in _values(change.item) if value)
        case Verb.DELETE | Verb.ADOPT:
            return
        case _:
            for name, before, after in differences(change):
                yield f"{name} '{before}' -> '{after}'"


def _values(item: Item) -> Iterator[tuple[str, str]]:
    """The values of an item by name; attributes by their own names."""
    key = item.key if isinstance(item.key, tuple) else (item.key,)
    for field in fields(item):
        value = getattr(item, field.name)
        if field.name in _NOT_SHOWN or not field.compare or value in key:
            continue
        if isinstance(value, tuple) and value and all(hasattr(each, "op") for each in value):
            yield from _attributes(value)
        else:
            yield field.name.replace("_", " "), _text(value)


def _attributes(attributes: tuple[object, ...]) -> Iterator[tuple[str, str]]:
    """RADIUS attributes by their names; of one that stands there twice all values."""
    found: dict[str, list[str]] = {}
    for each in attributes:
        name, op, value = str(getattr(each, "name", "")), getattr(each, "op", ""), each
        text = _text(getattr(each, "value", value))
        found.setdefault(name, []).append(text if op == ":=" else f"{op} {text}")
    yield from ((name, ", ".join(values)) for name, values in found.items())


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple) and type(value).__str__ is object.__str__:
        return ", ".join(_text(each) for each in value)
    return str(value)
