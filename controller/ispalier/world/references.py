"""Which resources a resource names: read off the field names, `planRef` means a Plan.

`parentRef` means one of the same kind, `payerRef` a Tenant.
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pydantic import BaseModel

from ispalier.api.base import Ref, Resource, leading_to
from ispalier.api.kinds import BY_NAME, KINDS
from ispalier.api.parties import Tenant
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
    found = tuple(_within(spec, "spec", resource)) if isinstance(spec, BaseModel) else ()
    resource.memo["references"] = found
    return found


def _within(model: BaseModel, path: str, of: Resource) -> Iterator[Reference]:
    for name, spelling in leading_to(type(model), Ref):
        value = getattr(model, name)
        where = f"{path}.{spelling}"
        match value:
            case Ref():
                yield Reference(where, _target(name, value, of))
            case tuple():
                for index, each in enumerate(value):
                    if isinstance(each, Ref):
                        yield Reference(f"{where}[{index}]", _target(name, each, of))
                    elif isinstance(each, BaseModel):
                        yield from _within(each, f"{where}[{index}]", of)
            case BaseModel():
                yield from _within(value, where, of)
            case _:
                pass


def _target(field: str, ref: Ref, of: Resource) -> Ident:
    kind = of.kind if field == "parent_ref" else kind_named(field)
    return Ident(kind, of.namespace if BY_NAME[kind].namespaced else "", ref.name)


@cache
def kind_named(field: str) -> str:
    """The kind that a field names: `plan_ref` Plan, `nas_refs` NAS, `pool_ref` IPPool.

    A word before it says which: `throttled_profile_ref` AccessProfile.
    """
    words = field.removesuffix("s").removesuffix("_ref").split("_")
    if words == ["payer"]:
        return Tenant.__name__
    for first in range(len(words)):
        stem = "".join(words[first:])
        names = [kind.__name__ for kind in KINDS if kind.__name__.lower().endswith(stem)]
        if names:
            return min(names, key=len)
    message = f"no kind is called as {field} names it"
    raise LookupError(message)
