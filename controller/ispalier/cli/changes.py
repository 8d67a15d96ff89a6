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
    """Every value that changes, a secret too."""
    before = {each.name: each for each in _values(change.before)}
    after = {each.name: each for each in _values(change.after)}
    return [
        Difference(name, _shown(before.get(name)), _shown(after.get(name)))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


class _Value(NamedTuple):
    """A value of an item: it compares as it is and shows without secrets."""

    name: str
    value: object
    text: str


def _shown(value: _Value | None) -> str:
    return value.text if value else ""


def _details(change: Change) -> Iterator[str]:
    match change.verb:
        case Verb.CREATE:
            yield from (f"{each.name} {each.text}" for each in _values(change.item) if each.text)
        case Verb.DELETE | Verb.ADOPT:
            return
        case _:
            for name, before, after in differences(change):
                is_secret = before == after
                yield f"{name} is changed" if is_secret else f"{name} '{before}' -> '{after}'"


def _values(item: Item | None) -> Iterator[_Value]:
    """The values of an item by name; attributes by their own names."""
    if item is None:
        return
    key = item.key if isinstance(item.key, tuple) else (item.key,)
    for field in fields(item):
        value = getattr(item, field.name)
        if field.name in _NOT_SHOWN or not field.compare or value in key:
            continue
        if isinstance(value, tuple) and value and all(hasattr(each, "op") for each in value):
            yield from _attributes(value)
        else:
            yield _Value(field.name.replace("_", " "), value, _text(value))


def _attributes(attributes: tuple[object, ...]) -> Iterator[_Value]:
    """RADIUS attributes by their names; of one that stands there twice all values."""
    found: dict[str, list[object]] = {}
    for each in attributes:
        found.setdefault(str(getattr(each, "name", "")), []).append(each)
    for name, several in found.items():
        yield _Value(name, several, ", ".join(_attribute(each) for each in several))


def _attribute(each: object) -> str:
    op, value = getattr(each, "op", ":="), _text(getattr(each, "value", ""))
    return value if op == ":=" else f"{op} {value}"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple) and type(value).__str__ is object.__str__:
        return ", ".join(_text(each) for each in value)
    return str(value)
