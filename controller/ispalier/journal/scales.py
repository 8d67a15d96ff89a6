"""Scales: what brakes judge by, as the journal has it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
)

from ispalier.core.items import Owner
from ispalier.core.weight import MONTHLY, Fleet, Named, Scales
from ispalier.journal.bindings import batched
from ispalier.journal.tables import ABSENCE, BINDING, FACT, TOMBSTONE, WHOSE
from ispalier.journal.weights import WEIGHT, weight_of

_LIVE = BINDING.c.until.is_(None)
_SERVING = select(BINDING.c.owner_kind).where(_LIVE).distinct()
_HAS = exists().where(_LIVE, *(BINDING.c[each] == ABSENCE.c[each] for each in WHOSE))
_UNAPPROVED = and_(ABSENCE.c.approved == "", or_(ABSENCE.c.owner_kind.not_in(_SERVING), _HAS))
_NUMBER = func.count().label("number")


def _by_kind(table: Table, *where: ColumnElement[bool]) -> Select[Any]:
    kind = table.c.owner_kind
    return select(kind, _NUMBER).where(*where).group_by(kind)


_FLEET = (
    _by_kind(ABSENCE, ABSENCE.c.retired.is_(None), _UNAPPROVED),
    _by_kind(ABSENCE, ABSENCE.c.retired >= bindparam("since"), _UNAPPROVED),
    _by_kind(TOMBSTONE),
    _by_kind(
        WEIGHT,
        WEIGHT.c.removes == 1,
        WEIGHT.c.made >= bindparam("since"),
        WEIGHT.c.approved == "",
    ),
)
"""Made once: making them takes longer than running them."""


def fleet(connection: Connection, since: datetime) -> Mapping[str, Fleet]:
    """By kind, what is missing of all customers; what was retired since then counts, too.

    Of kinds that hold claims one without any was renamed: what it had is another's now.
    """
    serving = set(connection.scalars(_SERVING))
    missing, gone, of, edited = (
        {row.owner_kind: row.number for row in connection.execute(query, values)}
        for query, values in zip(_FLEET, ({}, {"since": since}, {}, {"since": since}), strict=True)
    )
    return {
        each: Fleet(
            missing=missing.get(each, 0) + gone.get(each, 0),
            gone=gone.get(each, 0),
            edited=edited.get(each, 0),
            serves=each in serving,
            of=of.get(each, 0),
        )
        for each in missing.keys() | gone.keys() | of.keys()
    }


def scales(
    connection: Connection,
    installation: str,
    owners: Collection[Owner],
    since: datetime,
    *,
    money: bool,
) -> Scales:
    """What the weights of some resources are judged against; of money only where asked."""
    within = select(WEIGHT).where(WEIGHT.c.made >= since, WEIGHT.c.approved == "")
    columns = tuple_(*(WEIGHT.c[each] for each in WHOSE))
    held: dict[Named, str] = {}
    approved: set[Named] = set()
    for some in batched(sorted(each[1:] for each in owners)):
        ours = select(WEIGHT).where(
            columns.in_(some),
            or_(WEIGHT.c.made.is_(None), and_(WEIGHT.c.approved != "", WEIGHT.c.made >= since)),
        )
        for row in connection.execute(ours):
            if row.approved:
                approved.add(weight_of(row, installation).named)
            else:
                held[weight_of(row, installation).named] = row.cause
    return Scales(
        fleet=fleet(connection, since),
        made=[weight_of(row, installation) for row in connection.execute(within)],
        held=held,
        approved=frozenset(approved),
        revenue=_revenue(connection) if money else {},
    )


def _revenue(connection: Connection) -> Mapping[str, int]:
    """What all contracts owe per month, by currency, as it was last taken over."""
    which = (FACT.c.customer, FACT.c.subscription, FACT.c.ordinal)
    last = (
        select(*which, func.max(FACT.c.seq).label("seq"))
        .where(FACT.c.topic == MONTHLY)
        .group_by(*which)
        .subquery()
    )
    same = and_(*(FACT.c[each.name] == last.c[each.name] for each in (*which, FACT.c.seq)))
    query = select(FACT.c.value).where(FACT.c.topic == MONTHLY).join(last, same)
    found: dict[str, int] = {}
    for value in connection.scalars(query):
        amount, _, currency = value.partition(" ")
        found[currency] = found.get(currency, 0) + int(amount)
    return found
