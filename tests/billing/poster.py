"""A process that posts and may be killed; it is told journal, folder, contracts per transaction."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from ispalier.billing.guards import Request
from ispalier.billing.ledger import Ledger
from ispalier.billing.run import bill
from ispalier.journal.writer import Patience
from ispalier.world.load import load

AS_OF = date(2007, 9, 30)


def main(url: str, folder: str, chunk: str) -> None:
    """Post everything."""
    ledger = Ledger.open(url)
    request = Request(AS_OF, datetime.now(UTC), first_run=True)
    with ledger.alone(Patience(lease=2, wait=10)) as ledger:  # who was killed had it
        world = load([Path(folder)]).world
        bill(ledger, world, request, dry_run=False, chunk=int(chunk))


if __name__ == "__main__":
    main(*sys.argv[1:])
