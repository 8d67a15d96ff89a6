"""Secrets: those with our label are watched, others are read when a resource names them.

What we generate is written as a Secret of our own, which carries our labels and nobody else's, and
says by an annotation for which resource each of its values was made: only those are written again.
"""

import asyncio
import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

import structlog
from pydantic import BaseModel

from ispalier.api.base import INSTALLATION, Generate, Resource, SecretRef
from ispalier.core.engine import SecretOut
from ispalier.kube.client import CONFLICT, MERGE_PATCH, NOT_FOUND, ApiError, Client
from ispalier.kube.listing import Collection
from ispalier.kube.versions import Raw, Versions, ident_of
from ispalier.world.secret import MadeFor, Secret
from ispalier.world.snapshot import Broken, Ident, Snapshot

log = structlog.get_logger()

LABEL, OURS = "ispalier.dev/secret", "app.kubernetes.io/managed-by"
LABELS = {LABEL: "true", OURS: "ispalier"}
MADE_FOR = "ispalier.dev/made-for"
SECRET, LABELLED = "Secret", f"{LABEL}=true"
SIDE_BY_SIDE = 16

Place: TypeAlias = tuple[str, str]
"""Namespace and name of a Secret."""


class _Held(NamedTuple):
    """What is known of a Secret."""

    data: Mapping[str, Secret]
    made_for: Mapping[str, MadeFor] | None
    """None if it does not bear our labels."""
    version: str


def watched(namespaces: Iterable[str]) -> tuple[Collection, ...]:
    """What is watched: labelled Secrets of these namespaces, each for itself, or of all."""
    found = tuple(
        Collection(_of_one(each), f"/api/v1/namespaces/{each}/secrets", LABELLED)
        for each in sorted(set(namespaces))
    )
    return found or (Collection(SECRET, "/api/v1/secrets", LABELLED),)


def are_secrets(kind: str) -> bool:
    """Whether a collection is one of Secrets."""
    return kind.partition(" ")[0] == SECRET


def are_secrets_of_one(kind: str) -> bool:
    """Whether a collection is one of the Secrets of one namespace."""
    return are_secrets(kind) and kind != SECRET


@dataclass(slots=True)
class Needs:
    """Which Secrets resources name, kept as resources change."""

    namespace: str
    """The controller's, for kinds of the cluster."""
    _of: dict[Ident, frozenset[Place]] = field(default_factory=dict)
    _by: dict[Place, set[Ident]] = field(default_factory=dict)

    def note(self, which: Ident, thing: Resource | Broken | None) -> frozenset[Place]:
        """Remember what a resource names now, and return it; an unreadable one keeps its Secrets."""
        if isinstance(thing, Broken):
            return frozenset()
        for place in self._of.pop(which, ()):
            users = self._by[place]
            users.discard(which)
            if not users:
                del self._by[place]
        spec = getattr(thing, "spec", None)
        if not isinstance(spec, BaseModel):
            return frozenset()
        space = which.namespace or self.namespace
        named = frozenset((space, name) for name in _names(spec))
        if named:
            self._of[which] = named
        for place in named:
            self._by.setdefault(place, set()).add(which)
        return named

    def places(self) -> frozenset[Place]:
        """All Secrets that are named."""
        return frozenset(self._by)


