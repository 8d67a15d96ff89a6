"""Tombstones: resources as they were last declared, so that they can be read when they are gone."""

import hashlib
import json

from pydantic import ValidationError

from ispalier.api.base import API_VERSION, Resource
from ispalier.api.kinds import BY_NAME
from ispalier.core.items import Owner
from ispalier.core.memory import Memory, Tombstone

PENDING = "~"
"""Begins the digest of what is declared and was not served so yet."""


def tombstone(owner: Owner, resource: Resource) -> Tombstone:
    """What is kept of a resource; worked out once per resource."""
    known = resource.memo.get("tombstone")
    if not isinstance(known, tuple):
        known = resource.memo["tombstone"] = _written(resource)
    return Tombstone(owner, *known)


def is_in_force(each: Tombstone, memory: Memory) -> bool:
    """Whether a resource was served just as it is declared, as far as is remembered."""
    return memory.tombstones.get(each.owner) == each.digest


def not_in_force(each: Tombstone) -> Tombstone:
    """The same, marked as not served yet."""
    return each._replace(digest=f"{PENDING}{each.digest[:-1]}")


def resource_of(kind: str, body: str) -> Resource | None:
    """The resource again; None if this version cannot read it any more."""
    try:
        return BY_NAME[kind].model_validate(json.loads(body), extra="ignore")
    except (KeyError, ValueError, ValidationError):
        return None


def _written(resource: Resource) -> tuple[str, str]:
    meta = resource.metadata
    labels = {"labels": dict(meta.labels)} if meta.labels else {}
    space = {"namespace": meta.namespace} if meta.namespace else {}
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
    return hashlib.sha256(body.encode()).hexdigest()[:16], body
