"""Tombstones: resources as they were last declared, so that they can be read when they are gone."""

import hashlib
import json

from pydantic import ValidationError

from ispalier.api.base import API_VERSION, Resource
from ispalier.api.kinds import BY_NAME
from ispalier.core.items import Owner
from ispalier.core.memory import Memory, Tombstone
from ispalier.world.references import references
from ispalier.world.snapshot import Snapshot

PENDING = "~"
"""Begins the digest of what is declared and was not served so yet."""


def tombstone(owner: Owner, resource: Resource, world: Snapshot, memory: Memory) -> Tombstone:
    """What is kept of a resource; worked out once per resource."""
    known = resource.memo.get("tombstone")
    if not isinstance(known, tuple):
        known = resource.memo["tombstone"] = _written(resource, resource.namespace)
    if not resource.kept_with:
        return Tombstone(owner, *known)
    days = _days_of_whole(owner, resource, world, memory)
    digest, body, _ = known
    return Tombstone(owner, digest if days is None else _digest(f"{digest} {days}"), body, days)


def is_in_force(each: Tombstone, memory: Memory) -> bool:
    """Whether a resource was served just as it is declared, as far as is remembered."""
    return memory.tombstones.get(each.owner) == each.digest


def is_as_before(owner: Owner, resource: Resource, memory: Memory, namespace: str) -> bool:
    """Whether a resource is, but for its namespace, what was last declared of an owner there."""
    digest, body, days = _written(resource, namespace)
    if resource.kept_with and owner in memory.kept:
        digest = _digest(f"{digest} {memory.kept[owner]}")
    each = Tombstone(owner, digest, body, days)
    return is_in_force(each, memory) or is_in_force(not_in_force(each), memory)


def not_in_force(each: Tombstone) -> Tombstone:
    """The same, marked as not served yet."""
    return each._replace(digest=f"{PENDING}{each.digest[:-1]}")


def resource_of(kind: str, body: str) -> Resource | None:
    """The resource again; None if this version cannot read it any more."""
    try:
        return BY_NAME[kind].model_validate(json.loads(body), extra="ignore")
    except (KeyError, ValueError, ValidationError):
        return None


def _days_of_whole(owner: Owner, resource: Resource, world: Snapshot, memory: Memory) -> int | None:
    """For how many days that wants to be kept which a resource is a part of.

    While that cannot be read, or went first, it is as it was.
    """
    for _, target in references(resource):
        if target.kind == resource.kept_with:
            whole = world.find(target)
            return _days(whole) if isinstance(whole, Resource) else memory.kept.get(owner)
    return None


def _days(resource: Resource) -> int | None:
    days = getattr(getattr(resource, "spec", None), "retention_days", None)
    return days if isinstance(days, int) else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _written(resource: Resource, namespace: str) -> tuple[str, str, int | None]:
    meta = resource.metadata
    labels = {"labels": dict(meta.labels)} if meta.labels else {}
    space = {"namespace": namespace} if namespace else {}
    spec = resource.model_dump(mode="json", by_alias=True, exclude_none=True)["spec"]
    body = json.dumps(
        {
            "apiVersion": API_VERSION,
            "kind": resource.kind,
            "metadata": {"name": meta.name, **space, **labels},
            "spec": spec,
        },
        sort_keys=True,
        ensure_ascii=False,
    )
    return _digest(body), body, _days(resource)
