"""Records: what is kept and told of a change, and why it was made. No value of an item is in it."""

from enum import StrEnum
from typing import NamedTuple

from ispalier.core.items import Owner, Place


class Cause(StrEnum):
    """Why something was changed."""

    EDIT = "Edit"
    """What is declared is not what it was."""
    RETURN = "Return"
    """It was no longer declared and is again."""
    DATE = "Date"
    """A day came: a suspension, a term or its end."""
    ABSENCE = "Absence"
    """It is no longer declared and its hold time is over."""
    RETENTION = "Retention"
    """It is no longer declared and its retention is over."""
    HOLD = "Hold"
    """Something else than the declaration stops the service, or does so no longer."""
    DRIFT = "Drift"
    """The host held something else than was declared and applied."""
    PERSON = "Person"
    """Somebody said so to the journal."""


class HistoryLine(NamedTuple):
    """One change of one item, or one act on a resource.

    `item` names the item in words, `fields` the values that differed, by name alone; `digest`
    that of the change set. For an act the four of the host are empty.
    """

    owner: Owner
    verb: str
    cause: Cause
    detail: str
    room: str = ""
    host: str = ""
    item: str = ""
    fields: tuple[str, ...] = ()
    digest: str = ""


class Applied(NamedTuple):
    """Changes of a unit that were made on one host; `failed` counts those that were not.

    `seconds` is how long the call took that they were made with, others' changes included.
    """

    place: Place
    digest: str
    records: tuple[HistoryLine, ...]
    failed: int
    seconds: float
