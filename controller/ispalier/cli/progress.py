"""Progress: on a terminal, what takes more than a moment shows how far it is, and whom it waits for."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TimeElapsedColumn,
)
from rich.table import Column
from rich.text import Text

from ispalier.cli.output import counted, err
from ispalier.core.calls import Calls

MOMENT = 1.0
"""Seconds that nobody minds waiting without a word."""
_SHOWN = 3


class _Waiting(ProgressColumn):
    """Whom it waits for, looked up at every turn of the spinner."""

    def __init__(self, waits_for: Callable[[], str]) -> None:
        super().__init__(Column(no_wrap=True, overflow="ellipsis"))
        self._waits_for = waits_for

    def render(self, task: Task) -> Text:  # noqa: ARG002 - rich's interface
        who = self._waits_for()
        return Text(f"waiting for {who}" if who else "")


@contextmanager
def progress(waits_for: Callable[[], str], total: int = 0) -> Iterator[Callable[[], None]]:
    """Show it until the end of the block, which calls what it gets for each of a total."""
    console = err()
    how_far = (BarColumn(20), MofNCompleteColumn()) if total else ()
    shown = Progress(
        SpinnerColumn(),
        *how_far,
        TimeElapsedColumn(),
        _Waiting(waits_for),
        console=console,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    )
    task = shown.add_task("", total=total or None)
    begins = threading.Timer(MOMENT, shown.start)
    begins.daemon = True
    if console.is_terminal:
        begins.start()
    try:
        yield lambda: shown.advance(task)
    finally:
        begins.cancel()
        if begins.is_alive():
            begins.join()
        if shown.live.is_started:
            shown.stop()


def hosts_of(calls: Calls) -> Callable[[], str]:
    """The hosts that have not answered yet."""

    def names() -> str:
        found = sorted({host for (_, host), count in [*calls.at_work.items()] if count})
        more = [f"and {counted(len(found) - _SHOWN, 'more host')}"] if len(found) > _SHOWN else []
        return ", ".join([*found[:_SHOWN], *more])

    return names
