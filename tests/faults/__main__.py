"""Replay a schedule: `python -m tests.faults SEED` tells what happens in it, to its end."""

import os
import sys

from tests.faults.schedule import run

HASHES = {"PYTHONHASHSEED": "0"}
"""As `make test` sets it: the order of sets is part of a schedule."""

if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(  # noqa: S606 - this very program
            sys.executable,
            [sys.executable, "-m", "tests.faults", *sys.argv[1:]],
            {**os.environ, **HASHES},
        )
    run(int(sys.argv[1]), tell=print)
