"""The first step of a process: nothing is searched for garbage while libraries are loaded.

They are there to stay. With Python's own settings a fifth of a short command would go into that.
"""

import gc


def main() -> None:
    """Load what was asked for, and run it."""
    gc.disable()
    from ispalier.cli.process import run  # noqa: PLC0415 - after the line above

    run()
