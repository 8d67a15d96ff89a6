"""Items as people read them: in words, and by the names of their values; secrets are masked."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import NamedTuple

from ispalier.core.changes import Change
from ispalier.core.items import Item

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


def differences(change: Change) -> list[Difference]:
    """Every value that changes, a secret too."""
    before = {each.name: each for each in values(change.before)}
    after = {each.name: each for each in values(change.after)}
    return [
        Difference(name, _shown(before.get(name)), _shown(after.get(name)))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


class Value(NamedTuple):
    """A value of an item: it compares as it is and shows without secrets."""

    name: str
    value: object
    text: str


def values(item: Item | None) -> Iterator[Value]:
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
            yield Value(field.name.replace("_", " "), value, _text(value))


def _attributes(attributes: tuple[object, ...]) -> Iterator[Value]:
    """RADIUS attributes by their names; of one that stands there twice all values."""
    found: dict[str, list[object]] = {}
    for each in attributes:
        found.setdefault(str(getattr(each, "name", "")), []).append(each)
    for name, several in found.items():
        yield Value(name, several, ", ".join(_attribute(each) for each in several))


def _attribute(each: object) -> str:
    op, value = getattr(each, "op", ":="), _text(getattr(each, "value", ""))
    return value if op == ":=" else f"{op} {value}"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple) and type(value).__str__ is object.__str__:
        return ", ".join(_text(each) for each in value)
    return str(value)


def _shown(value: Value | None) -> str:
    return value.text if value else ""
