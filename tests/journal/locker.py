"""A process that takes the lock of a journal, says so, and waits to be killed."""

import signal
import sys

from ispalier.core.lease import Lease
from ispalier.journal.database import connect
from ispalier.journal.lock import BACKENDS
from ispalier.journal.writer import Writer, clock


def main(url: str, seconds: str) -> None:
    """Hold it."""
    engine = connect(url)
    lease = Lease("test", float(seconds), clock)
    with Writer.of(engine, BACKENDS, lease, "ispalier run").alone(0, "wait"):
        sys.stdout.write("mine\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
