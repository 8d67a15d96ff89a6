"""The log of what stays: one line per event, on standard error."""

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from ispalier.world.hidden import Hidden


def log_to_stderr(hidden: Hidden) -> None:
    """One line per event: for people on a terminal, JSON elsewhere; what is hidden is left out."""
    shown = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hiding(hidden),
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def hiding(hidden: Hidden) -> Processor:
    """A step of logging that leaves out what is hidden, wherever in an event it stands."""

    def hide(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        shown: EventDict = hidden.value(event)
        return shown

    return hide
