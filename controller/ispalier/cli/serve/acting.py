"""Who acts for `ispalier run`: its right to write, from the start to the end of the process."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ispalier.cli.installation import opened
from ispalier.cli.output import Exit
from ispalier.core.gather import Identity
from ispalier.core.lease import Lease
from ispalier.journal.journal import Journal
from ispalier.journal.lock import BACKENDS
from ispalier.journal.writer import Writer, clock
from ispalier.settings import Settings

GRACE = 5
"""Seconds from the loss of the lease to the end of the process."""
FIRST = "stop that first"
ONE = f"{FIRST}, or keep the journal on PostgreSQL, where a second replica stands by"


@contextmanager
def acting(settings: Settings, who: Identity) -> Iterator[tuple[Journal, Writer]]:
    """The journal, and who may act or stands by; raises Conflict on SQLite if another one acts."""
    lease = Lease(who.installation, settings.lease, clock)
    with opened(settings, who, lease) as journal:
        writer = Writer.of(journal.engine, BACKENDS, lease, "ispalier run")
        if not writer.lock.expires:
            writer.take_within(0, ONE)
        threading.Thread(target=_end_when_lost, args=(lease,), daemon=True).start()
        try:
            yield journal, writer
        finally:
            writer.release()


def _end_when_lost(lease: Lease) -> None:
    """See to it that the process ends, whatever waits for a system that does not answer."""
    while lease.epoch == 0 or lease.left > 0:
        time.sleep(1)
    time.sleep(GRACE)
    os._exit(Exit.PROBLEMS)
