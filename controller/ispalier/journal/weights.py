"""Weights: what brakes let go of late, what they hold back, and who approved what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    text,
    tuple_,
    update,
)

from ispalier.core.impact import Impact
from ispalier.core.items import Owner
from ispalier.core.memory import Judged
from ispalier.core.weight import Weight
from ispalier.journal.bindings import batched, whose
from ispalier.journal.tables import WHOSE, Instant, metadata

WEIGHT = Table(
    "weight",
    metadata,
    Column("customer", String(32), primary_key=True),
    Column("owner_kind", String(63), primary_key=True),
    Column("owner_name", String(253), primary_key=True),
    Column("digest", String(16), primary_key=True),
    Column("subject", String(320), nullable=False),
    Column("subjects", Integer, nullable=False),
    Column("impact", Integer, nullable=False),
    Column("removes", Integer, nullable=False),
    Column("shift", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("what", Text, nullable=False),
    Column("cause", String(80), nullable=False),
    Column("since", Instant, nullable=False),
    Column("made", Instant),
    Column("approved", Text, nullable=False, server_default=text("''")),
    comment="Dangerous changes: held back, or let go within the window of the brakes.",
)


def is_held() -> Any:  # noqa: ANN401 - a condition
    """Of rows that were not made yet, approved or not."""
    return WEIGHT.c.made.is_(None)


def weight_of(row: Any, installation: str) -> Weight:  # noqa: ANN401 - a row of the table
    """A row as it was weighed."""
    return Weight(
        owner=Owner(installation, row.customer, row.owner_kind, row.owner_name),
        digest=row.digest,
        subject=row.subject,
        subjects=row.subjects,
        impact=Impact(row.impact),
        removes=bool(row.removes),
        shift=row.shift,
        currency=row.currency,
        what=row.what,
    )


def held(connection: Connection, installation: str) -> Mapping[Owner, str]:
    """Whose changes are held back, and by which cause."""
    query = select(*(WEIGHT.c[each] for each in (*WHOSE, "cause"))).where(is_held())
    return {
        Owner(installation, row.customer, row.owner_kind, row.owner_name): row.cause
        for row in connection.execute(query)
    }


def weigh(connection: Connection, judged: Judged, now: datetime, since: datetime) -> None:
    """Write down what was judged; what was made before `since` counts no longer.

    What a person approved stays, and is forgotten with the window: the history tells of it for ever.
    """
    connection.execute(delete(WEIGHT).where(WEIGHT.c.made < since))
    named = tuple_(*(WEIGHT.c[each] for each in (*WHOSE, "digest")))
    for some in batched([(*owner[1:], digest) for owner, digest in judged.over]):
        connection.execute(delete(WEIGHT).where(named.in_(some), is_held()))
    there: set[tuple[str, ...]] = set()
    for some in batched([(*each.owner[1:], each.digest) for each in judged.made]):
        connection.execute(update(WEIGHT).where(named.in_(some)).values(made=now))
        query = select(*(WEIGHT.c[each] for each in (*WHOSE, "digest"))).where(named.in_(some))
        there |= {tuple(row) for row in connection.execute(query)}
    rows = [
        *(_row(each, now, cause=cause) for each, cause in judged.held.items()),
        *(
            _row(each, now, made=now)
            for each in judged.made
            if (*each.owner[1:], each.digest) not in there
        ),
    ]
    if rows:
        connection.execute(insert(WEIGHT), rows)


def _row(
    each: Weight, now: datetime, *, cause: str = "", made: datetime | None = None
) -> Mapping[str, object]:
    return {
        **whose(each.owner),
        "digest": each.digest,
        "subject": each.subject,
        "subjects": each.subjects,
        "impact": int(each.impact),
        "removes": int(each.removes),
        "shift": each.shift,
        "currency": each.currency,
        "what": each.what,
        "cause": cause,
        "since": now,
        "made": made,
        "approved": "",
    }
