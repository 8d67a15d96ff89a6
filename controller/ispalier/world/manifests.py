"""From one YAML document to what it declares: a resource, a Secret, or nothing of ours."""

import base64
import binascii
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from ispalier.api.base import API_VERSION, GROUP, Resource
from ispalier.api.kinds import ACTS, BY_NAME
from ispalier.world import metadata
from ispalier.world.findings import Finding, Json, Path, unknown_field
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Ident
from ispalier.world.validity import checked, unknown_in_status

_ACTS = frozenset(kind.__name__ for kind in ACTS)
_FIELDS = ("apiVersion", "kind", "metadata", "spec", "status")
SOPS = "sops"
"""The field in which SOPS keeps what it needs to decrypt a document."""
_NEAR = 0.8
"""So like ours that another group is a slip; `databases.spotahome.com` is none."""
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


@dataclass(slots=True)
class Declared:
    """What a document declares, as far as it can be read, and what is wrong with it."""

    subject: str = ""
    which: Ident | None = None
    resource: Resource | None = None
    secret: Mapping[str, Secret] | None = None
    is_sealed: bool = False
    """Whether the values of the Secret are encrypted, and so none yet."""
    findings: list[Finding] = field(default_factory=list)


def declared(value: Json) -> Declared:
    """Read one document; those of other groups declare nothing and are right."""
    if not isinstance(value, dict):
        what = "is not a Kubernetes object"
        return Declared(findings=[Finding((), what, "write apiVersion, kind, metadata and spec")])
    version, kind = value.get("apiVersion"), value.get("kind")
    subject = _subject(value)
    if SOPS in value and _is_encrypted(kind):
        remedy = "encrypt the values alone: sops encrypt --encrypted-regex '^(data|stringData)$'"
        return Declared(findings=[Finding(("kind",), "is encrypted, too", remedy)])
    if version == "v1" and kind == "Secret":
        return _secret(value, subject)
    if isinstance(version, str) and version.partition("/")[0] == GROUP:
        return _ours(value, version, kind, subject)
    if not isinstance(kind, str) or not isinstance(version, str) or not kind or not version:
        return Declared(subject, findings=[_not_an_object(value, kind)])
    return Declared(subject, findings=_slips(version, kind))


def _slips(version: str, kind: str) -> list[Finding]:
    """Other groups are right, but for one that is ours misspelt: what it holds would be ignored."""
    group = version.partition("/")[0]
    if kind in BY_NAME and difflib.get_close_matches(group, [GROUP], cutoff=_NEAR):
        return [
            Finding(("apiVersion",), f'"{version}" is not known', f"did you mean {API_VERSION}?")
        ]
    return []


def _is_encrypted(text: Json) -> bool:
    return isinstance(text, str) and text.startswith("ENC[")


def _subject(value: Mapping[str, Json]) -> str:
    kind, meta = value.get("kind"), value.get("metadata")
    name = meta.get("name") if isinstance(meta, dict) else None
    if not isinstance(kind, str):
        return ""
    return f"{kind}/{name}" if isinstance(name, str) else kind


def _not_an_object(value: Mapping[str, Json], kind: Json) -> Finding:
    if isinstance(kind, str) and kind in BY_NAME:
        return Finding(("apiVersion",), "is missing", f"add apiVersion: {API_VERSION}")
    missing = [name for name in ("apiVersion", "kind") if not isinstance(value.get(name), str)]
    what = "is not a Kubernetes object: " + " and ".join(missing or ["kind"]) + " missing"
    return Finding((), what, "add what is missing, or move the file out of this folder")


