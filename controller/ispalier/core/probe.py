"""Probes: what to ask a service so that its answer proves that it serves as declared."""

from collections.abc import Hashable
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from ispalier.core.items import Owner, Place

Question: TypeAlias = Hashable
"""All that is needed to ask about one item, and what answer proves that it is served.

Rooms have their own; two that are equal have the same answer while nothing is wrong.
"""


class Reason(StrEnum):
    """What came of a probe."""

    ANSWERS = "Answers"
    WRONG = "WrongAnswer"
    NONE = "NoAnswer"
    NOT_PROBED = "NotProbed"

    @property
    def is_failure(self) -> bool:
        """Whether the service does not serve as declared."""
        return self in (Reason.WRONG, Reason.NONE)


class Reply(NamedTuple):
    """What a service said to a question, or that it said nothing."""

    reason: Reason
    message: str = ""


class NotProbed(NamedTuple):
    """No answer would prove anything, or nobody can be asked; and why."""

    why: str

    @property
    def reply(self) -> Reply:
        """The same as what is told."""
        return Reply(Reason.NOT_PROBED, self.why)


class Proven(NotProbed):
    """Nothing is asked any more: it was proven."""

    __slots__ = ()

    @property
    def reply(self) -> Reply:
        """It is so."""
        return Reply(Reason.ANSWERS, self.why)


PROBED = "Probed"
"""The condition of a resource; on contracts and tenants there is one a room, `RADIUSProbed`."""


class Subject(NamedTuple):
    """What is asked about: a resource as one host serves it, and the condition that tells of it."""

    owner: Owner
    place: Place
    condition: str = PROBED
    is_ours: bool = True
    """Whether the host is at fault if the answer is wrong, or others are who point to it."""


Probes: TypeAlias = dict[Subject, Question | NotProbed]
"""What to ask about some items, or why nothing is asked."""


def endpoint(text: str, port: int) -> tuple[str, int]:
    """Host and port of `host`, `host:port`, `[IPv6]` or `[IPv6]:port`."""
    host, _, given = text.rpartition(":") if _has_port(text) else (text, "", "")
    return host.strip("[]"), int(given) if given else port


def _has_port(text: str) -> bool:
    return ":" in text.rpartition("]")[2]
