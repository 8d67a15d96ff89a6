"""Secrets: those with our label are watched, others are read when a resource names them.

What we generate is written as a Secret of our own, which carries our label and nobody else's.
"""

import asyncio
import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote

import structlog
from pydantic import BaseModel

from ispalier.api.base import Generate, Resource, SecretRef
from ispalier.core.engine import SecretOut
from ispalier.kube.client import CONFLICT, MERGE_PATCH, NOT_FOUND, ApiError, Client
from ispalier.kube.listing import Collection
from ispalier.kube.versions import Raw, Versions, ident_of
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Broken, Ident, Snapshot

log = structlog.get_logger()

LABEL, OURS = "ispalier.dev/secret", "app.kubernetes.io/managed-by"
LABELS = {LABEL: "true", OURS: "ispalier"}
SECRET, LABELLED = "Secret", f"{LABEL}=true"
SIDE_BY_SIDE = 16

Place: TypeAlias = tuple[str, str]
"""Namespace and name of a Secret."""


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
    _held: dict[Place, Mapping[str, Secret]] = field(default_factory=dict)
    _ours: dict[Place, bool] = field(default_factory=dict)
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
        """Put a generated password into its Secret, which is made, or must be ours already."""
        place = (out.namespace, out.name)
        data = {out.key: base64.b64encode(out.value.reveal().encode()).decode()}
        path = _path_to(out.namespace)
        try:
            if place not in self._ours:
                raw = await self._create(path, out.name, data, seconds)
            elif self._ours[place]:
                patch = {"data": data}
                raw = await self.client.request(
                    "PATCH",
                    _path_to(*place),
                    body=patch,
                    content=MERGE_PATCH,
                    seconds=seconds,
                )
            else:
                return  # told as a Conflict by the next pass, which sees it
        except ApiError as error:
            if error.status == CONFLICT:
                await self._read(place)
            raise
        log.info("secret written", namespace=out.namespace, secret=out.name, key=out.key)
        self.see(raw)

    async def _create(self, path: str, name: str, data: Mapping[str, str], seconds: float) -> Raw:
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "labels": LABELS},
            "data": data,
        }
        raw: Raw = await self.client.request("POST", path, body=body, seconds=seconds)
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
        data, ours = _decoded(raw), _is_ours(raw)
        if self._held.get(place) != data or self._ours.get(place) != ours:
            self._held[place], self._ours[place] = data, ours
            self.world.put_secret(*place, data, ours=ours)
            self.changed(place[0])

    def _drop(self, place: Place) -> None:
        self._watched.discard(place)
        self._ours.pop(place, None)
        if self._held.pop(place, None) is not None:
            self.world.remove_secret(*place)
            self.changed(place[0])


def _path_to(namespace: str, name: str = "") -> str:
    """Quoted, for the name is a tenant's to write: it leads to no Secret of another namespace."""
    path = f"/api/v1/namespaces/{namespace}/secrets"
    return f"{path}/{quote(name, safe='')}" if name else path


def _of_one(namespace: str) -> str:
    return f"{SECRET} in {namespace}"


def _is_ours(raw: Raw) -> bool:
    return (raw["metadata"].get("labels") or {}).get(OURS) == LABELS[OURS]


def _decoded(raw: Raw) -> Mapping[str, Secret]:
    """The values that are text; others cannot be meant."""
    found: dict[str, Secret] = {}
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
