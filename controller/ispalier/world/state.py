"""How far something serves."""

from enum import IntEnum


class State(IntEnum):
    """The higher, the less it serves."""

    ACTIVE = 0
    SUSPENDED = 1
    RETIRED = 2
