"""Every field that is not said to have no effect is read by somebody."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pydantic import BaseModel

import ispalier
from ispalier.api.base import NotYet, models_in
from ispalier.api.kinds import KINDS

HOME = Path(ispalier.__file__).parent
FOR_PEOPLE = {
    "addressClass",
    "country",
    "devices",
    "email",
    "legalName",
    "phone",
    "postalCode",
    "registeredOn",
    "sold",
    "street",
    "taxNumber",
}
"""What is noted, found and shown, and has nothing to do: who, where, which things, since when."""


@cache
def source() -> str:
    """All that acts: the program without its models."""
    files = (each for each in HOME.rglob("*.py") if "api" not in each.relative_to(HOME).parts)
    return "\n".join(each.read_text() for each in files)


def is_read(name: str) -> bool:
    """Whether an attribute is used, or named in a table of attributes."""
    return re.search(rf"\.{name}\b|\"{name}\"", source()) is not None


def unread(model: type[BaseModel], path: str) -> Iterator[tuple[str, str]]:
    """Fields that nobody reads, with what they are called."""
    for name, field in model.model_fields.items():
        marks = [each for each in field.metadata if isinstance(each, NotYet)]
        if any(not each.values for each in marks):
            continue
        called = field.alias or name
        if not is_read(name):
            yield called, f"{path}.{called}"
        for below in models_in(field.annotation):
            yield from unread(below, f"{path}.{called}")


def test_what_nobody_reads_says_so_or_is_noted_for_people() -> None:
    found = {
        name: path
        for kind in KINDS
        if kind.not_yet is None
        for spec in models_in(kind.model_fields["spec"].annotation)
        for name, path in unread(spec, f"{kind.__name__}.spec")
    }

    assert {path for name, path in found.items() if name not in FOR_PEOPLE} == set()
    assert FOR_PEOPLE - found.keys() == set()


def test_a_field_that_nobody_reads_would_be_found() -> None:
    assert is_read("retention_days")
    assert not is_read("a_field_of_nobody")
