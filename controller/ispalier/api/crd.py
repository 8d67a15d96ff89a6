"""CustomResourceDefinitions and JSON schemas, generated from the models of this folder."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from ispalier.api.base import (
    API_VERSION,
    GROUP,
    INSTALLATION,
    IS_IP,
    NOT_OURS,
    VERSION,
    Column,
    Model,
    Resource,
    Rule,
    models_in,
)
from ispalier.api.explain import explained

Schema: TypeAlias = dict[str, Any]

CATEGORY = "ispalier"
READY = Column("Ready", '.status.conditions[?(@.type=="Ready")].status')
REASON = Column("Reason", '.status.conditions[?(@.type=="Ready")].reason')
MESSAGE = Column("Message", '.status.conditions[?(@.type=="Ready")].message', priority=1)
A_DAY = Rule(
    "timestamp(self + 'T00:00:00Z').getFullYear() > 0", "is not a date: write a day as YYYY-MM-DD"
)
IN_EDITORS: dict[str, Schema] = {
    IS_IP: {"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
    NOT_OURS: {"not": {"const": INSTALLATION}},
}
"""Rules that JSON Schema has words for; of the others an editor knows nothing."""
AGE = Column("Age", ".metadata.creationTimestamp", "date")


def crd(kind: type[Resource]) -> Schema:
    """The CustomResourceDefinition of a kind (apiextensions.k8s.io/v1, structural)."""
    names = {
        "kind": kind.__name__,
        "listKind": f"{kind.__name__}List",
        "plural": kind.plural,
        "singular": kind.__name__.lower(),
        "categories": [CATEGORY],
    }
    if kind.short_names:
        names["shortNames"] = list(kind.short_names)
    whole = [kind.not_yet] if kind.not_yet else []
    version = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "schema": {"openAPIV3Schema": _for_server(explained(structural(kind), kind, *whole))},
        "additionalPrinterColumns": [
            _column(each) for each in (*kind.columns, READY, REASON, MESSAGE, AGE)
        ],
    }
    if kind.selectable:
        version["selectableFields"] = [{"jsonPath": path} for path in kind.selectable]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": names,
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "versions": [version],
        },
    }


def charted(definition: str) -> str:
    """The text of a CustomResourceDefinition as a template of the chart of definitions."""
    if "{{" in definition:
        raise ValueError("Helm would read a part of a definition as a template: write no braces")
    return definition.replace(
        "\nmetadata:\n", '\nmetadata:\n  {{- include "ispalier-crds.metadata" . | nindent 2 }}\n', 1
    )


def structural(kind: type[Resource]) -> Schema:
    """The schema that the API server enforces, CEL rules included."""
    models = _models(kind)
    raw = kind.model_json_schema(by_alias=True)
    properties = {
        field: _inline(raw["properties"][field], raw.get("$defs", {}), models)
        for field in ("spec", "status")
    }
    properties["status"]["default"] = {"observedGeneration": -1}
    rules = [{"rule": rule.cel, "message": rule.message} for rule in kind.rules]
    return {
        "description": kind.__doc__,
        "type": "object",
        **({"x-kubernetes-validations": rules} if rules else {}),
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            **properties,
        },
    }


def inlined(model: type[Model]) -> Schema:
    """The schema of a model that is no kind, rules included."""
    raw = model.model_json_schema(by_alias=True)
    return _inline(raw, raw.pop("$defs", {}), _models(model))


def json_schema_of_file(model: type[Model]) -> Schema:
    """The schema for editors of a file that is no Kubernetes object."""
    title = {"$schema": "http://json-schema.org/draft-07/schema#", "title": model.__name__}
    return title | _closed(inlined(model))


def json_schema(kind: type[Resource]) -> Schema:
    """The schema for editors: the same fields, unknown ones refused, no Kubernetes extensions."""
    spec = _closed(structural(kind)["properties"]["spec"])
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": kind.__name__,
        "description": kind.__doc__,
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"const": kind.__name__},
            "metadata": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "namespace": {"type": "string"}},
            },
            "spec": spec,
            "status": {"type": "object"},
        },
    }


def json_schema_of_all(kinds: Sequence[type[Resource]]) -> Schema:
    """One schema for files of any kind: what `kind` says chooses; other groups are left alone."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Ispalier",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "allOf": [
            {
                "if": {
                    "required": ["apiVersion", "kind"],
                    "properties": {
                        "apiVersion": {"const": API_VERSION},
                        "kind": {"const": kind.__name__},
                    },
                },
                "then": {"$ref": f"{kind.__name__.lower()}.json"},
            }
            for kind in kinds
        ],
    }


