"""Edits: who made a resource what it is, as far as its source tells."""

from collections.abc import Mapping
from sys import intern
from typing import Any

from ispalier.api.base import Resource


def edit_of(resource: Resource) -> str:
    """By whom and when an object of a cluster was edited last; empty where nobody tells."""
    meta = resource.metadata
    if not meta.editor:
        return ""
    at = f" at {meta.edited}" if meta.edited else ""
    return f"{meta.editor}{at}, generation {meta.generation}, version {meta.resource_version}"


def with_editor(meta: Mapping[str, Any]) -> Mapping[str, Any]:
    """Metadata of an object with the field manager who last touched its spec, and when."""
    editor, edited = "", ""
    for entry in meta.get("managedFields") or ():
        if "f:spec" in (entry.get("fieldsV1") or ()) and (entry.get("time") or "") >= edited:
            editor, edited = entry.get("manager") or "", entry.get("time") or ""
    return {**meta, "editor": intern(editor), "edited": edited} if editor else meta
