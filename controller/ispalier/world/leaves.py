"""Leaves: the values of an object by the names of their fields, so that two can be compared."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from ispalier.world.findings import Json, Path
from ispalier.world.validity import Schema

Fields: TypeAlias = tuple[str, ...]
"""Names of fields from the top on, without positions in lists: `spec`, `terms`, `price`."""

Key: TypeAlias = tuple[str, ...]
"""The same with what tells the entries of a list apart, wherever they stand in it."""


class Leaf(NamedTuple):
    """A value that holds no others: an object without fields is one, too."""

    fields: Fields
    path: Path
    value: Json
    entry: Key = ()
    """The entry of a list that it belongs to, if to any."""


def leaves(schema: Schema | None, value: Json, path: Path = ()) -> Mapping[Key, Leaf]:
    """Every value below a node; without a schema lists are told apart by position."""
    fields = tuple(str(part) for part in path)
    return dict(_below(schema, value, Leaf(fields, path, None), fields))


def field_of(schema: Schema, names: Fields) -> Schema | None:
    """The node that names of fields lead to, None if one of them is no field."""
    node: Schema | None = schema
    for name in names:
        node = _entries(node).properties.get(name) if node else None
    return node


def _entries(node: Schema) -> Schema:
    """What a list is made of; anything else is itself."""
    while node.items is not None:
        node = node.items
    return node


def _below(schema: Schema | None, value: Json, above: Leaf, key: Key) -> Iterator[tuple[Key, Leaf]]:
    match value:
        case dict() if value:
            for name, each in value.items():
                known = schema.properties.get(name) if schema else None
                here = above._replace(fields=(*above.fields, name), path=(*above.path, name))
                yield from _below(known, each, here, (*key, name))
        case list():
            for index, each in enumerate(value):
                entry = (*key, _told_by(schema, each, index))
                here = above._replace(path=(*above.path, index), entry=entry)
                yield from _below(schema.items if schema else None, each, here, entry)
        case _:
            yield key, above._replace(value=value)


def _told_by(schema: Schema | None, entry: Json, index: int) -> str:
    """What tells an entry of a list from the others."""
    if schema is not None and schema.list_type == "map" and isinstance(entry, dict):
        return repr([entry.get(each) for each in schema.keys])
    if schema is not None and schema.list_type == "set":
        return repr(entry)
    return str(index)
