"""Lean: an equal model in a third of the memory, for what is kept as long as it is declared.

A model fresh from validation has tables of its own for the names of its fields and for those that
were given, and strings of its own for what a thousand others say as well.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from sys import intern
from typing import TypeVar

from pydantic import BaseModel

from ispalier.api.base import Condition, Ref

M = TypeVar("M", bound=BaseModel)

OFTEN = frozenset({"api_version", "namespace", "editor", "edited"})
"""Fields in which many say the same."""
KNOWN = 1024
"""How many conditions and references are known, so that equal ones are held once."""

_set = object.__setattr__


def lean(model: M) -> M:
    """The same, leaner in all its parts."""
    return _made(model, ((name, _lean(value, name)) for name, value in model.__dict__.items()))


def replaced(model: M, **parts: object) -> M:
    """The same with other parts; neither is checked."""
    return _made(model, {**model.__dict__, **parts}.items())


def _made(like: M, parts: Iterable[tuple[str, object]]) -> M:
    """Set one by one, fields share the table of their names with all models of the class."""
    made = type(like).__new__(type(like))
    for name, value in parts:
        _set(made, name, value)
    _set(made, "__pydantic_fields_set__", _fields(frozenset(like.__pydantic_fields_set__)))
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


def _lean(value: object, name: str = "") -> object:
    match value:
        case Condition() | Ref():
            return _known(lean(value))
        case BaseModel():
            return lean(value)
        case tuple():
            return tuple(map(_lean, value))
        case str() if name in OFTEN:
            return intern(value)
        case _:
            return value


@lru_cache(KNOWN)
def _known(part: object) -> object:
    return part


@cache
def _fields(names: frozenset[str]) -> set[str]:
    return set(names)
