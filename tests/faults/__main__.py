"""Replay a schedule: `python -m tests.faults SEED` tells what happens in it, to its end."""

import sys

from tests.faults.schedule import run

if __name__ == "__main__":
    run(int(sys.argv[1]), tell=print)
