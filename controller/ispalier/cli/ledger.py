"""The ledger of the journal that the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager

from ispalier.billing.ledger import Ledger
from ispalier.journal.database import file_of
from ispalier.settings import Settings
from ispalier.world.errors import Invalid


@contextmanager
def opened(settings: Settings) -> Iterator[Ledger]:
    """The ledger, for as long as it is needed; a journal that is not there is not made."""
    file = file_of(settings.journal_url)
    if file is not None and not file.exists():
        raise Invalid(
            f"there is no journal {file}: name the folder that it stands in, or set"
            " ISPALIER_JOURNAL_URL to the one that `ispalier run` or `ispalier apply` keeps"
        )
    ledger = Ledger.open(settings.journal_url)
    try:
        yield ledger
    finally:
        ledger.close()
