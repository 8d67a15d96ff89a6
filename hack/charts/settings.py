"""The controller's settings as the chart takes them: names and descriptions from the code."""

from collections.abc import Iterator
from typing import Any

from hack.charts.values import Schema
from ispalier.settings import Settings

_SET_BY_THE_CHART = {"journal_url", "listen", "namespace", "secret_namespaces"}
_WITHOUT_A_CLUSTER = {"key_file", "secrets_folder", "source_interval", "cache_folder"}


def schema() -> Schema:
    """Every setting that one may give, and no other."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _plain(each) for name, each in _settings()},
    }


def table() -> str:
    """One row per setting."""
    rows = [
        f"| `{name}` | {_default(each)} | {each['description']} |" for name, each in _settings()
    ]
    return "\n".join(["| setting | default | what it is for |", "|---|---|---|", *rows])


def _settings() -> Iterator[tuple[str, Schema]]:
    schemas = Settings.model_json_schema(by_alias=False)["properties"]
    for name, field in Settings.model_fields.items():
        if name not in _SET_BY_THE_CHART | _WITHOUT_A_CLUSTER:
            alias: Any = field.validation_alias
            yield (alias.choices[-1] if alias else f"ISPALIER_{name.upper()}"), schemas[name]


def _plain(found: Schema) -> Schema:
    return {key: value for key, value in found.items() if key not in ("title", "default")}


def _default(found: Schema) -> str:
    default = found.get("default")
    return "none" if default in (None, "") else f"`{default:g}`"
