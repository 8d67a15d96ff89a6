"""Reading facts: what was observed and still counts."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, select

from ispalier.core.memory import Fact
from ispalier.journal.tables import FACT, of_customers

_EVERYBODY = select(FACT).order_by(FACT.c.seq)
_SOME = of_customers(_EVERYBODY, FACT)


def facts(
    connection: Connection, customers: Collection[str] | None = None
) -> Mapping[str, Sequence[Fact]]:
    """Facts by customer, of these or of all; without those that a correction superseded."""
    if customers is None:
        rows = connection.execute(_EVERYBODY).all()
    else:
        rows = connection.execute(_SOME, {"customers": list(customers)}).all()
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
