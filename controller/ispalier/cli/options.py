"""Options that commands have in common, and how they are read."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Listing(StrEnum):
    """How a list is printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


ListingOption = Annotated[
    Listing,
    typer.Option(
        "--format",
        "-o",
        help="Print a table for people, one JSON document, or JSON lines (CloudEvents 1.0).",
    ),
]


FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", metavar="PATH", exists=True, help="The same as PATH."),
]


def named(path: Path | None, folder: Path | None) -> Path | None:
    """The folder that is named, in whichever way."""
    if path is not None and folder is not None:
        raise typer.BadParameter("name the folder once, as PATH or here", param_hint="--folder")
    return path if folder is None else folder


def day(text: str) -> date:
    """A day as YYYY-MM-DD, for options."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is not a day: write it as YYYY-MM-DD") from error
