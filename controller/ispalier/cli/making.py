"""Makes the file of a new resource: from what is set, what is there, and what somebody answers."""

import difflib
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import typer
import yaml

from ispalier.api.base import API_VERSION, Resource
from ispalier.api.crd import structural
from ispalier.api.kinds import BY_NAME
from ispalier.api.parties import Tenant
from ispalier.cli.output import Exit, err, fail, out
from ispalier.world.findings import shown
from ispalier.world.hints import lowered
from ispalier.world.load import Loaded, load
from ispalier.world.manifests import declared
from ispalier.world.references import kind_named
from ispalier.world.snapshot import Ident

_PART = re.compile(r"([A-Za-z0-9]+)((?:\[[0-9]+\])*)")
_Schema = dict[str, Any]


class Wish(NamedTuple):
    """What somebody wants to have made."""

    kind: str
    name: str
    namespace: str
    fields: tuple[str, ...]
    folder: Path


def made(wish: Wish, *, dry_run: bool) -> Exit:
    """Make the file, or print it."""
    model = _model(wish.kind)
    loaded = load([wish.folder])
    space = (wish.namespace or (wish.name if model is Tenant else "")) if model.namespaced else ""
    if model.namespaced and not space:
        fail(f"whose {wish.kind} is it? Name the namespace with -n", Exit.USAGE)
    spec: dict[str, Any] = {}
    for each in wish.fields:
        _set(spec, each)
    maker = Maker(model, Ident(wish.kind, space, wish.name), loaded)
    maker.complete(structural(model)["properties"]["spec"], spec, "")
    if maker.missing:
        told = "".join(f"\n  --set {each}" for each in maker.missing)
        fail(f"{wish.kind}/{wish.name} must have more:{told}", Exit.USAGE)
    metadata = {"name": wish.name, **({"namespace": space} if space else {})}
    value = {
        "apiVersion": API_VERSION,
        "kind": wish.kind,
        "metadata": metadata,
        "spec": _ordered(structural(model)["properties"]["spec"], spec),
    }
    found = declared(yaml.safe_load(yaml.safe_dump(value))).findings
    for path, what, remedy, _ in found:
        err().print(f"{wish.kind}/{wish.name}: {shown(path)}: {what}; {remedy}")
    if found:
        return Exit.PROBLEMS
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
    if model is Tenant:
        space_of_its_own = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}
        text = f"{yaml.safe_dump(space_of_its_own, sort_keys=False)}---\n{text}"
    if dry_run:
        out().print(text, end="")
        return Exit.OK
    return _written(_file(wish, loaded, maker.which), text)


def _ordered(schema: _Schema, value: dict[str, Any]) -> dict[str, Any]:
    """The fields in the order in which a page lists them."""
    known = [name for name in schema["properties"] if name in value]
    return {name: value[name] for name in (*known, *(each for each in value if each not in known))}


def _written(file: Path, text: str) -> Exit:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x") as to:
            to.write(text)
    except FileExistsError:
        fail(f"{file} is there already: choose another name or edit it")
    out().print(str(file))
    return Exit.OK


def _file(wish: Wish, loaded: Loaded, which: Ident) -> Path:
    """Where others of its namespace are, or where one would look for it."""
    name = f"{which.kind.lower()}-{which.name}.yaml"
    beside = Counter(
        origin.file.parent
        for other, origin in loaded.origins.items()
        if other.namespace == which.namespace and other.kind in BY_NAME
    )
    if beside:
        return max(beside, key=lambda each: (beside[each], str(each))) / name
    return wish.folder / ("tenants" if which.namespace else "provider") / which.namespace / name


def _model(kind: str) -> type[Resource]:
    if kind not in BY_NAME:
        near = difflib.get_close_matches(kind, BY_NAME, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(BY_NAME)}"
        fail(f"no kind is called {kind}; {remedy}", Exit.USAGE)
    return BY_NAME[kind]


def _set(spec: dict[str, Any], text: str) -> None:
    """Take in FIELD=VALUE; the value is read as in YAML, but days and times are text."""
    path, equal, value = text.partition("=")
    parts: list[str | int] = []
    for part in path.removeprefix("spec.").split("."):
        matched = _PART.fullmatch(part)
        if matched is None or not equal:
            fail(
                f"--set {text}: write it as FIELD=VALUE, such as terms[0].from=2026-12-01",
                Exit.USAGE,
            )
        parts += [matched[1], *(int(each) for each in re.findall(r"[0-9]+", matched[2]))]
    here: Any = spec
    for step, following in zip(parts, [*parts[1:], None], strict=True):
        new: Any = [] if isinstance(following, int) else {}
        if following is None:
            new = yaml.load(value, yaml.BaseLoader)  # noqa: S506 - makes texts only
        if isinstance(step, int):
            here.extend({} for _ in range(step + 1 - len(here)))
        there = here[step] if isinstance(step, int) or step in here else None
        here[step] = new if following is None or not there else there
        here = here[step]


@dataclass(slots=True)
class Maker:
    """Completes a spec: sets types right, and asks for what must be there."""

    model: type[Resource]
    which: Ident
    loaded: Loaded
    missing: list[str] = field(default_factory=list)

    def complete(self, schema: _Schema, value: dict[str, Any], path: str) -> None:
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
        match schema["type"], value:
            case "object", dict():
                self.complete(schema, value, f"{path}.")
            case "array", str():
                return [part.strip() for part in value.split(",") if part.strip()]
            case "array", list():
                return [
                    self._typed(schema["items"], each, f"{path}[{index}]")
                    for index, each in enumerate(value)
                ]
            case "integer", str() if re.fullmatch(r"-?[0-9]{1,18}", value):
                return int(value)
            case "boolean", "true" | "false":
                return value == "true"
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
            inner: dict[str, Any] = {}
            self.complete(schema, inner, f"{path}.")
            return inner
        if schema["type"] == "array" and schema["items"]["type"] == "object":
            entry: dict[str, Any] = {}
            self.complete(schema["items"], entry, f"{path}[0].")
            return [entry]
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

    def _answer(self, path: str, schema: _Schema, default: str, choices: Any) -> str | None:  # noqa: ANN401 - texts
        if default and not sys.stdin.isatty():
            return default
        if not sys.stdin.isatty():
            self.missing.append(f"{path}=…   {lowered(schema.get('description', ''))}".rstrip())
            return None
        about = lowered(schema.get("description", ""))
        some = f" ({', '.join(choices)})" if choices else ""
        return str(typer.prompt(f"{path}: {about}{some}", default=default or None))
