"""Which resources a resource names: read off the field names, `planRef` means a Plan."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pydantic import BaseModel

from ispalier.api.base import Ref, Resource
from ispalier.api.kinds import BY_NAME, KINDS
from ispalier.world.snapshot import Ident


class Reference(NamedTuple):
    """A field that names another resource."""

    path: str
    target: Ident


def references(resource: Resource) -> tuple[Reference, ...]:
    """Every reference in the spec, in the order of its fields; worked out once per resource."""
    known = resource.memo.get("references")
    if isinstance(known, tuple):
        return known
    spec = getattr(resource, "spec", None)
    found = tuple(_within(spec, "spec", resource.namespace)) if isinstance(spec, BaseModel) else ()
    resource.memo["references"] = found
    return found


def _within(model: BaseModel, path: str, namespace: str) -> Iterator[Reference]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        where = f"{path}.{field.alias or name}"
        match value:
            case Ref():
                yield Reference(where, _target(name, value, namespace))
            case tuple():
                for index, each in enumerate(value):
                    if isinstance(each, Ref):
                        yield Reference(f"{where}[{index}]", _target(name, each, namespace))
                    elif isinstance(each, BaseModel):
                        yield from _within(each, f"{where}[{index}]", namespace)
            case BaseModel():
                yield from _within(value, where, namespace)
            case _:
                pass


def _target(field: str, ref: Ref, namespace: str) -> Ident:
    kind = _kind_of(field)
    return Ident(kind, namespace if BY_NAME[kind].namespaced else "", ref.name)


@cache
def _kind_of(field: str) -> str:
    """The kind that a field names: `plan_ref` Plan, `nas_refs` NAS, `pool_ref` IPPool."""
    stem = field.removesuffix("s").removesuffix("_ref").replace("_", "")
    names = [kind.__name__ for kind in KINDS if kind.__name__.lower().endswith(stem)]
    return min(names, key=len)
