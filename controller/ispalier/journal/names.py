"""Names: what the journal knows by name, for whoever types one."""

import json
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

from sqlalchemy import select

from ispalier.journal.book import Book
from ispalier.journal.database import attach, transaction
from ispalier.journal.tables import ABSENCE, TOMBSTONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


class Known(NamedTuple):
    """A resource by its names; of the provider's the customer is empty."""

    customer: str
    kind: str
    name: str

    def __str__(self) -> str:
        """Kind/name, as in messages."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Names(Book):
    """Who and what was declared, as far as the journal knows."""

    @classmethod
    def glance(cls, url: str) -> Self:
        """A journal as it is, which is not migrated: who types a name changes nothing."""
        return cls(attach(url))

    def known(self, *kinds: str) -> Sequence[Known]:
        """Everything of some kinds, without any of all."""
        query = select(TOMBSTONE.c.customer, TOMBSTONE.c.owner_kind, TOMBSTONE.c.owner_name)
        if kinds:
            query = query.where(TOMBSTONE.c.owner_kind.in_(kinds))
        with self._reading() as connection:
            return [Known(*row) for row in connection.execute(query)]

    def absent(self) -> Sequence[Known]:
        """What is no longer declared."""
        query = select(ABSENCE.c.customer, ABSENCE.c.owner_kind, ABSENCE.c.owner_name)
        with self._reading() as connection:
            return [Known(*row) for row in connection.execute(query)]

    def spaces(self) -> Sequence[tuple[str, str]]:
        """The namespaces of customers, each with the number of one who is, or was last, there."""
        query = select(TOMBSTONE.c.body, TOMBSTONE.c.customer).where(
            TOMBSTONE.c.owner_kind == "Tenant"
        )
        with self._reading() as connection:
            found = connection.execute(query).all()
        return sorted((json.loads(body)["metadata"]["namespace"], who) for body, who in found)

    @contextmanager
    def _reading(self) -> "Iterator[Connection]":
        with transaction(self.engine, writes=False) as connection:
            yield connection
