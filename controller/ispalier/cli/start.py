"""The first step of a process: nothing is searched for garbage while libraries are loaded.

They are there to stay. With Python's own settings a fifth of a short command would go into that.
"""

import gc
import signal
import sys

INTERRUPTED = 128 + signal.SIGINT
"""How a shell tells of a command that was interrupted."""


def settle() -> None:
    """What is loaded stays: it is not searched for garbage, again and again and at the end."""
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()


def main() -> None:
    """Load what was asked for, and run it."""
    gc.disable()
    try:
        if sys.argv[1:2] == ["validate"]:
            from ispalier.cli.validate.ahead import ahead  # noqa: PLC0415 - before all that takes longer
            from ispalier.cli.validate.crew import ended  # noqa: PLC0415

            signal.signal(signal.SIGTERM, ended)  # with whoever works for it
            with ahead() as beside:
                from ispalier.cli.process import run  # noqa: PLC0415

                run(beside)
        else:
            from ispalier.cli.process import run  # noqa: PLC0415 - after the first line

            run()
    except KeyboardInterrupt:  # libraries are still being loaded; a command tells it itself
        sys.exit(INTERRUPTED)
