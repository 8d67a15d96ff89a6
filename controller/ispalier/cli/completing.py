"""Completes what somebody wants to declare: from what is set, what is there, and what is answered."""

import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import typer
import yaml

from ispalier.api.base import Resource
from ispalier.api.crd import structural
from ispalier.api.kinds import BY_NAME
from ispalier.cli.output import Exit, fail
from ispalier.world.findings import parsed
from ispalier.world.hints import lowered
from ispalier.world.load import Loaded
from ispalier.world.references import kind_named
from ispalier.world.snapshot import Ident

_PATH = re.compile(r"[A-Za-z0-9]+(\[[0-9]+\])*(\.[A-Za-z0-9]+(\[[0-9]+\])*)*")
_Schema = dict[str, Any]


def put(spec: dict[str, Any], text: str) -> None:
    """Take in FIELD=VALUE as it is written; what of it is a number or a list the schema says."""
    path, equal, value = text.partition("=")
    if not equal or not _PATH.fullmatch(path):
        fail(f"--set {text}: write it as FIELD=VALUE, such as terms[0].from=2026-12-01", Exit.USAGE)
    parts = parsed(path.removeprefix("spec."))
    here: Any = spec
    for step, following in zip(parts, [*parts[1:], None], strict=True):
        new: Any = [] if isinstance(following, int) else {}
        match here, step:
            case list(), int() if step <= len(here):
                here += [None] * (step == len(here))
            case dict(), str():
                here.setdefault(step)
            case list(), int():
                fail(f"--set {text}: set [{len(here)}] first", Exit.USAGE)
            case _:
                fail(f"--set {text}: a part of this is set otherwise already", Exit.USAGE)
        if following is None:
            here[step] = value
        elif here[step] is None:
            here[step] = new
        here = here[step]


@dataclass(slots=True)
class Maker:
    """Completes a spec: sets types right, and asks for what must be there."""

    model: type[Resource]
    which: Ident
    loaded: Loaded
    missing: dict[str, str] = field(default_factory=dict)
    """Fields that nobody is there to be asked for, with what they are."""
    answered: list[str] = field(default_factory=list)
    """Fields that somebody was asked for."""

    def complete(self, spec: dict[str, Any]) -> dict[str, Any]:
        """Complete it in its place; the fields then in the order in which a page lists them."""
        schema = structural(self.model)["properties"]["spec"]
        self._complete(schema, spec, "")
        known = [name for name in schema["properties"] if name in spec]
        return {
            name: spec[name] for name in (*known, *(each for each in spec if each not in known))
        }

    def take_back(self, spec: dict[str, Any], fields: Sequence[str]) -> bool:
        """Forget answers that were wrong, so that they are asked for again; False if others are."""
        wrong = [
            next((each for each in self.answered if _is_within(path, each)), "") for path in fields
        ]
        if not wrong or "" in wrong:
            return False
        for path in set(wrong):
            *above, last = parsed(path)
            here: Any = spec
            for step in above:
                here = here[step]
            del here[last]
        return True

    def _complete(self, schema: _Schema, value: dict[str, Any], path: str) -> None:
        """Everything that is required of a mapping, and the right types of what is there."""
        for name in schema.get("required", ()):
            if name not in value:
                found = self._asked(name, schema["properties"][name], f"{path}{name}")
                if found is not None:
                    value[name] = found
        for name, each in list(value.items()):
            known = schema.get("properties", {}).get(name)
            if known is not None:
                value[name] = self._typed(known, each, f"{path}{name}")

    def _typed(self, schema: _Schema, value: Any, path: str) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, str):
            value = _read(schema["type"], value)
        match schema["type"], value:
            case "object", dict():
                self._complete(schema, value, f"{path}.")
            case "array", list():
                return [
                    self._typed(schema["items"], each, f"{path}[{index}]")
                    for index, each in enumerate(value)
                ]
            case _:
                pass
        return value

    def _asked(self, name: str, schema: _Schema, path: str) -> Any:  # noqa: ANN401 - JSON
        properties = schema.get("properties", {}).keys()
        if properties == {"name"}:
            names = self._names(name)
            found = self._answer(f"{path}.name", schema, names[0] if len(names) == 1 else "", names)
            return None if found is None else {"name": found}
        if "generate" in properties:
            secret = f"{self.which.name}-{self.which.kind.lower()}"
            return {"generate": {"secretName": secret}}
        if schema["type"] == "object":
            return {}
        if schema["type"] == "array" and schema["items"]["type"] == "object":
            return [{}]
        return self._answer(path, schema, str(schema.get("default", "")), schema.get("enum", ()))

    def _names(self, of: str) -> list[str]:
        """What a reference may name: what is declared, of the same customer or the provider."""
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", of).lower()
        kind = self.which.kind if snake == "parent_ref" else kind_named(snake)
        space = self.which.namespace if BY_NAME[kind].namespaced else ""
        return sorted(
            each.name
            for each in self.loaded.origins
            if (each.kind, each.namespace) == (kind, space)
        )

    def _answer(
        self, path: str, schema: _Schema, default: str, choices: Sequence[str]
    ) -> str | None:
        about = lowered(schema.get("description", ""))
        some = f" ({', '.join(choices)})" if choices else ""
        if not sys.stdin.isatty():
            if default:
                return default
            self.missing[path] = f"{about}{some}"
            return None
        self.answered.append(path)
        return str(typer.prompt(f"{path}: {about}{some}", default=default or None))


def _read(type_: str, text: str) -> Any:  # noqa: ANN401 - JSON
    """A text as what the schema wants; as it is where that cannot be."""
    match type_:
        case "integer" if re.fullmatch(r"-?[0-9]{1,18}", text):
            return int(text)
        case "boolean" if text in ("true", "false"):
            return text == "true"
        case "array" if not text.startswith("["):
            return [part.strip() for part in text.split(",") if part.strip()]
        case "array" | "object":
            with suppress(yaml.YAMLError):
                found = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - makes texts only
                return found if isinstance(found, list | Mapping) else text
        case _:
            pass
    return text


def _is_within(path: str, above: str) -> bool:
    return path == above or path.startswith((f"{above}.", f"{above}["))
