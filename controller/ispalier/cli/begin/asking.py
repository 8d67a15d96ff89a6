"""Asks on a terminal for one field, until the answer may stand there."""

import difflib
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import typer
import yaml

from ispalier.cli.output import say
from ispalier.world.findings import Finding
from ispalier.world.validity import checked_by, schema_from


class Question(NamedTuple):
    """A field that somebody is asked for."""

    path: str
    schema: Mapping[str, Any]
    about: str
    """What the field is, in a sentence."""
    default: str = ""
    choices: Sequence[str] = ()
    is_open: bool = True
    """Whether there may be more to choose from than is known."""

    @property
    def told(self) -> str:
        """What it is, and what there is to choose from."""
        first = self.about.strip().partition(". ")[0].removesuffix(".")
        return f"{first} ({', '.join(self.choices)})" if self.choices else first

    @property
    def has_another(self) -> bool:
        """Whether anything else could be answered."""
        return self.is_open or len(self.choices) > 1

    def fault(self, answer: str) -> str:
        """What is wrong with an answer by itself, and what to do; empty if nothing is."""
        if not self.is_open and answer not in self.choices:
            near = difflib.get_close_matches(answer, self.choices, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(self.choices)}"
            return f'"{answer}" is not there; {remedy}'
        found: list[Finding] = []
        checked_by(schema_from(self.schema), as_written(self.schema, answer), (), found)
        if not found:
            return ""
        what = found[0].what if found[0].what.startswith('"') else f'"{answer}" {found[0].what}'
        return f"{what}; {found[0].remedy}"


def is_answered() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def answer(question: Question) -> str:
    """What somebody answers; not beside the results, which may go into a file."""
    say(f"{question.told}.")
    while True:
        text = str(typer.prompt(question.path, default=question.default or None, err=True))
        if not (fault := question.fault(text)):
            return text
        say(fault)


def as_written(schema: Mapping[str, Any], text: str) -> Any:  # noqa: ANN401 - JSON
    """A text as what the schema wants; as it is where that cannot be."""
    match schema["type"]:
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
