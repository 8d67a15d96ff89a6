"""What commands print, and how they end."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from ispalier.environment import PREFIX
from ispalier.world.errors import IspalierError
from ispalier.world.findings import Level, Problem, tame, tame_json, tame_lines

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.text import Text

_UNBROKEN = 1000
"""Columns of output that no terminal shows."""


class Exit(IntEnum):
    """How a command ends."""

    OK = 0
    PROBLEMS = 1
    USAGE = 2


class Format(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"


Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH", exists=True, help="Folders and files of YAML; folders are read whole."
    ),
]
FormatOption = Annotated[
    Format, typer.Option("--format", "-o", help="Print text for people or JSON for programs.")
]
SecretsOption = Annotated[
    Path | None,
    typer.Option(
        "--secrets",
        exists=True,
        file_okay=False,
        help="Folder of secrets, NAMESPACE/NAME/KEY; default `secrets`, if it is there.",
    ),
]

LockTimeoutOption = Annotated[
    float,
    typer.Option(
        "--lock-timeout",
        min=0,
        metavar="SECONDS",
        help="Wait so long for another process that writes; default not at all.",
    ),
]
WAIT = "wait for its end, with --lock-timeout SECONDS this command does"


@cache
def _console() -> "type[Console]":
    """A Console that styles text, and gives no terminal the orders that customers write into it."""
    from rich.console import Console  # noqa: PLC0415 - a tenth of a short command's start
    from rich.segment import Segment  # noqa: PLC0415

    class Tame(Console):
        def render_str(self, text: str, **how: Any) -> "Text":  # noqa: ANN401 - as it is
            return super().render_str(tame_lines(text), **how)

        def render(
            self, renderable: "RenderableType", options: "ConsoleOptions | None" = None
        ) -> "Iterator[Segment]":
            for text, style, control in super().render(renderable, options):
                yield Segment(text if control else tame_lines(text), style, control)

    return Tame


def out(*, stderr: bool = False) -> "Console":
    """Results; without colour where no terminal is, or where NO_COLOR is set."""
    console = _console()
    return console(highlight=False, soft_wrap=True, markup=False, emoji=False, stderr=stderr)


def err() -> "Console":
    """What is said beside the results."""
    return out(stderr=True)


def say(text: str) -> None:
    """One line beside the results."""
    typer.echo(text, err=True)


def print_whole(table: "RenderableType") -> None:
    """A table; where no terminal sets a width, no line is broken."""
    console = _console()(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _UNBROKEN
    console.print(table)


def print_problems(problems: Sequence[Problem], *, stderr: bool = True) -> None:
    """One line each, as compilers do."""
    if not problems:
        return
    from rich.text import Text  # noqa: PLC0415

    console = out(stderr=stderr)
    for problem in map(tame, problems):
        line = Text(str(problem))
        line.stylize("bold", 0, len(str(problem.position)))
        style = "yellow" if problem.level is Level.WARNING else "red"
        start = len(line.plain) - len(f"{problem.what}; {problem.remedy}")
        line.stylize(style, start, start + len(problem.what))
        console.print(line)


def print_json(value: object) -> None:
    """A JSON document."""
    typer.echo(tame_json(json.dumps(value, indent=2, ensure_ascii=False)))


def as_json(problems: Sequence[Problem]) -> list[dict[str, str | int]]:
    """Problems as JSON."""
    return [
        {
            "file": each.position.file,
            "line": each.position.line,
            "column": each.position.column,
            "level": each.level.name.lower(),
            "resource": each.subject,
            "field": each.field,
            "what": each.what,
            "remedy": each.remedy,
        }
        for each in map(tame, problems)
    ]


def rfc3339(at: datetime | None) -> str | None:
    """An instant in UTC, for programs."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else None


def fail(message: str | IspalierError, code: Exit = Exit.PROBLEMS) -> NoReturn:
    """Say why it does not go on, and end."""
    from rich.text import Text  # noqa: PLC0415

    console = err()
    console.print(Text(f"ispalier: {message}", style="red" if console.is_terminal else ""))
    raise typer.Exit(code)


def not_understood(error: ValueError) -> Exit:
    """Tell which settings cannot be read; raises it again if it is about anything else."""
    from pydantic import ValidationError  # noqa: PLC0415 - most commands end without

    from ispalier.settings import Settings  # noqa: PLC0415

    if not isinstance(error, ValidationError) or error.title != Settings.__name__:
        raise error
    for each in error.errors(include_url=False):
        name = str(each["loc"][0])
        variable = name if name.isupper() else f"{PREFIX}{name.upper()}"
        err().print(f"ispalier: {variable} is not understood: {each['msg']}")
    return Exit.USAGE


def not_permitted(error: PermissionError) -> Exit:
    """Tell what this user may not look at."""
    err().print(f"ispalier: {error.filename}: {error.strerror}; run as the user who may")
    return Exit.USAGE


def counted(number: int, what: str) -> str:
    """`1 file`, `2 files`."""
    plural = f"{what}es" if what.endswith(("s", "x")) else f"{what}s"
    plural = f"{what[:-1]}ies" if what.endswith("y") else plural
    return f"{number} {what if number == 1 else plural}"