def _ours(value: Mapping[str, Json], version: str, kind: Json, subject: str) -> Declared:
    if version != API_VERSION:
        what = f'"{version}" is not known'
        return Declared(subject, findings=[Finding(("apiVersion",), what, f"write {API_VERSION}")])
    if kind in _ACTS:
        remedy = "create it in the cluster with kubectl, and remove it here"
        return Declared(
            subject, findings=[Finding(("kind",), "is an act, and acts are not declared", remedy)]
        )
    if not isinstance(kind, str) or kind not in BY_NAME:
        near = difflib.get_close_matches(str(kind), BY_NAME, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(BY_NAME)}"
        return Declared(subject, findings=[Finding(("kind",), f'"{kind}" is no kind', remedy)])
    model = BY_NAME[kind]
    found = [unknown_field((name,), name, _KNOWN) for name in value if name not in _FIELDS]
    found.extend(metadata.faults(value.get("metadata")))
    found.extend(unknown_in_status(model, value.get("status")))
    which = _ident(value, kind, namespaced=model.namespaced)
    if value.get("spec") is None:
        found.append(Finding(("spec",), "is missing", "add it"))
        return Declared(subject, which, findings=found)
    spec = checked(model, value["spec"], found)
    resource = None
    if not found and which is not None:
        resource = _built(model, which, value["metadata"], spec, found)
    return Declared(subject, which, resource, findings=found)


_KNOWN = dict.fromkeys(_FIELDS)


def _ident(value: Mapping[str, Json], kind: str, *, namespaced: bool) -> Ident | None:
    """The identity; without a namespace it is `default`, as for kubectl."""
    meta = value.get("metadata")
    name = meta.get("name") if isinstance(meta, dict) else None
    space = meta.get("namespace") if isinstance(meta, dict) else None
    if not isinstance(name, str) or not isinstance(space, str | None):
        return None
    return Ident(kind, (space or "default") if namespaced else "", name)


def _built(
    model: type[Resource], which: Ident, meta: Json, spec: Json, found: list[Finding]
) -> Resource | None:
    """The resource itself; what only Python can judge (time zones, networks) is found here."""
    labels = meta.get("labels") if isinstance(meta, dict) else None
    texts = {key: text or "" for key, text in labels.items()} if isinstance(labels, dict) else {}
    named = {"name": which.name, "namespace": which.namespace, "labels": texts}
    try:
        return model.model_validate({"metadata": named, "spec": spec})
    except ValidationError as errors:
        for error in errors.errors(include_url=False):
            if error["type"] == "too_short":
                continue  # what is left of a list without its wrong entries
            path: Path = tuple(error["loc"])
            what, _, remedy = error["msg"].removeprefix("Value error, ").partition(": ")
            found.append(Finding(path, what, remedy or "correct it"))
        return None


def _secret(value: Mapping[str, Json], subject: str) -> Declared:
    """A Secret; nothing of its values is ever told."""
    found = list(metadata.faults(value.get("metadata")))
    which = _ident(value, "Secret", namespaced=True)
    if SOPS in value:
        return Declared(subject, which, secret=_closed(value), is_sealed=True, findings=found)
    data: dict[str, Secret] = {}
    for source in ("data", "stringData"):
        entries = value.get(source)
        if not isinstance(entries, dict | None):
            found.append(Finding((source,), "is not a mapping", "write KEY: VALUE below it"))
            continue
        for key, text in (entries or {}).items():
            read = _value(source, key, text)
            if isinstance(read, Finding):
                found.append(read)
            else:
                data[key] = read
    return Declared(subject, which, secret=None if found else data, findings=found)


def _closed(value: Mapping[str, Json]) -> Mapping[str, Secret]:
    """The keys of an encrypted Secret: SOPS leaves them readable."""
    parts = (value.get(source) for source in ("data", "stringData"))
    return {key: Secret("") for each in parts if isinstance(each, dict) for key in each}


def _value(source: str, key: str, text: Json) -> Secret | Finding:
    path = (source, key)
    if not _KEY.fullmatch(key):
        remedy = "use letters, digits, dashes, dots and underscores"
        return Finding(path, "is not a possible key", remedy)
    if not isinstance(text, str | None):
        return Finding(path, "is not text", "put quotes around it")
    if source == "stringData":
        return Secret(text or "")
    try:
        return Secret(base64.b64decode((text or "").replace("\n", ""), validate=True).decode())
    except (binascii.Error, ValueError):
        return Finding(path, "is not text in base64", "encode it, or use stringData")
