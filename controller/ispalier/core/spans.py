"""Spans: on what a pass spends its time, for who collects traces; nothing unless switched on."""

from collections.abc import Awaitable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, TypeVar

T = TypeVar("T")

_NOTHING = nullcontext()


class Spans(Protocol):
    """Begins a span that ends with the context; attributes are names and counts, never values."""

    def __call__(self, name: str, **attributes: str | int) -> AbstractContextManager[object]:
        """A span of that name, within the one that is open."""


def no_spans(name: str, **attributes: str | int) -> AbstractContextManager[object]:  # noqa: ARG001 - the protocol's signature
    """Nobody collects them."""
    return _NOTHING


async def within(span: AbstractContextManager[object], work: Awaitable[T]) -> T:
    """Do work within a span."""
    with span:
        return await work
