"""What was found wrong in files, and where: `file:line: Kind/name: field: what; what to do`."""

import difflib
import re
from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
"""A document as the API server sees it."""

Path: TypeAlias = tuple[str | int, ...]
"""The way to a field: names of fields, positions in lists."""


_ORDERS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Characters that terminals, logs and readers of XML take for more than text, and half ones."""


class Level(IntEnum):
    """How bad it is."""

    WARNING = 1
    ERROR = 2


class Place(NamedTuple):
    """A place in a text; lines and columns are counted from one."""

    line: int
    column: int = 1


class Position(NamedTuple):
    """A place in a file."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        """File:line:column, as compilers print it."""
        return f"{self.file}:{self.line}:{self.column}"


class Finding(NamedTuple):
    """Something wrong with a field: what is wrong, and what to do about it."""

    path: Path
    what: str
    remedy: str
    level: Level = Level.ERROR


class Problem(NamedTuple):
    """A finding in a file, about a resource (`Login/joao`) as far as its name could be read."""

    position: Position
    subject: str
    field: str
    what: str
    remedy: str
    level: Level = Level.ERROR

    def __str__(self) -> str:
        """One line."""
        where = [str(self.position), self.subject, self.field]
        level = "warning: " if self.level is Level.WARNING else ""
        return ": ".join([*filter(None, where), f"{level}{self.what}; {self.remedy}"])


def tame(problem: Problem) -> Problem:
    """The same on one line, with nothing in it that a terminal or a forge takes for an order."""
    return Problem(
        problem.position._replace(file=_tame(problem.position.file)),
        _tame(problem.subject),
        _tame(problem.field),
        _tame(problem.what),
        _tame(problem.remedy),
        problem.level,
    )


def tame_lines(text: str) -> str:
    """Text of several lines, with nothing in it that a terminal takes for an order."""
    return "\n".join(map(_tame, text.split("\n")))


def tame_json(text: str) -> str:
    """JSON with such characters escaped, as it escapes some of them anyhow."""
    return _ORDERS.sub(lambda found: _escaped(found[0]), text)


def _escaped(letter: str) -> str:
    """Line breaks between its parts are the only ones that JSON itself lets stand."""
    return letter if letter == "\n" else f"\\u{ord(letter):04x}"


def _tame(text: str) -> str:
    return _ORDERS.sub(lambda found: repr(found[0])[1:-1], text)


def shown(path: Path) -> str:
    """A path as it is written in messages: `spec.terms[0].planRef`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def parsed(field: str) -> Path:
    """The path behind `spec.terms[0].planRef`."""
    parts = field.replace("[", ".").replace("]", "").split(".")
    return tuple(int(part) if part.isdigit() else part for part in parts)


def unknown_field(path: Path, name: str, known: Mapping[str, object]) -> Finding:
    """A field that nobody knows, with the one that was perhaps meant."""
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return Finding(path, "is no field", f"did you mean {near[0]}?")
    return Finding(path, "is no field", f"remove it, or use one of {', '.join(known)}")
