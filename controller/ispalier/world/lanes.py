"""The file `.ispalier.yaml`: read, with every field that it names looked up in the kinds."""

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from ispalier.api.crd import inlined
from ispalier.api.kinds import BY_NAME
from ispalier.api.lanes import ALL, Lanes, Permission
from ispalier.world.documents import Unreadable, documents, place_of
from ispalier.world.findings import Finding, Json, Path, Position, Problem, shown
from ispalier.world.leaves import field_of
from ispalier.world.validity import Schema, checked_by, schema_from, schema_of

BESIDE = ("Namespace", "Secret")
"""Kinds of Kubernetes that customers need; they are changed as a whole."""
NUMBERS = ("integer", "string")
_METADATA = MappingProxyType(dict.fromkeys(("labels", "annotations")))


def read_lanes(text: bytes, file: str) -> Lanes | list[Problem]:
    """The lanes of a file, or what is wrong with it."""
    try:
        found = list(documents(text))
    except Unreadable as error:
        place = Position(file, *error.place)
        return [Problem(place, "", "", error.what, error.remedy)]
    if len(found) != 1:
        what = "holds no lanes" if not found else "holds more than one document"
        return [Problem(Position(file, 1), "", "", what, "write one document with `lanes:`")]
    [document] = found
    wrong = [
        Finding((), f"the key {each.key.value} stands in line {each.first} already", "remove one")
        for each in document.repeated
    ]
    made = _lanes(document.value, wrong)
    if made is not None:
        return made
    return [
        Problem(Position(file, *place_of(document.node, path)), "", shown(path), what, remedy)
        for path, what, remedy, _ in wrong
    ]


def _lanes(value: Json, wrong: list[Finding]) -> Lanes | None:
    checked_by(_schema(), value, (), wrong)
    if wrong:
        return None
    made = Lanes.model_validate(value)
    for number, lane in enumerate(made.lanes):
        for index, each in enumerate(lane.may):
            wrong.extend(_misnamed(each, ("lanes", number, "may", index)))
    return None if wrong else made


@cache
def _schema() -> Schema:
    return schema_from(inlined(Lanes))


def _misnamed(may: Permission, path: Path) -> Iterator[Finding]:
    """Kinds and fields that are none, and limits of what is no number."""
    for field, kinds in (("create", may.create), ("delete", may.delete)):
        for index, kind in enumerate(kinds):
            if kind not in (ALL, *BESIDE, *BY_NAME):
                yield _no_kind((*path, field, index), kind)
    for field, names in (("change", may.change), ("except", may.except_)):
        for index, name in enumerate(names):
            here = (*path, field, index)
            found = _no_field(here, name)
            if found is not None:
                yield found
            elif field == "change" and (may.most is not None or may.least is not None):
                yield from _no_number(here, name)
    for index, folder in enumerate(may.within):
        if not folder.endswith("/"):
            remedy = f"write {folder}/ if it is a folder"
            yield Finding((*path, "in", index), "does not end with a slash", remedy)


def _no_kind(path: Path, kind: str) -> Finding:
    near = difflib.get_close_matches(kind, (*BY_NAME, *BESIDE), n=1)
    remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(BY_NAME)}"
    return Finding(path, f"{kind} is no kind", remedy)


def _no_field(path: Path, name: str) -> Finding | None:
    """What is wrong with `Kind.spec.field`, with the nearest that is right."""
    kind, *parts = name.split(".")
    if kind in (ALL, *BESIDE):
        return None if not parts else Finding(path, f"{kind} has no fields here", f"write {kind}")
    if kind not in BY_NAME:
        return _no_kind(path, kind)
    for length in range(1, len(parts) + 1):
        if not _is_field(kind, parts[:length]):
            *before, last = parts[:length]
            known = _fields_below(kind, before)
            near = difflib.get_close_matches(last, known, n=1) or _elsewhere(kind, last)
            above = ".".join([kind, *before])
            remedy = (
                f"did you mean {_whole(above, near[0])}?"
                if near
                else f"use one of {', '.join(known)}"
                if known
                else f"write {above}"
            )
            return Finding(path, f"{last} is no field of {above}", remedy)
    return None


def _whole(above: str, near: str) -> str:
    return near if "." in near else f"{above}.{near}"


def _is_field(kind: str, parts: list[str]) -> bool:
    *before, last = parts
    return last in _fields_below(kind, before)


def _fields_below(kind: str, parts: list[str]) -> Mapping[str, object]:
    match parts:
        case []:
            return dict.fromkeys(("spec", "metadata"))
        case ["metadata"]:
            return _METADATA
        case ["spec", *names]:
            node = field_of(schema_of(BY_NAME[kind]), tuple(names))
            inner = node.items if node is not None and node.items is not None else node
            return inner.properties if inner is not None else {}
        case _:
            return {}


def _elsewhere(kind: str, last: str) -> list[str]:
    """Where a field of that name is, if `spec` was forgotten."""
    near = difflib.get_close_matches(last, schema_of(BY_NAME[kind]).properties, n=1)
    return [f"{kind}.spec.{near[0]}"] if near else []


def _no_number(path: Path, name: str) -> Iterator[Finding]:
    kind, *parts = name.split(".")
    node = field_of(schema_of(BY_NAME[kind]), tuple(parts[1:])) if kind in BY_NAME else None
    if node is None or node.type not in NUMBERS or parts[:1] != ["spec"]:
        remedy = "name the field itself that holds the number, or use a line without most and least"
        yield Finding(path, f"{name} holds no number", remedy)
