"""Reading facts: what was observed and still counts."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from ispalier.core.memory import Fact
from ispalier.journal.tables import FACT


def facts(connection: Connection, customer: str | None = None) -> Mapping[str, Sequence[Fact]]:
    """Facts by customer, of one customer or of all; without those that a correction superseded."""
    query = select(FACT) if customer is None else select(FACT).where(FACT.c.customer == customer)
    rows = connection.execute(query.order_by(FACT.c.seq)).all()
    superseded = {
        (row.customer, row.subscription, row.ordinal, row.topic, row.supersedes)
        for row in rows
        if row.supersedes is not None
    }
    found: dict[str, list[Fact]] = {}
    for row in rows:
        if (row.customer, row.subscription, row.ordinal, row.topic, row.seq) not in superseded:
            fact = Fact(row.subscription, row.topic, row.day, row.value, row.seq)
            found.setdefault(row.customer, []).append(fact)
    return found