@dataclass(slots=True)
class SecretObjects:
    """The Secrets of the API server, as far as they concern us, in the snapshot."""

    client: Client
    world: Snapshot
    changed: Callable[[str], None] = lambda _: None
    """Called with the namespace whenever a Secret is not what it was."""
    versions: Versions = field(default_factory=Versions)
    _held: dict[Place, _Held] = field(default_factory=dict)
    _watched: set[Place] = field(default_factory=set)

    def see(self, raw: Raw) -> None:
        """Take a labelled Secret in."""
        which = self._ident(raw)
        if self.versions.see(which, raw):
            place = (which.namespace, which.name)
            self._watched.add(place)
            self._put(place, raw)

    def lose(self, raw: Raw) -> None:
        """Take in that a labelled Secret is deleted, or labelled no more."""
        which = self._ident(raw)
        if self.versions.lose(which, raw):
            self._drop((which.namespace, which.name))

    def listed(self, kind: str, seen: set[Ident], number: int) -> None:
        """Take the end of a complete list in."""
        for which in self.versions.missing(kind, seen, number):
            self._drop((which.namespace, which.name))

    def unknown(self, places: Iterable[Place]) -> list[Place]:
        """Those that were never read."""
        return [each for each in places if each not in self._held]

    async def read(self, places: Iterable[Place]) -> None:
        """Read Secrets that are not watched; what is not there is forgotten."""
        gate = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(place: Place) -> None:
            async with gate:
                await self._read(place)

        await asyncio.gather(*(one(each) for each in places if self._is_to_be_read(each)))

    async def write(self, out: SecretOut, seconds: float) -> None:
        """Put a generated password into its Secret, which is made, or is its own already."""
        place = (out.namespace, out.name)
        held = self._held.get(place)
        where = (*place, out.key, out.made_for)
        lacks_mark = self.world.is_to_be_marked(*where, out.value)
        if self.world.is_foreign_secret(*where) and not lacks_mark:
            return  # told as a Conflict by the next pass, which sees it
        try:
            raw = await self._written(out, held, seconds)
        except ApiError as error:
            if error.status == CONFLICT:
                await self._read(place)
            raise
        what = "secret marked" if lacks_mark else "secret written"
        log.info(what, namespace=out.namespace, secret=out.name, key=out.key)
        self.see(raw)

    async def _written(self, out: SecretOut, held: _Held | None, seconds: float) -> Raw:
        """Make the Secret, or change it if it still is what we know: it may be another's by now."""
        marks = (held.made_for if held else None) or {}
        made = {**marks, out.key: out.made_for}
        annotations = {MADE_FOR: json.dumps({key: str(each) for key, each in made.items()})}
        data = {out.key: base64.b64encode(out.value.reveal().encode()).decode()}
        raw: Raw
        if held is None:
            meta = {"name": out.name, "labels": LABELS, "annotations": annotations}
            body = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": data}
            path = _path_to(out.namespace)
            raw = await self.client.request("POST", path, body=body, seconds=seconds)
        else:
            known = {"resourceVersion": held.version, "annotations": annotations}
            patch, path = {"metadata": known, "data": data}, _path_to(out.namespace, out.name)
            raw = await self.client.request(
                "PATCH", path, body=patch, content=MERGE_PATCH, seconds=seconds
            )
        return raw

    async def _read(self, place: Place) -> None:
        namespace, name = place
        try:
            raw = await self.client.request("GET", _path_to(namespace, name))
        except ApiError as error:
            if error.status == NOT_FOUND and place not in self._watched:
                self._drop(place)
            elif error.status != NOT_FOUND:
                log.warning("secret not read", namespace=namespace, name=name, reason=str(error))
            return
        if place not in self._watched:
            self._put(place, raw)

    def _is_to_be_read(self, place: Place) -> bool:
        return place not in self._watched and self.world.may_read_secrets(place[0])

    def _ident(self, raw: Raw) -> Ident:
        """Versions are compared within the collection from which they come."""
        which = ident_of(SECRET, raw)
        return which._replace(kind=_of_one(which.namespace)) if self.world.secret_spaces else which

    def _put(self, place: Place, raw: Raw) -> None:
        before = self._held.get(place)
        after = _Held(_decoded(raw), _made_for(raw), raw["metadata"]["resourceVersion"])
        self._held[place] = after
        if before is None or before[:2] != after[:2]:
            self.world.put_secret(*place, after.data, after.made_for)
            self.changed(place[0])

    def _drop(self, place: Place) -> None:
        self._watched.discard(place)
        if self._held.pop(place, None) is not None:
            self.world.remove_secret(*place)
            self.changed(place[0])


def _path_to(namespace: str, name: str = "") -> str:
    """Quoted, for the name is a tenant's to write: it leads to no Secret of another namespace."""
    path = f"/api/v1/namespaces/{namespace}/secrets"
    return f"{path}/{quote(name, safe='')}" if name else path


def _of_one(namespace: str) -> str:
    return f"{SECRET} in {namespace}"


def _made_for(raw: Raw) -> Mapping[str, MadeFor] | None:
    """For which resources we made values; None of a Secret that is not ours."""
    meta = raw["metadata"]
    if (meta.get("labels") or {}).get(OURS) != LABELS[OURS]:
        return None
    try:
        told = json.loads((meta.get("annotations") or {}).get(MADE_FOR, "{}"))
        return {key: MadeFor(*each.split("/")) for key, each in told.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):  # written by hand
        return {}


def _decoded(raw: Raw) -> Mapping[str, Secret]:
    """The values that are text; others cannot be meant, nor are those of the installation."""
    found: dict[str, Secret] = {}
    if raw["metadata"]["name"] == INSTALLATION:
        return found
    for key, value in (raw.get("data") or {}).items():
        try:
            found[key] = Secret(base64.b64decode(value).decode())
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found


def _names(model: BaseModel) -> Iterator[str]:
    for name in type(model).model_fields:
        value: Any = getattr(model, name)
        for each in value if isinstance(value, tuple) else (value,):
            match each:
                case SecretRef(name=secret) | Generate(secret_name=secret):
                    yield secret
                case BaseModel():
                    yield from _names(each)
                case _:
                    pass
