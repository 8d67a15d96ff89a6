"""The generated schemas, field by field."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ispalier.api.base import Resource
from ispalier.api.crd import crd, structural
from ispalier.api.kinds import ACTS, KINDS

EVERY_KIND = (*KINDS, *ACTS)


class Node(NamedTuple):
    """A field of a kind: its path, `[]` for entries, and its schema; whether it must be there."""

    kind: str
    path: str
    schema: dict[str, Any]
    required: bool

    def __str__(self) -> str:
        return f"{self.kind}.{self.path}"


def fields(kind: type[Resource], of: str = "spec") -> Iterator[Node]:
    """All fields below spec or status, depth first."""
    top = structural(kind)["properties"][of]
    yield from _below(kind.__name__, of, top)


def explained(kind: type[Resource]) -> Iterator[Node]:
    """The fields that `kubectl explain` tells of, as the definition has them."""
    (version,) = crd(kind)["spec"]["versions"]
    top = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    yield from (each for each in _below(kind.__name__, "spec", top) if each.path[-1] != "]")


def _below(kind: str, path: str, schema: dict[str, Any]) -> Iterator[Node]:
    for name, each in schema.get("properties", {}).items():
        yield from _with_entries(
            Node(kind, f"{path}.{name}", each, name in schema.get("required", ()))
        )


def _with_entries(node: Node) -> Iterator[Node]:
    yield node
    if "items" in node.schema:
        yield from _with_entries(node._replace(path=f"{node.path}[]", schema=node.schema["items"]))
    yield from _below(node.kind, node.path, node.schema)


SPECS = [node for kind in EVERY_KIND for node in fields(kind)]
STATUSES = [node for kind in EVERY_KIND for node in fields(kind, "status")]
EXPLAINED = [node for kind in EVERY_KIND for node in explained(kind)]
