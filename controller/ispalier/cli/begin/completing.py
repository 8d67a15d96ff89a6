"""Completes what somebody wants to declare: from what is set, what is there, and what is answered."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ispalier.api.base import Resource
from ispalier.api.crd import structural
from ispalier.api.kinds import BY_NAME
from ispalier.cli.begin.asking import Question, answer, as_written, is_answered
from ispalier.cli.output import Exit, fail
from ispalier.world.findings import parsed
from ispalier.world.hints import lowered
from ispalier.world.load import Loaded
from ispalier.world.references import kind_named
from ispalier.world.snapshot import Ident

_PATH = re.compile(r"[A-Za-z0-9]+(\[[0-9]+\])*(\.[A-Za-z0-9]+(\[[0-9]+\])*)*")
_ONE_OF = re.compile(r"\[(has\(self\.\w+\), )+has\(self\.\w+\)\]\.filter\(x, x\)\.size\(\) == 1")
_TOGETHER = re.compile(r"has\(self\.\w+\) == has\(self\.\w+\)")
_HAS = re.compile(r"has\(self\.(\w+)\)")
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
    is_open: bool = False
    """Whether references may lead to what is not there."""
    missing: dict[str, str] = field(default_factory=dict)
    """Fields that nobody is there to be asked for, with what they are."""
    answered: dict[str, Question] = field(default_factory=dict)
    """What somebody was asked, by field."""
    wanted: list[str] = field(default_factory=list)
    """Fields of spec that must be there for the sake of others."""

    def complete(self, spec: dict[str, Any]) -> dict[str, Any]:
        """Complete it in its place; all fields then in the order in which a page lists them."""
        schema = self._schema()
        for name in self._must(schema, spec):
            spec.setdefault(name)
        self._complete(schema, spec, "")
        return spec

    def take_back(self, spec: dict[str, Any], fields: Sequence[str]) -> bool:
        """Ask again for answers that were wrong, and for what was missing; False if there is more."""
        if not is_answered():
            return False
        known = self._schema()["properties"]
        again = [path for path, asked in self.answered.items() if asked.has_another]
        answers, missing = set[str](), list[str]()
        for path in fields:
            if own := next((each for each in again if _is_within(path, each)), ""):
                answers.add(own)
            elif path not in spec and _is_one_answer(known.get(path)):
                missing.append(path)
            else:
                return False
        self.wanted += missing
        for path in answers:
            *above, last = parsed(path)
            here: Any = spec
            for step in above:
                here = here[step]
            here[last] = None
        return True

    def _schema(self) -> _Schema:
        return dict(structural(self.model)["properties"]["spec"])

    def _must(self, schema: _Schema, spec: _Schema) -> Iterator[str]:
        """What has to be there although no page calls it required."""
        yield from self.wanted
        for rule in (each["rule"] for each in schema.get("x-kubernetes-validations", ())):
            names = _HAS.findall(rule)
            if _ONE_OF.fullmatch(rule) and not any(name in spec for name in names):
                yield names[0]
            elif _TOGETHER.fullmatch(rule) and any(name in spec for name in names):
                yield from names

    def _complete(self, schema: _Schema, value: dict[str, Any], path: str) -> None:
        """Everything that must be in a mapping, in its order, and the right types of it."""
        known, required = schema.get("properties", {}), schema.get("required", ())
        was = dict(value)
        value.clear()
        for name in known:
            if was.get(name) is not None:
                found = was[name]
            elif name in was or name in required:
                found = self._asked(name, known[name], f"{path}{name}")
            else:
                continue
            if found is not None:
                value[name] = self._typed(known[name], found, f"{path}{name}")
        value |= {name: each for name, each in was.items() if name not in known}

    def _typed(self, schema: _Schema, value: Any, path: str) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, str):
            value = as_written(schema, value)
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
        properties, about = schema.get("properties", {}), schema.get("description", "")
        if properties.keys() == {"name"}:
            names = self._names(name)
            is_open = self.is_open or not names or not self.loaded.readable
            only = names[0] if len(names) == 1 else ""
            question = Question(path, properties["name"], about, only, names, is_open)
            found = self._answer(question, f"{path}.name")
            return None if found is None else {"name": found}
        if "generate" in properties:
            secret = f"{self.which.name}-{self.which.kind.lower()}"
            return {"generate": {"secretName": secret}}
        if schema["type"] == "object":
            return {}
        if schema["type"] == "array" and schema["items"]["type"] == "object":
            return [{}]
        choices = () if "pattern" in schema else schema.get("enum", ())
        default = str(schema.get("default", ""))
        return self._answer(Question(path, schema, about, default, choices), path)

    def _names(self, of: str) -> list[str]:
        """What a reference may name: what is declared, of the same customer or the provider."""
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", of).lower()
        kind = self.which.kind if snake == "parent_ref" else kind_named(snake)
        space = self.which.namespace if BY_NAME[kind].namespaced else ""
        return sorted(
            each.name
            for each in self.loaded.origins
            if (each.kind, each.namespace) == (kind, space) and each != self.which
        )

    def _answer(self, question: Question, field: str) -> str | None:
        """What somebody answers; where nobody is there the field is missing."""
        if is_answered():
            self.answered[question.path] = question
            return answer(question)
        if question.default:
            return question.default
        self.missing[field] = lowered(question.told)
        return None


def _is_one_answer(schema: _Schema | None) -> bool:
    """Whether one line says all of a field: a text, a number, the name of another resource."""
    if schema is None:
        return False
    return schema["type"] in ("string", "integer") or schema.get("properties", {}).keys() == {
        "name"
    }


def _is_within(path: str, above: str) -> bool:
    return path == above or path.startswith((f"{above}.", f"{above}["))
