"""What was edited between two states of a repository, field by field."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from yaml import Node

from ispalier.api.kinds import BY_NAME
from ispalier.world.documents import Unreadable, documents, objects, place_of
from ispalier.world.findings import Finding, Json, Path, Position, shown
from ispalier.world.leaves import Fields, Key, Leaf, leaves
from ispalier.world.manifests import declared
from ispalier.world.snapshot import Ident
from ispalier.world.validity import checked, schema_of

Verb: TypeAlias = Literal["create", "set", "change", "remove", "delete", "file"]
"""What is done; `set` is a field of what is new, `remove` of what stays."""

_IDENTITY = ("name", "namespace")


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource, Secret or Namespace, and where it is written."""

    which: Ident
    file: str
    leaves: Mapping[Key, Leaf] = field(repr=False)
    node: Node = field(repr=False, compare=False)
    within: Path = ()

    @property
    def space(self) -> str:
        """The namespace that it is in, or is; empty for kinds of the cluster."""
        return self.which.name if self.which.kind == "Namespace" else self.which.namespace

    def where(self, path: Path = ("metadata", "name")) -> Position:
        """The line of a field."""
        return Position(self.file, *place_of(self.node, (*self.within, *path)))


class Edit(NamedTuple):
    """One thing that somebody did."""

    verb: Verb
    position: Position
    which: Ident | None = None
    fields: Fields = ()
    field: str = ""
    value: Json = None
    goes_with_entry: bool = False
    """Whether what was taken out is a whole entry of a list."""
    files: frozenset[str] = frozenset()
    """Where it happened: as it was, as it is, and where the Tenants of its namespace stand."""


@dataclass(slots=True)
class State:
    """What the files hold that differ, before or after."""

    things: dict[Ident, Thing] = field(default_factory=dict)
    others: dict[str, object] = field(default_factory=dict)
    """Files that are not read as resources or hold something else, and what it is."""
    homes: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The files in which the Tenants of a namespace stand."""

    def read(self, file: str, text: bytes) -> None:
        """Take up a file of YAML or JSON."""
        other: list[Json] = []
        try:
            for document in documents(text):
                for within, value in objects(document.value):
                    which = _ident(value)
                    if which is None or not isinstance(value, dict):
                        other.append(value)
                        continue
                    found = _leaves(which, value)
                    thing = Thing(which, file, found, document.node, within)
                    self.things.setdefault(which, thing)
        except Unreadable:
            self.others[file] = text
        else:
            if other:
                self.others[file] = other


def edits(old: State, new: State, folders: Collection[str]) -> Iterator[Edit]:
    """Everything that was done; a move counts if it leads into or out of one of the folders."""
    for file in sorted(old.others.keys() | new.others.keys()):
        if old.others.get(file) != new.others.get(file):
            yield Edit("file", Position(file, 1), files=frozenset({file}))
    for which in sorted(old.things.keys() | new.things.keys()):
        there, here = old.things.get(which), new.things.get(which)
        space = (here or there or _NOTHING).space
        homes = frozenset((*old.homes.get(space, ()), *new.homes.get(space, ())))
        files = homes or frozenset({""}) if space else homes
        if here is None and there is not None:
            yield Edit("delete", there.where(), which, files=files | {there.file})
        elif here is not None and there is None:
            yield from _made(here, files | {here.file})
        elif here is not None and there is not None:
            if _is_moved(there.file, here.file, folders):
                yield Edit("delete", here.where(), which, files=files | {there.file})
                yield from _made(here, files | {here.file})
            yield from _changed(there, here, files | {there.file, here.file})


def _is_moved(old: str, new: str, folders: Collection[str]) -> bool:
    return any(old.startswith(each) != new.startswith(each) for each in folders)


def _made(here: Thing, files: frozenset[str]) -> Iterator[Edit]:
    yield Edit("create", here.where(), here.which, files=files)
    for leaf in here.leaves.values():
        yield _edit("set", here, leaf, files)


def _changed(there: Thing, here: Thing, files: frozenset[str]) -> Iterator[Edit]:
    old, new = _above(there), _above(here)
    for key, leaf in here.leaves.items():
        if key in old:
            continue  # an object that lost all its fields, each of which is told
        before = there.leaves.get(key)
        if before is None or (before.value, type(before.value)) != (leaf.value, type(leaf.value)):
            yield _edit("change", here, leaf, files)
    entries = {key[: len(leaf.entry)] for key, leaf in here.leaves.items()}
    for key, leaf in there.leaves.items():
        if key not in here.leaves and key not in new:
            whole = bool(leaf.entry) and leaf.entry not in entries
            edit = _edit("remove", here, leaf, files)
            yield edit._replace(value=None, goes_with_entry=whole)


def _above(thing: Thing) -> Collection[Key]:
    """Every object and list that holds something."""
    return {key[:length] for key in thing.leaves for length in range(1, len(key))}


def _edit(verb: Verb, thing: Thing, leaf: Leaf, files: frozenset[str]) -> Edit:
    place, told = thing.where(leaf.path), shown(leaf.path)
    return Edit(verb, place, thing.which, leaf.fields, told, leaf.value, files=files)


def _ident(value: Json) -> Ident | None:
    match value:
        case {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": str(name)}}:
            return Ident("Namespace", "", name)
        case _:
            return declared(value).which


def _leaves(which: Ident, value: Mapping[str, Json]) -> Mapping[Key, Leaf]:
    """The values of an object, with those that are not written and hold by default."""
    if which.kind not in BY_NAME:
        return {(): Leaf((), (), dict(value))}
    kind, ignored = BY_NAME[which.kind], list[Finding]()
    spec = checked(kind, value.get("spec"), ignored)
    meta = value.get("metadata")
    found = dict(leaves(schema_of(kind), spec, ("spec",)))
    for name, each in meta.items() if isinstance(meta, dict) else ():
        if name not in _IDENTITY:
            found |= leaves(None, each, ("metadata", name))
    return found


_NOTHING = Thing(Ident("", "", ""), "", {}, Node("", None, None, None))
