"""Scales: what brakes judge by, as the journal has it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, or_, select, tuple_

from ispalier.core.items import Owner
from ispalier.core.weight import MONTHLY, Fleet, Named, Scales
from ispalier.journal.bindings import batched
from ispalier.journal.tables import ABSENCE, BINDING, FACT, TOMBSTONE, WHOSE
from ispalier.journal.weights import WEIGHT, weight_of


def fleet(connection: Connection, since: datetime) -> Mapping[str, Fleet]:
    """By kind, what is missing of all customers; what was retired since then counts, too.

    Of kinds that hold claims one without any was renamed: what it had is another's now.
    """
    live = BINDING.c.until.is_(None)
    serving = set(connection.scalars(select(BINDING.c.owner_kind).where(live).distinct()))
    holds = exists().where(live, *(BINDING.c[each] == ABSENCE.c[each] for each in WHOSE))
    has_kind = or_(ABSENCE.c.owner_kind.not_in(serving), holds)
    unapproved = and_(ABSENCE.c.approved == "", has_kind)
    kind, number = ABSENCE.c.owner_kind, func.count().label("number")
    waiting = select(kind, number).where(ABSENCE.c.retired.is_(None), unapproved).group_by(kind)
    off = select(kind, number).where(ABSENCE.c.retired >= since, unapproved).group_by(kind)
    every = select(TOMBSTONE.c.owner_kind, number).group_by(TOMBSTONE.c.owner_kind)
    removed = select(WEIGHT.c.owner_kind, number).where(
        WEIGHT.c.removes == 1, WEIGHT.c.made >= since, WEIGHT.c.approved == ""
    )
    removed = removed.group_by(WEIGHT.c.owner_kind)
    missing, gone, of, edited = (
        {row.owner_kind: row.number for row in connection.execute(query)}
        for query in (waiting, off, every, removed)
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
