"""The journal itself: what is remembered of every customer."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, delete, func, insert, select, union, update

from ispalier.core.items import Owner
from ispalier.core.memory import Absence, Binding, Memory, Update, Wish
from ispalier.journal.database import MEMORY, connect, told
from ispalier.journal.facts import facts
from ispalier.journal.grants import Grants
from ispalier.journal.seal import Seal
from ispalier.journal.tables import (
    ABSENCE,
    BINDING,
    CHOICE,
    FACT,
    LEDGER,
    META,
    PASSWORD,
    metadata,
)
from ispalier.world.errors import Invalid
from ispalier.world.secret import Secret
from ispalier.world.view import Chosen


@dataclass(frozen=True, slots=True)
class Journal:
    """The controller's own memory (core.memory.Journal); every method is one transaction."""

    engine: Engine
    seal: Seal
    installation: str
    quarantine: timedelta

    @classmethod
    def open(
        cls, url: str, key: Secret, installation: str, quarantine: timedelta = timedelta(days=7)
    ) -> "Journal":
        """Open a journal, make or migrate its tables; refuses one of another installation."""
        journal = cls(connect(url), Seal(key), installation, quarantine)
        try:
            journal._check("key", journal.seal.check)
            journal._check("installation", installation)
        except Invalid:
            journal.close()
            raise
        return journal

    def close(self) -> None:
        """Let go of connections."""
        self.engine.dispose()

    def _check(self, name: str, value: str) -> None:
        with self._writing() as connection:
            there = connection.scalar(select(META.c.value).where(META.c.name == name))
            if there is None:
                connection.execute(insert(META).values(name=name, value=value))
            elif there != value:
                message = (
                    f"the journal belongs to another installation (its {name} differs):"
                    " use the right journal, or the id and key that it was made with"
                )
                raise Invalid(message)

    def copy(self) -> "Journal":
        """A copy in memory, for dry runs: what it grants is forgotten. It has no ledger."""
        twin = Journal(connect(MEMORY), self.seal, self.installation, self.quarantine)
        with self._reading() as source, twin._writing() as target:
            for table in metadata.sorted_tables:
                if table in LEDGER:
                    continue
                rows = [dict(row) for row in source.execute(select(table)).mappings()]
                if rows:
                    target.execute(delete(table))
                    target.execute(insert(table), rows)
        return twin

    def customers(self) -> Sequence[str]:
        """Every customer number that holds anything."""
        tables = (BINDING, CHOICE, ABSENCE)
        with self._reading() as connection:
            return sorted(connection.scalars(union(*(select(each.c.customer) for each in tables))))

    def memory(self, customer: str) -> Memory:
        """What is remembered of a customer."""
        return self._memories(customer).get(customer, Memory())

    def memories(self) -> Mapping[str, Memory]:
        """What is remembered of all customers, read at once."""
        return self._memories(None)

    def grant(
        self, wishes: Sequence[Wish], present: frozenset[Owner], now: datetime
    ) -> Mapping[Owner, str]:
        """Grant wishes, in their order; returns who was refused, and why."""
        with self._writing() as connection:
            return Grants(connection, self.seal, present, now, self.quarantine).take(wishes)

    def note(self, customer: str, update_: Update, now: datetime) -> None:
        """Write down what a pass found."""
        with self._writing() as connection:
            for absence in update_.absent:
                row = {"since": absence.since, "retired": absence.retired}
                changed = connection.execute(
                    update(ABSENCE).where(_is(ABSENCE, absence.owner)).values(row)
                )
                if not changed.rowcount:
                    connection.execute(insert(ABSENCE).values(**_row(absence.owner), **row))
            for owner in update_.returned:
                connection.execute(delete(ABSENCE).where(_is(ABSENCE, owner)))
            for each in update_.released:
                held = now + self.quarantine if each.kind == "ip" else None
                connection.execute(
                    update(BINDING)
                    .where(
                        _is(BINDING, each.owner),
                        BINDING.c.kind == each.kind,
                        BINDING.c.value == each.value,
                        BINDING.c.until.is_(None),
                    )
                    .values(until=now, held_until=held, cause=BINDING.c.cause + "; retention over")
                )
            for fact in update_.facts:
                where = and_(
                    FACT.c.customer == customer,
                    FACT.c.subscription == fact.subscription,
                    FACT.c.topic == fact.topic,
                )
                seq = connection.scalar(select(func.max(FACT.c.seq)).where(where))
                connection.execute(
                    insert(FACT).values(
                        customer=customer,
                        subscription=fact.subscription,
                        ordinal=0,
                        topic=fact.topic,
                        seq=0 if seq is None else seq + 1,
                        day=fact.day,
                        value=fact.value,
                        recorded=now,
                        cause="observed",
                    )
                )

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with told(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told(), self.engine.connect() as connection:
            yield connection.execution_options(writes=False)

    def _memories(self, customer: str | None) -> dict[str, Memory]:
        """One query per table; of one customer, or of all."""
        bindings: dict[str, set[Binding]] = defaultdict(set)
        choices: dict[str, dict[Chosen, str]] = defaultdict(dict)
        passwords: dict[str, dict[Chosen, Secret]] = defaultdict(dict)
        absences: dict[str, dict[Owner, Absence]] = defaultdict(dict)

        def of(query: Select[Any], table: Any) -> Select[Any]:  # noqa: ANN401 - any table
            return query if customer is None else query.where(table.c.customer == customer)

        with self._reading() as connection:
            for row in connection.execute(
                of(select(BINDING).where(BINDING.c.until.is_(None)), BINDING)
            ):
                bindings[row.customer].add(Binding(row.kind, row.value, self._owner(row)))
            for row in connection.execute(of(select(CHOICE), CHOICE)):
                chosen = Chosen(row.owner_kind, row.owner_name, row.topic)
                choices[row.customer][chosen] = row.value
            for row in connection.execute(of(select(PASSWORD), PASSWORD)):
                chosen = Chosen(row.owner_kind, row.owner_name, "password")
                passwords[row.customer][chosen] = self.seal.open(row.sealed)
            for row in connection.execute(of(select(ABSENCE), ABSENCE)):
                owner = self._owner(row)
                absences[row.customer][owner] = Absence(owner, row.since, row.retired)
            observed = facts(connection, customer)
        found = {*bindings, *choices, *passwords, *absences, *observed}
        return {
            each: Memory(
                frozenset(bindings[each]),
                choices[each],
                passwords[each],
                absences[each],
                frozenset(observed.get(each, ())),
            )
            for each in found
        }

    def _owner(self, row: Any) -> Owner:  # noqa: ANN401 - a row of any table with an owner
        return Owner(self.installation, row.customer, row.owner_kind, row.owner_name)


def _row(owner: Owner) -> dict[str, str]:
    return {
        "customer": owner.customer,
        "owner_kind": owner.kind,
        "owner_name": owner.name,
    }


def _is(table: Any, owner: Owner) -> Any:  # noqa: ANN401 - any table with an owner
    return and_(
        table.c.customer == owner.customer,
        table.c.owner_kind == owner.kind,
        table.c.owner_name == owner.name,
    )
