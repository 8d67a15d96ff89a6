"""The ledger of the journal that the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager

from ispalier.billing.ledger import Ledger
from ispalier.journal.database import check_there
from ispalier.settings import Settings


@contextmanager
def opened(settings: Settings) -> Iterator[Ledger]:
    """The ledger, for as long as it is needed; a journal that is not there is not made."""
    check_there(settings.journal_url)
    ledger = Ledger.open(settings.journal_url)
    try:
        yield ledger
    finally:
        ledger.close()
