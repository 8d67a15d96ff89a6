"""Options of the commands that list entries of the ledger."""

from datetime import date, datetime
from enum import StrEnum
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


def day(text: str) -> date:
    """A day as YYYY-MM-DD, for options."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is not a day: write it as YYYY-MM-DD") from error
