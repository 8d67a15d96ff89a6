"""Notes: what a pass found, written down on one connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, tuple_, update

from ispalier.core.items import Owner
from ispalier.core.memory import Absence, Binding, Fact, Tombstone, Update
from ispalier.journal.bindings import batched, whose
from ispalier.journal.tables import ABSENCE, BINDING, FACT, TOMBSTONE, WHOSE


@dataclass(frozen=True, slots=True)
class Notes:
    """Writes down absences, released claims and facts."""

    connection: Connection
    now: datetime

    def take(self, updates: Mapping[str, Update]) -> None:
        """Write down what a pass found, by customer."""
        for customer, each in updates.items():
            self._take(customer, each)
        every = updates.values()
        self._bury(
            [tombstone for each in every for tombstone in each.declared],
            [owner for each in every for owner in each.purged],
        )

    def _take(self, customer: str, update_: Update) -> None:
        for absence in update_.absent:
            self._absent(absence)
        for owner in update_.returned:
            self.connection.execute(delete(ABSENCE).where(_is(ABSENCE, owner)))
        for binding in update_.released:
            self._release(binding)
        if update_.facts:
            self._observed(customer, update_.facts)

    def _bury(self, tombstones: Sequence[Tombstone], purged: Sequence[Owner]) -> None:
        """Put tombstones in the place of older ones; nothing more is known of who is purged."""
        columns = tuple_(*(TOMBSTONE.c[each] for each in WHOSE))
        old = [*(each.owner[1:] for each in tombstones), *(each[1:] for each in purged)]
        for some in batched(old):
            self.connection.execute(delete(TOMBSTONE).where(columns.in_(some)))
        rows = [
            {
                **whose(each.owner),
                "digest": each.digest,
                "body": each.body,
                "changed": self.now,
                "keep_days": each.keep_days,
            }
            for each in tombstones
        ]
        if rows:
            self.connection.execute(insert(TOMBSTONE), rows)

    def _absent(self, absence: Absence) -> None:
        row: dict[str, object] = {"since": absence.since, "retired": absence.retired}
        if absence.retired is None:
            row |= {"approved": "", "purge": ""}  # it is missing anew
        changed = self.connection.execute(
            update(ABSENCE).where(_is(ABSENCE, absence.owner)).values(row)
        )
        if not changed.rowcount:
            self.connection.execute(insert(ABSENCE).values(**whose(absence.owner), **row))

    def _release(self, binding: Binding) -> None:
        self.connection.execute(
            update(BINDING)
            .where(
                _is(BINDING, binding.owner),
                BINDING.c.kind == binding.kind,
                BINDING.c.value == binding.value,
                BINDING.c.until.is_(None),
            )
            .values(until=self.now, cause=BINDING.c.cause + "; retention over")
        )

    def _observed(self, customer: str, facts: Sequence[Fact]) -> None:
        """Append facts; each topic of a contract counts on from where it was."""
        last: dict[tuple[str, str], int] = {
            (subscription, topic): seq
            for subscription, topic, seq in self.connection.execute(
                select(FACT.c.subscription, FACT.c.topic, func.max(FACT.c.seq))
                .where(
                    FACT.c.customer == customer,
                    FACT.c.subscription.in_({each.subscription for each in facts}),
                )
                .group_by(FACT.c.subscription, FACT.c.topic)
            )
        }
        rows = []
        for fact in facts:
            of = (fact.subscription, fact.topic)
            last[of] = last.get(of, -1) + 1
            rows.append(
                {
                    "customer": customer,
                    "subscription": fact.subscription,
                    "ordinal": 0,
                    "topic": fact.topic,
                    "seq": last[of],
                    "day": fact.day,
                    "value": fact.value,
                    "recorded": self.now,
                    "cause": "observed",
                }
            )
        self.connection.execute(insert(FACT), rows)


def _is(table: Any, owner: Owner) -> Any:  # noqa: ANN401 - any table with an owner
    return and_(
        table.c.customer == owner.customer,
        table.c.owner_kind == owner.kind,
        table.c.owner_name == owner.name,
    )
