"""Secrets that stand in files as anybody can read them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel

from ispalier.api.base import Ref, Resource
from ispalier.world.checks.files import Check, Files
from ispalier.world.findings import Path, shown
from ispalier.world.snapshot import ident


class Shape(NamedTuple):
    """What a secret looks like, and what it is."""

    pattern: str
    what: str


_SHAPES = (
    Shape(r"-----BEGIN [A-Z ]*PRIVATE KEY-----", "a private key"),
    Shape(r"\bAKIA[0-9A-Z]{16}\b", "an access key of AWS"),
    Shape(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b", "a token of GitHub"),
    Shape(r"\bglpat-[A-Za-z0-9_-]{20,}", "a token of GitLab"),
    Shape(r"\bxox[abprs]-[A-Za-z0-9-]{10,}", "a token of Slack"),
    Shape(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.", "a JSON Web Token"),
    Shape(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@]+@", "a password in a URL"),
    Shape(r"(?i)\b(?:password|passwd|senha|passwort|has\u0142o)\s*[:=]\s*\S+", "a password"),
)
_ANY = re.compile(
    "|".join(f"({each.pattern.replace('(?i)', '')})" for each in _SHAPES), re.IGNORECASE
)
"""All of them in one look; which it was is found out where one was seen."""
REMEDY = "take it out, also of the history of git, change it, and name a Secret instead"


def secrets_in_the_clear(files: Files) -> Iterator[Check]:
    """Texts of resources that hold what looks like a secret; it is not repeated."""
    for thing in files.world.everything():
        spec = getattr(thing, "spec", None)
        if not isinstance(thing, Resource) or not isinstance(spec, BaseModel):
            continue
        if _ANY.search("\n".join(_texts(spec))):
            for path, what in _within(spec, ("spec",)):
                yield Check(ident(thing), shown(path), f"holds {what} in the clear", REMEDY)


def _texts(value: object) -> Iterator[str]:
    """All texts of a resource, to be looked at together: nearly always there is nothing."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, BaseModel):
        for each in value.__dict__.values():
            if each is not None and not isinstance(each, Ref):
                yield from _texts(each)


def _within(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    match value:
        case str():
            if _ANY.search(value):
                for each in _SHAPES:
                    if re.search(each.pattern, value):
                        yield path, each.what
                        break
        case tuple():
            for index, each in enumerate(value):
                yield from _within(each, (*path, index))
        case BaseModel():
            for name, field in type(value).model_fields.items():
                yield from _within(getattr(value, name), (*path, field.alias or name))
        case _:
            pass
