"""Pending: the sets that brakes hold back, each with a digest, and letting one go."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select, tuple_, update

from ispalier.core.brakes import too_many
from ispalier.core.impact import Impact
from ispalier.core.limits import INTERRUPTIONS, REMOVALS_OF, REVENUE, Limits
from ispalier.core.weight import Weight
from ispalier.journal.bindings import batched
from ispalier.journal.book import Book
from ispalier.journal.database import transaction
from ispalier.journal.dirty import mark
from ispalier.journal.history import Act, tell
from ispalier.journal.scales import fleet
from ispalier.journal.tables import ABSENCE, WHOSE
from ispalier.journal.weights import WEIGHT, is_held, weight_of
from ispalier.world.errors import Invalid


class PendingChange(NamedTuple):
    """A resource of a set: what would become of it, and the digest of exactly that."""

    customer: str
    kind: str
    name: str
    what: str
    digest: str = ""

    def __str__(self) -> str:
        """Kind/name, as in messages."""
        return f"{self.kind}/{self.name}"


class PendingSet(NamedTuple):
    """What is held back by one cause: all of it waits for one word.

    `subjects` are the services that are interrupted or worse; `revenue` is by how much the sum
    per month changes, by currency, in its smallest unit.
    """

    cause: str
    reason: str
    impact: Impact
    subjects: int
    revenue: Mapping[str, int]
    since: datetime
    resources: Sequence[PendingChange]
    is_absence: bool = False

    @property
    def digest(self) -> str:
        """12 hexadecimal digits for exactly these resources and what is dangerous about them."""
        lines = "\n".join(f"{each.customer} {each} {each.digest}" for each in self.resources)
        return hashlib.sha256(f"{self.cause}\n{lines}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Pending(Book):
    """What is held back in a journal; no key is needed to look at it, or to let it go."""

    def sets(self, limits: Limits, now: datetime) -> Sequence[PendingSet]:
        """Everything that waits for a person, by cause."""
        with transaction(self.engine, writes=False) as connection:
            return list(_sets(connection, limits, now))

    def approve(self, digest: str, said: str, limits: Limits, now: datetime) -> PendingSet:
        """Let exactly a set go, saying who and why; raises Invalid if there is none any more.

        Whatever is held back later, or became another change meanwhile, is not part of it.
        """
        with transaction(self.engine, writes=True) as connection:
            return approve(connection, digest, said, limits, now)


def approve(
    connection: Connection, digest: str, said: str, limits: Limits, now: datetime
) -> PendingSet:
    """Let exactly a set go; a running operator looks at it at once. Raises Invalid."""
    found = {each.digest: each for each in _sets(connection, limits, now)}
    if digest not in found:
        message = (
            f"nothing that is held back has the digest {digest}, or not any more:"
            " see `ispalier pending` for what is there now"
        )
        raise Invalid(message)
    which = found[digest]
    table = ABSENCE if which.is_absence else WEIGHT
    for some in batched(which.resources):
        values = {"approved": f"{said} ({now:%Y-%m-%dT%H:%M:%SZ})"}
        connection.execute(update(table).where(_among(table, some)).values(values))
    act = Act("approve", said, now, which.digest)
    tell(connection, act, [each[:3] for each in which.resources])
    mark(connection, {each.customer for each in which.resources})
    return which


def _among(table: Table, some: Sequence[PendingChange]) -> Any:  # noqa: ANN401 - a condition
    if table is ABSENCE:
        columns = tuple_(*(table.c[each] for each in WHOSE))
        named = columns.in_([(each.customer, each.kind, each.name) for each in some])
        return named & table.c.retired.is_(None)
    columns = tuple_(*(table.c[each] for each in (*WHOSE, "digest")))
    return columns.in_([(e.customer, e.kind, e.name, e.digest) for e in some]) & is_held()


def _sets(connection: Connection, limits: Limits, now: datetime) -> Iterator[PendingSet]:
    yield from _absent(connection, limits, now)
    query = select(WEIGHT).where(is_held(), WEIGHT.c.approved == "")
    rows = connection.execute(query.order_by(*(WEIGHT.c[each] for each in (*WHOSE, "digest"))))
    by_cause: dict[str, list[Any]] = {}
    for row in rows:
        by_cause.setdefault(row.cause, []).append(row)
    for cause, some in sorted(by_cause.items()):
        yield _edited(
            cause, [weight_of(row, "") for row in some], min(r.since for r in some), limits
        )


def _absent(connection: Connection, limits: Limits, now: datetime) -> Iterator[PendingSet]:
    reasons = too_many(fleet(connection, now - limits.window), limits)
    if not reasons:
        return
    query = select(ABSENCE).where(
        ABSENCE.c.owner_kind.in_(reasons),
        ABSENCE.c.retired.is_(None),
        ABSENCE.c.approved == "",
    )
    by_kind: dict[str, list[Any]] = {}
    for row in connection.execute(query.order_by(*(ABSENCE.c[each] for each in WHOSE))):
        by_kind.setdefault(row.owner_kind, []).append(row)
    for kind, rows in sorted(by_kind.items()):
        gone = "is no longer declared"
        yield PendingSet(
            cause=f"missing {kind}",
            reason=reasons[kind],
            impact=Impact.INTERRUPT,
            subjects=len(rows),
            revenue={},
            since=min(row.since for row in rows),
            resources=[PendingChange(row.customer, kind, row.owner_name, gone) for row in rows],
            is_absence=True,
        )


def _edited(cause: str, some: Sequence[Weight], since: datetime, limits: Limits) -> PendingSet:
    services: dict[tuple[str, str], int] = {}
    revenue: dict[str, int] = {}
    for each in some:
        service = (each.owner.customer, each.subject)
        services[service] = max(services.get(service, 0), each.subjects)
        if each.currency:
            revenue[each.currency] = revenue.get(each.currency, 0) + each.shift
    count = sum(services.values())
    return PendingSet(
        cause=cause,
        reason=_reason(cause, len(some), count, limits),
        impact=max(each.impact for each in some),
        subjects=count,
        revenue=revenue,
        since=since,
        resources=[PendingChange(*each.owner[1:], each.what, each.digest) for each in some],
    )


def _reason(cause: str, resources: int, services: int, limits: Limits) -> str:
    minutes = f"{limits.window.total_seconds() / 60:g} min"
    match cause:
        case _ if cause == INTERRUPTIONS:
            return (
                f"changes that interrupt {services} service{'s' * (services != 1)}: of more than"
                f" {limits.interrupted_always} and {limits.interrupted_percent:g} % of all within"
                f" {minutes} a person decides"
            )
        case _ if cause == REVENUE:
            return (
                f"what {resources} contracts and their services owe: of more than"
                f" {limits.revenue_percent:g} % of all recurring revenue within {minutes} a person"
                " decides"
            )
        case _:
            kind = cause.removeprefix(REMOVALS_OF)
            return (
                f"edits that remove what {resources} {kind} resources hold: of more than"
                f" {limits.always} and {limits.percent:g} % of all within {minutes} a person decides"
            )
