"""The heap of a process that runs for long: what it takes for a moment goes back to the system."""

import ctypes
import gc
from contextlib import suppress

YOUNG = 10_000
"""Objects after which garbage is looked for."""
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""Of mallopt(3)."""


def steady() -> None:
    """Before anything is loaded: large buffers of their own, few heaps; nothing without glibc.

    A connection of asyncio takes 256 KB. As soon as one is given back glibc puts others of this
    size on its heap, which then never shrinks.
    """
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, 128 * 1024)
        libc.mallopt(_ARENA_MAX, 2)


def settle() -> None:
    """What is here stays; from now on garbage is looked for soon.

    A short command collects seldom and ends before that matters.
    """
    gc.unfreeze()  # what loading left behind was put aside with all that stays
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 5, 5)
