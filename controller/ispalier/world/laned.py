"""Lanes judge: whether an author may do what was done, and whom to ask instead."""

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from ispalier.api.lanes import ALL, Lane, Lanes, Permission
from ispalier.world.edited import Edit
from ispalier.world.findings import Json, Problem
from ispalier.world.leaves import Fields

_TOLD = 3
"""Members of a lane that are named when one of them is to be asked."""
_VERBS = {
    "create": "may not make a new {kind}",
    "set": "may not set this",
    "change": "may not change this",
    "remove": "may not take {field} away",
    "delete": "may not take this {kind} out of {place}",
    "file": "may not edit this file",
}


class Author(NamedTuple):
    """Who made a change, as a forge knows people."""

    name: str
    groups: frozenset[str] = frozenset()

    def is_in(self, lane: Lane) -> bool:
        """Whether a lane is theirs; forges do not tell upper from lower case."""
        members = {each.casefold() for each in lane.members}
        groups = {each.casefold() for each in lane.groups}
        return self.name.casefold() in members or bool(
            groups & {each.casefold() for each in self.groups}
        )


def judged(lanes: Lanes, author: Author, edits: Iterable[Edit]) -> Iterator[Problem]:
    """What the author may not do."""
    mine = [lane for lane in lanes.lanes if author.is_in(lane)]
    refused = None
    for edit in edits:
        if edit.verb == "set" and edit.which == refused:
            continue  # told with the whole
        if any(_allows(may, edit) for lane in mine for may in lane.may):
            continue
        if edit.verb == "create":
            refused = edit.which
        yield _problem(lanes, author, mine, edit)


def folders(lanes: Lanes) -> frozenset[str]:
    """Every folder to which something is limited."""
    return frozenset(each for lane in lanes.lanes for may in lane.may for each in may.within)


def _allows(may: Permission, edit: Edit) -> bool:
    if may.within and not all(_is_within(each, may.within) for each in edit.files):
        return False
    kind = edit.which.kind if edit.which else ""
    match edit.verb:
        case "create":
            return _has(may.create, kind)
        case "delete":
            return _has(may.delete, kind)
        case "file":
            return ALL in may.files or all(_is_within(each, may.files) for each in edit.files)
        case "set":
            comes_along = _has(may.create, kind) and not _names(may.except_, kind, edit.fields)
            return comes_along or _may_change(may, kind, edit)
        case _:
            return _may_change(may, kind, edit)


def _may_change(may: Permission, kind: str, edit: Edit) -> bool:
    names = _names(may.change, kind, edit.fields) and not _names(may.except_, kind, edit.fields)
    return names and (edit.goes_with_entry or not _beyond(may, edit))


def _beyond(may: Permission, edit: Edit) -> str:
    """The limit that a value does not keep; empty if it keeps all."""
    if may.most is not None and not _number(edit.value, Decimal("Infinity")) <= may.most:
        return f"to more than {may.most}"
    if may.least is not None and not _number(edit.value, Decimal("-Infinity")) >= may.least:
        return f"to less than {may.least}"
    if may.to and _text(edit.value) not in may.to:
        return f"to anything but {', '.join(may.to)}"
    return ""


def _number(value: Json, otherwise: Decimal) -> Decimal:
    """A number, or a text that is one; what is none keeps no limit."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return otherwise
    return found if found.is_finite() else otherwise


def _text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _has(kinds: Iterable[str], kind: str) -> bool:
    return any(each in (ALL, kind) for each in kinds)


def _names(names: Iterable[str], kind: str, fields: Fields) -> bool:
    """Whether one of them is the field or something above it."""
    whole = (kind, *fields)
    return any(
        name == ALL or (parts := tuple(name.split("."))) == whole[: len(parts)] for name in names
    )


def _is_within(file: str, places: Iterable[str]) -> bool:
    return any(file == each or (each.endswith("/") and file.startswith(each)) for each in places)


def _problem(lanes: Lanes, author: Author, mine: list[Lane], edit: Edit) -> Problem:
    kind = edit.which.kind if edit.which else ""
    said = _VERBS[edit.verb].format(kind=kind, field=edit.field, place=edit.position.file)
    limits = [
        limit
        for lane in mine
        for may in lane.may
        if edit.verb in ("set", "change") and _names(may.change, kind, edit.fields)
        if (limit := _beyond(may, edit))
    ]
    what = f"{author.name} {f'may not set this {limits[0]}' if limits else said}"
    able = [lane for lane in lanes.lanes if any(_allows(may, edit) for may in lane.may)]
    subject = str(edit.which) if edit.which else ""
    return Problem(edit.position, subject, edit.field, what, _remedy(able))


def _remedy(able: list[Lane]) -> str:
    if not able:
        return "nobody may: a lane of .ispalier.yaml would have to allow it first"
    return "ask someone of lane " + " or ".join(_called(each) for each in able)


def _called(lane: Lane) -> str:
    people = (*lane.members, *lane.groups)
    more = ", …" if len(people) > _TOLD else ""
    return f"{lane.name} ({', '.join(people[:_TOLD])}{more})" if people else lane.name
