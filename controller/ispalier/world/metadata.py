"""Metadata of Kubernetes objects, as the API server checks it."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ispalier.world.findings import Finding, Json, unknown_field

_MAPPING, _LIST, _TEXT, _NUMBER = "a mapping", "a list", "text", "a whole number"
_FIELDS = MappingProxyType(
    {
        "name": _TEXT,
        "namespace": _TEXT,
        "labels": _MAPPING,
        "annotations": _MAPPING,
        "generateName": _TEXT,
        "finalizers": _LIST,
        "ownerReferences": _LIST,
        "managedFields": _LIST,
        "uid": _TEXT,
        "resourceVersion": _TEXT,
        "creationTimestamp": _TEXT,
        "deletionTimestamp": _TEXT,
        "selfLink": _TEXT,
        "generation": _NUMBER,
        "deletionGracePeriodSeconds": _NUMBER,
    }
)
_TYPES: Mapping[str, type] = {_MAPPING: dict, _LIST: list, _TEXT: str, _NUMBER: int}
_SAID = {kind: said for said, kind in _TYPES.items()}
_OWNER = dict.fromkeys(("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"))
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_KEY = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
_LONGEST = 253
_NAME_REMEDY = (
    "use lower-case letters, digits, dashes and dots, beginning and ending with a letter or digit"
)


def faults(metadata: Json) -> Iterator[Finding]:
    """What the API server would not take."""
    if not isinstance(metadata, dict):
        yield Finding(("metadata",), "is missing", "write metadata with a name")
        return
    wrong = False
    for field, value in metadata.items():
        wanted = _FIELDS.get(field)
        if wanted is None:
            yield unknown_field(("metadata", field), field, dict.fromkeys([*_FIELDS][:4]))
        elif value is not None and not isinstance(value, _TYPES[wanted]):
            wrong = True
            yield Finding(("metadata", field), f"is not {wanted}", f"write {wanted}")
    if not wrong:
        yield from _wrong_names(metadata)
        yield from _wrong_machinery(metadata)
        yield from _wrong_keys("labels", metadata.get("labels"))
        yield from _wrong_keys("annotations", metadata.get("annotations"))


def _wrong_names(metadata: Mapping[str, Json]) -> Iterator[Finding]:
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if not name:
        yield Finding(("metadata", "name"), "is missing", "give the resource a name")
    elif not _is_name(str(name)):
        yield Finding(("metadata", "name"), f'"{name}" is not possible', _NAME_REMEDY)
    if namespace and not _LABEL.fullmatch(str(namespace)):
        remedy = "use lower-case letters, digits and dashes, at most 63"
        yield Finding(("metadata", "namespace"), f'"{namespace}" is not possible', remedy)


def _wrong_machinery(metadata: Mapping[str, Json]) -> Iterator[Finding]:
    """Fields that people do not write, but that exported files may carry."""
    prefix = metadata.get("generateName")
    if prefix and not _is_name(f"{str(prefix).removesuffix('-')}"):
        yield Finding(("metadata", "generateName"), f'"{prefix}" is not possible', _NAME_REMEDY)
    for field in ("creationTimestamp", "deletionTimestamp"):
        if metadata.get(field) is not None and not _TIME.fullmatch(str(metadata[field])):
            yield Finding(("metadata", field), "is not a time", "remove it")
    for field, wanted in (("finalizers", str), ("ownerReferences", dict)):
        entries = metadata.get(field)
        for index, each in enumerate(entries if isinstance(entries, list) else ()):
            path = ("metadata", field, index)
            if not isinstance(each, wanted):
                yield Finding(path, f"is not {_SAID[wanted]}", "remove it")
            elif isinstance(each, dict):
                for name in each.keys() - _OWNER:
                    yield unknown_field((*path, name), name, _OWNER)


def _is_name(name: str) -> bool:
    return len(name) <= _LONGEST and _SUBDOMAIN.fullmatch(name) is not None


def _wrong_keys(field: str, entries: Json) -> Iterator[Finding]:
    """Labels and annotations: `prefix/name`, the prefix a domain."""
    for key, value in entries.items() if isinstance(entries, dict) else ():
        path = ("metadata", field, key)
        prefix, slash, name = (key.lower() if field == "annotations" else key).rpartition("/")
        if (slash and not _is_name(prefix)) or not _KEY.fullmatch(name):
            yield Finding(path, "is not a possible key", "write it like example.org/name")
        if value is None:
            continue  # the API server stores an empty text
        if not isinstance(value, str):
            yield Finding(path, "is not text", "put quotes around it")
        elif field == "labels" and not _VALUE.fullmatch(value):
            remedy = "use letters, digits, dashes, dots and underscores, at most 63"
            yield Finding(path, f'"{value}" is not possible', remedy)
