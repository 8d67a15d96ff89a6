"""Schemas for kubeconform, from the API server's own OpenAPI and from definitions of kinds.

What the API server would refuse is refused, unknown fields included.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from hack.stack.controlplane import ControlPlane

Schema: TypeAlias = dict[str, Any]

LOCATION = "{{ .ResourceKind }}.{{ .Group }}.{{ .ResourceAPIVersion }}.json"
"""How kubeconform finds the schema of an object below the folder."""
_HERE, _THERE = "#/definitions/", "#/components/schemas/"
_KINDS = "x-kubernetes-group-version-kind"


def written(cluster: ControlPlane, folder: Path, *groups: str) -> str:
    """Write a schema for every kind of these groups, such as `apps/v1`; returns the location."""
    for group in groups:
        where = f"apis/{group}" if "/" in group else f"api/{group}"
        found = json.loads(cluster.run_kubectl("get", "--raw", f"/openapi/v3/{where}"))
        for name, schema in _schemas(found["components"]["schemas"]):
            (folder / name).write_text(json.dumps(schema))
    return f"{folder}/{LOCATION}"


def write_defined(files: Iterable[Path], folder: Path) -> None:
    """Write a schema for every version of the kinds that these files define."""
    for definition in (yaml.load(file.read_text(), Loader=yaml.CSafeLoader) for file in files):
        spec = definition["spec"]
        for version in spec["versions"]:
            name = f"{spec['names']['kind'].lower()}.{spec['group']}.{version['name']}.json"
            schema = _strict(version["schema"]["openAPIV3Schema"])
            (folder / name).write_text(json.dumps(schema))


def _schemas(components: Mapping[str, Schema]) -> Iterator[tuple[str, Schema]]:
    definitions = {name: _strict(schema) for name, schema in components.items()}
    for name, schema in components.items():
        for each in schema.get(_KINDS, ()):
            group = each["group"] or each["version"]  # kubeconform's word for the core group
            file = f"{each['kind'].lower()}.{group}.{each['version']}.json"
            yield file, {"$ref": f"{_HERE}{name}", "definitions": definitions}


def _strict(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """The same for JSON Schema: references lead within the file, unknown fields are refused."""
    match schema:
        case {"$ref": str(ref), **rest}:
            return {"$ref": ref.replace(_THERE, _HERE), **_strict(rest)}
        case {"properties": dict(properties), **rest}:
            # `default` and the like of a definition are not objects of their own.
            inner = {name: _strict(each) for name, each in properties.items()}
            closed = {"additionalProperties": False} if "additionalProperties" not in rest else {}
            return {**_strict(rest), "properties": inner, **closed}
        case dict():
            return {key: _strict(each) for key, each in schema.items() if key != _KINDS}
        case list():
            return [_strict(each) for each in schema]
        case _:
            return schema
