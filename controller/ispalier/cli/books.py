"""The books of the journal that the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from ispalier.cli.output import fail
from ispalier.journal.book import Book
from ispalier.journal.database import check_there
from ispalier.settings import Settings
from ispalier.world.errors import IspalierError

B = TypeVar("B", bound=Book)


@contextmanager
def opened(book: type[B], settings: Settings) -> Iterator[B]:
    """A book of the journal, which must be there; errors end the command."""
    try:
        check_there(settings.journal_url)
        found = book.open(settings.journal_url)
        try:
            yield found
        finally:
            found.close()
    except IspalierError as error:
        fail(error)
