"""The first step of a process: nothing is searched for garbage while libraries are loaded.

They are there to stay. With Python's own settings a fifth of a short command would go into that.
"""

import gc
import signal
import sys

INTERRUPTED = 128 + signal.SIGINT
"""How a shell tells of a command that was interrupted."""


def main() -> None:
    """Load what was asked for, and run it."""
    gc.disable()
    try:
        from ispalier.cli.process import run  # noqa: PLC0415 - after the line above

        run()
    except KeyboardInterrupt:  # libraries are still being loaded; a command tells it itself
        sys.exit(INTERRUPTED)
