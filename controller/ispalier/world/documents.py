"""YAML documents as the API server sees them, with the lines that their fields stand on."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ispalier.world.findings import Json, Path, Place
from ispalier.world.quick import quick

if TYPE_CHECKING:  # what knows of places is loaded where it is needed
    from yaml import Node


class Unreadable(Exception):
    """A text that is not YAML, or not such YAML as makes JSON."""

    def __init__(self, place: Place, what: str, remedy: str) -> None:
        super().__init__(what)
        self.place, self.what, self.remedy = place, what, remedy


class Repeated(NamedTuple):
    """A key that stands twice in one mapping."""

    key: "Node"
    first: int


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its value, the text and its place there, and keys that stand in it twice."""

    value: Json
    text: bytes
    number: int
    repeated: tuple[Repeated, ...] = ()
    known: "Node | None" = None

    @property
    def node(self) -> "Node":
        """Where its fields stand; where it was read quickly, the text is read again."""
        return self.known or nodes(self.text)[self.number]


def documents(text: bytes) -> Iterator[Document]:
    """Every document that is not empty; raises Unreadable."""
    values = quick(text)
    if values is None:
        from ispalier.world.careful import composed  # noqa: PLC0415 - as below

        for number, (value, node, repeated) in enumerate(composed(text)):
            yield Document(value, text, number, repeated, node)
        return
    for number, value in enumerate(each for each in values if each is not None):
        yield Document(value, text, number)


@lru_cache(maxsize=8)
def nodes(text: bytes) -> "tuple[Node, ...]":
    """The nodes of the documents of a text, as far as it can be read."""
    from ispalier.world.careful import composed  # noqa: PLC0415 - most files need no second look

    found: list[Node] = []
    with suppress(Unreadable):
        found.extend(node for _, node, _ in composed(text))
    return tuple(found)


def objects(value: Json) -> Iterator[tuple[Path, Json]]:
    """The objects of a document: itself, or the items of a List."""
    match value:
        case {"apiVersion": "v1", "kind": "List", "items": list(items)}:
            for index, each in enumerate(items):
                yield ("items", index), each
        case _:
            yield (), value


def place_of(node: "Node", path: Path) -> Place:
    """Where a field stands, or the last part of the way to it that is there."""
    place = mark_of(node)
    for part in path:
        match _kind(node):
            case "mapping":
                found = _pairs(node).get(str(part))
                if found is None:
                    return place
                place, node = mark_of(found[0]), found[1]
            case "sequence" if isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                place = mark_of(node)
            case _:
                return place
    return place


def paths_of(node: "Node") -> "Mapping[Node, Path]":
    """The way to every key; what an alias repeats stands where it was written first."""
    return dict(_paths(node, (), set()))


def _paths(node: "Node", path: Path, seen: "set[Node]") -> "Iterator[tuple[Node, Path]]":
    if node in seen:
        return
    seen.add(node)
    match _kind(node):
        case "mapping":
            for key, value in node.value:
                here = (*path, str(key.value))
                yield key, here
                yield from _paths(value, here, seen)
        case "sequence":
            for index, value in enumerate(node.value):
                yield from _paths(value, (*path, index), seen)
        case _:
            pass


def mark_of(node: "Node") -> Place:
    """Where a node begins."""
    mark = node.start_mark
    return Place(int(mark.line) + 1, int(mark.column) + 1)


@lru_cache(maxsize=8)
def _pairs(node: "Node") -> "Mapping[str, tuple[Node, Node]]":
    """The fields of a mapping by their names; of several the last one, which counts."""
    return {str(pair[0].value): pair for pair in node.value if _kind(pair[0]) == "scalar"}


def _kind(node: "Node") -> str:
    """Scalar, sequence or mapping, by the name that its class has for it."""
    return str(getattr(node, "id", ""))
