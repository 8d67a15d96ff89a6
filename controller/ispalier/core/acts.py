"""Acts: what somebody asks for once, and what came of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from ispalier.api.acts import OperationSpec

DEADLINE = timedelta(minutes=10)
"""An act that nobody carried out for so long is not wanted any more."""


class Ended(StrEnum):
    """How an act ended."""

    DONE = "Done"
    FAILED = "Failed"
    EXPIRED = "Expired"


class Request(NamedTuple):
    """An act that is asked for; one name means one act, for ever."""

    namespace: str
    name: str
    spec: OperationSpec
    asked: datetime


class Record(NamedTuple):
    """What came of an act."""

    state: Ended
    result: str
    at: datetime