def _for_server(schema: Schema) -> Schema:
    """The same with days checked by a rule: an API server takes `[]` for text of format date."""
    made = {key: value for key, value in schema.items() if (key, value) != ("format", "date")}
    if len(made) < len(schema):
        rules = made.get("x-kubernetes-validations", [])
        made["x-kubernetes-validations"] = [*rules, {"rule": A_DAY.cel, "message": A_DAY.message}]
    if "properties" in made:
        made["properties"] = {k: _for_server(each) for k, each in made["properties"].items()}
    if "items" in made:
        made["items"] = _for_server(made["items"])
    return made


def _column(column: Column) -> Schema:
    shown: Schema = {"name": column.name, "type": column.type, "jsonPath": column.path}
    return shown | ({"priority": column.priority} if column.priority else {})


def _models(model: type[Model]) -> dict[str, type[Model]]:
    """Every model reachable from this one, by class name (as pydantic names its `$defs`)."""
    found: dict[str, type[Model]] = {}
    waiting = [model]
    while waiting:
        each = waiting.pop()
        if each.__name__ not in found:
            found[each.__name__] = each
            for field in each.model_fields.values():
                waiting.extend(models_in(field.annotation))
    return found


def _inline(schema: Schema, defs: Schema, models: dict[str, type[Model]]) -> Schema:
    """Resolve references, drop what structural schemas may not hold, add CEL rules."""
    alternatives = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if alternatives:
        schema = {**alternatives[0], **{k: v for k, v in schema.items() if k != "anyOf"}}
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        target = _inline(defs[name], defs, models)
        rules = [{"rule": rule.cel, "message": rule.message} for rule in models[name].rules]
        own = target.get("x-kubernetes-validations", []) + rules
        schema = target | {k: v for k, v in schema.items() if k != "$ref"}
        if own:
            schema["x-kubernetes-validations"] = own
    result = {
        key: value
        for key, value in schema.items()
        if key not in ("title", "additionalProperties", "properties", "items", "const", "default")
    }
    if "const" in schema:
        result["enum"] = [schema["const"]]
    if schema.get("default") not in (None, [], {}):
        result["default"] = _without_nulls(schema["default"])
    if "properties" in schema:
        result["properties"] = {
            name: _inline(each, defs, models) for name, each in schema["properties"].items()
        }
    if "items" in schema:
        result["items"] = _inline(schema["items"], defs, models)
    return result


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    match value:
        case dict():
            return {k: _without_nulls(v) for k, v in value.items() if v is not None}
        case list():
            return [_without_nulls(each) for each in value]
        case _:
            return value


def _closed(schema: Schema) -> Schema:
    """Refuse unknown fields at every level and drop Kubernetes' extensions."""
    result = {key: value for key, value in schema.items() if not key.startswith("x-kubernetes-")}
    if schema.get("x-kubernetes-list-type") == "set":
        result["uniqueItems"] = True
    for each in schema.get("x-kubernetes-validations", ()):
        result |= IN_EDITORS.get(each["rule"], {})
    if "properties" in schema:
        result["properties"] = {k: _closed(v) for k, v in schema["properties"].items()}
        result["additionalProperties"] = False
    if "items" in schema:
        result["items"] = _closed(schema["items"])
    return result
