"""The log of what stays: one line per event, on standard error."""

import logging
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from ispalier.world.findings import tame_json, tame_lines
from ispalier.world.hidden import Hidden


def log_to_stderr(hidden: Hidden) -> None:
    """One line per event: for people on a terminal, JSON elsewhere; what is hidden is left out."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hiding(hidden),
            *(for_people() if sys.stderr.isatty() else for_programs()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def for_people() -> Sequence[Processor]:
    """The last steps for a terminal, which takes no orders from what customers and authors write."""
    return _tamed, structlog.dev.ConsoleRenderer()


def for_programs() -> Sequence[Processor]:
    """The last steps for whoever collects logs, and shows them on a terminal in the end."""

    def told(logger: WrappedLogger, method: str, event: EventDict) -> str:
        return tame_json(str(json(logger, method, event)))

    json = structlog.processors.JSONRenderer(ensure_ascii=False)
    return (told,)


def _tamed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What happened, in plain text; all beside it is quoted where that is necessary."""
    return {**event, "event": tame_lines(str(event.get("event", "")))}


def hiding(hidden: Hidden) -> Processor:
    """A step of logging that leaves out what is hidden, wherever in an event it stands."""

    def hide(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        shown: EventDict = hidden.value(event)
        return shown

    return hide
