"""Inert: what is declared and checked, and on which nothing acts yet."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ispalier.api.base import NotYet, Resource, models_in


class Inert(NamedTuple):
    """A field that has no effect yet, and why."""

    field: str
    why: str

    def __str__(self) -> str:
        """As in messages."""
        return f"{self.field} ({self.why})"


def inert(resource: Resource) -> tuple[Inert, ...]:
    """The fields that are set and have no effect; worked out once per resource."""
    known = resource.memo.get("inert")
    if isinstance(known, tuple):
        return known
    spec = getattr(resource, "spec", None)
    found = tuple(_within(spec, "spec")) if isinstance(spec, BaseModel) else ()
    if resource.not_yet is not None:
        found = (Inert("spec", resource.not_yet.why),)
    resource.memo["inert"] = found
    return found


def _within(model: BaseModel, path: str) -> Iterator[Inert]:
    for name, field, mark in _marked(type(model)):
        value = getattr(model, name)
        where = f"{path}.{field.alias or name}"
        if mark is not None:
            is_set = field.is_required() or value != field.get_default(call_default_factory=True)
            if is_set and (not mark.values or value in mark.values):
                yield Inert(where, mark.why)
        elif isinstance(value, BaseModel):
            yield from _within(value, where)
        elif isinstance(value, tuple):
            for index, each in enumerate(value):
                if isinstance(each, BaseModel):
                    yield from _within(each, f"{where}[{index}]")


@cache
def _marked(model: type[BaseModel]) -> tuple[tuple[str, FieldInfo, NotYet | None], ...]:
    """The fields of a model that are marked, or hold others that may be."""
    found = []
    for name, field in model.model_fields.items():
        mark = next((each for each in field.metadata if isinstance(each, NotYet)), None)
        if mark is not None or any(_marked(each) for each in models_in(field.annotation)):
            found.append((name, field, mark))
    return tuple(found)
