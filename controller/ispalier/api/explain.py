"""What `kubectl explain` shows beside descriptions by their own text only: defaults, lack of effect."""

from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ispalier.api.base import NotYet, models_in

Schema: TypeAlias = dict[str, Any]


def explained(schema: Schema, model: type[BaseModel] | None, *marks: NotYet) -> Schema:
    """The same schema, in which descriptions say all that one has to know of a field."""
    fields = {f.alias or name: f for name, f in model.model_fields.items()} if model else {}
    made = dict(schema)
    if "description" in schema:
        made["description"] = " ".join([schema["description"], *_more(schema, marks)])
    if "properties" in schema:
        made["properties"] = {
            name: explained(each, _below(fields.get(name)), *_marks(fields.get(name)))
            for name, each in schema["properties"].items()
        }
    if "items" in schema:
        made["items"] = explained(schema["items"], model)
    return made


def _more(schema: Schema, marks: tuple[NotYet, ...]) -> list[str]:
    default = schema.get("default", "")
    tells = default != "" and schema["type"] != "object"
    return [*([f"Default: {_spelt(default)}."] if tells else []), *map(str, marks)]


def _below(field: FieldInfo | None) -> type[BaseModel] | None:
    return next(models_in(field.annotation), None) if field else None


def _marks(field: FieldInfo | None) -> list[NotYet]:
    return [each for each in field.metadata if isinstance(each, NotYet)] if field else []


def _spelt(value: object) -> str:
    """A default as one would write it."""
    match value:
        case bool():
            return str(value).lower()
        case list():
            return f"[{', '.join(map(_spelt, value))}]"
        case _:
            return str(value)
