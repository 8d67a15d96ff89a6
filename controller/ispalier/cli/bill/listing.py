"""What `ispalier entries` shows."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, true

from ispalier.billing.entries import in_reading_order
from ispalier.cli.bill.ledger import opened
from ispalier.cli.bill.lines import as_json, print_event, print_table, rfc3339, summary
from ispalier.cli.options import Listing
from ispalier.cli.output import err, fail, print_json
from ispalier.cli.place import settings_for
from ispalier.journal.tables import ENTRY
from ispalier.world.errors import IspalierError


class Filter(NamedTuple):
    """Which entries are shown."""

    customer: str
    subscription: str
    since: date | None
    until: date | None

    @property
    def condition(self) -> ColumnElement[bool]:
        """The same in SQL."""
        return and_(
            ENTRY.c.payer == self.customer if self.customer else true(),
            ENTRY.c.subscription == self.subscription if self.subscription else true(),
            ENTRY.c.period_end > self.since if self.since else true(),
            ENTRY.c.period_start < self.until if self.until else true(),
        )


def listed(path: Path, which: Filter, format_: Listing) -> None:
    """Print entries of the ledger: JSON lines in the order of posting, else by contract."""
    try:
        with opened(settings_for([path])) as ledger:
            found = ledger.recorded(which.condition)
            if format_ is Listing.JSONL:
                for each in found:
                    print_event(each.entry, each.batch.posted)
                return
            ordered = sorted(found, key=lambda each: in_reading_order(each.entry))
    except IspalierError as error:
        fail(error)
    if format_ is Listing.JSON:
        lines = [
            {**as_json(each.entry), "batch": each.number, "posted": rfc3339(each.batch.posted)}
            for each in ordered
        ]
        print_json({"entries": lines})
        return
    print_table((each.entry, each.batch.posted) for each in ordered)
    err().print(summary([each.entry for each in ordered]))
