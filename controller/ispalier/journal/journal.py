"""The journal itself: what is remembered of every customer."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, delete, exists, insert, select, tuple_, union

from ispalier.core.absence import TENANT
from ispalier.core.acts import Record, Request
from ispalier.core.gather import NAMESPACE
from ispalier.core.items import Owner, Place
from ispalier.core.lease import Lease
from ispalier.core.limits import Limits
from ispalier.core.memory import (
    ZONE,
    Absence,
    Acquaintance,
    Billed,
    Binding,
    Claim,
    Judged,
    Memory,
    Name,
    Update,
    Wish,
)
from ispalier.core.retention import Retention
from ispalier.core.weight import Fleet, Scales
from ispalier.journal import identity
from ispalier.journal.billed import billed
from ispalier.journal.bindings import Bindings, batched, ceded
from ispalier.journal.database import MEMORY, connect, told
from ispalier.journal.dirty import is_marked, unmark
from ispalier.journal.facts import facts
from ispalier.journal.grants import Grants
from ispalier.journal.history import append, thin
from ispalier.journal.holds import holds
from ispalier.journal.lock import BACKENDS, fence
from ispalier.journal.notes import Notes
from ispalier.journal.operations import Operations, restored
from ispalier.journal.scales import fleet, scales
from ispalier.journal.seal import Seal
from ispalier.journal.tables import (
    ABSENCE,
    BINDING,
    CHOICE,
    META,
    NOT_COPIED,
    PASSWORD,
    TOMBSTONE,
    WHOSE,
    metadata,
    of_customers,
)
from ispalier.journal.weights import held, weigh
from ispalier.world.errors import Conflict, Invalid
from ispalier.world.secret import Secret
from ispalier.world.view import Chosen

EVERYBODY = {
    BINDING: select(*(BINDING.c[each] for each in (*WHOSE, "kind", "value"))).where(
        BINDING.c.until.is_(None)
    ),
    CHOICE: select(CHOICE),
    PASSWORD: select(PASSWORD),
    ABSENCE: select(ABSENCE),
    TOMBSTONE: select(*(TOMBSTONE.c[each] for each in (*WHOSE, "digest", "keep_days"))),
}
SOME = {table: of_customers(query, table) for table, query in EVERYBODY.items()}
"""What is remembered of all, or of these `customers`; built once: that costs more than asking."""
HOMES = select(CHOICE.c.customer, CHOICE.c.value).where(
    CHOICE.c.topic == NAMESPACE,
    CHOICE.c.customer.in_(select(ABSENCE.c.customer).where(ABSENCE.c.owner_kind == TENANT)),
)
"""Where each Tenant was last seen that is noted as gone."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The controller's own memory (core.memory.Journal); every method is one transaction."""

    engine: Engine
    seal: Seal
    installation: str
    quarantine: Mapping[str, timedelta]
    """How long a value that an edit gave up is held back, by the kind of its claim."""
    source: str = ""
    """What it is used with; empty where it does not matter."""
    lease: Lease | None = None
    """Ours to write to back ends; without one, as in a dry run, nothing of a pass is fenced."""

    @classmethod
    def open(
        cls,
        url: str,
        key: Secret,
        installation: str,
        quarantine: Mapping[str, timedelta] = MappingProxyType({}),
        source: str = "",
    ) -> "Journal":
        """Open a journal, make or migrate its tables.

        Refuses one of another installation (Invalid), and one that serves another source (Conflict).
        """
        journal = cls(connect(url), Seal(key), installation, quarantine, source)
        try:
            journal._check("key", journal.seal.check)
            journal._check("installation", installation)
            with journal._writing() as connection:
                identity.bind(connection, source)
        except (Invalid, Conflict):
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
            else:
                identity.check_installation({name: there}, name, value)

    def copy(self) -> "Journal":
        """A copy in memory, for dry runs: what it grants is forgotten. It has no ledger and no history."""
        twin = Journal(connect(MEMORY), self.seal, self.installation, self.quarantine)
        with self._reading() as source, twin._writing() as target:
            for table in metadata.sorted_tables:
                if table in NOT_COPIED:
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

    def confidential(self) -> Sequence[str]:
        """Confidential domains that are their customers', declared still or not."""
        mark = '"confidential": true'
        query = select(TOMBSTONE.c.body).where(
            TOMBSTONE.c.owner_kind == "Domain",
            TOMBSTONE.c.body.contains(mark),
            exists().where(
                BINDING.c.kind == ZONE,
                BINDING.c.until.is_(None),
                BINDING.c.customer == TOMBSTONE.c.customer,
                BINDING.c.owner_kind == TOMBSTONE.c.owner_kind,
                BINDING.c.owner_name == TOMBSTONE.c.owner_name,
            ),
        )
        with self._reading() as connection:
            bodies = map(json.loads, connection.scalars(query))
            return [each["spec"]["name"] for each in bodies if each["spec"].get("confidential")]

    def memories(self, customers: Collection[str] | None = None) -> Mapping[str, Memory]:
        """What is remembered of these customers, or of all; of whom nothing is, is not in it."""
        return self._memories(customers)

    def memory(self, customer: str) -> Memory:
        """What is remembered of a customer."""
        return self._memories([customer]).get(customer, Memory())

    def fleet(self, since: datetime) -> Mapping[str, Fleet]:
        """By kind, what is missing of all customers; what was retired since then counts, too."""
        with self._reading() as connection:
            return fleet(connection, since)

    def last_declared(self, owners: Collection[Owner]) -> Mapping[Owner, str]:
        """The bodies of tombstones."""
        columns = tuple_(*(TOMBSTONE.c[each] for each in WHOSE))
        found: dict[Owner, str] = {}
        with self._reading() as connection:
            for some in batched(sorted(owners)):
                query = select(TOMBSTONE).where(columns.in_([each[1:] for each in some]))
                found |= {self._owner(row): row.body for row in connection.execute(query)}
        return found

    def grant(
        self, wishes: Sequence[Wish], present: frozenset[Owner], now: datetime
    ) -> Mapping[Owner, str]:
        """Grant wishes, in their order; returns who was refused, and why."""
        with self._fenced() as connection:
            bindings = Bindings(connection, self.installation, now, self.quarantine)
            return Grants(connection, self.seal, bindings, present, now).take(wishes)

    def ceded(self, names: frozenset[Name]) -> frozenset[Name]:
        """Which of these their customers gave up, and another has by now."""
        with self._reading() as connection:
            return ceded(connection, names)

    def note(self, updates: Mapping[str, Update], now: datetime) -> None:
        """Write down what a pass found, by customer."""
        with self._fenced() as connection:
            Notes(connection, now).take(updates)
            append(connection, chain(*(each.records for each in updates.values())), now)

    def thin(self, before: datetime) -> None:
        """Forget the history before an instant."""
        with self._fenced() as connection:
            thin(connection, before)

    def carry_out(
        self, request: Request, limits: Limits, retention: Retention, now: datetime
    ) -> Record:
        """Do what is asked for, or return what came of it when it was asked for first."""
        return Operations(self.engine, limits, retention).carry_out(request, now)

    def restored(self, now: datetime) -> Mapping[Owner, str]:
        """What is gone and served all the same for now: as it was last declared, as JSON."""
        return restored(self.engine, self.installation, now)

    def unmark(self) -> frozenset[str]:
        """Take away all dirty marks; returns whose they were."""
        with self._reading() as connection:
            if not is_marked(connection):
                return frozenset()
        with self._fenced() as connection:
            return unmark(connection)

    def held(self) -> Mapping[Owner, str]:
        """Whose changes a brake holds back, and by which cause."""
        with self._reading() as connection:
            return held(connection, self.installation)

    def scales(self, owners: Collection[Owner], since: datetime, *, money: bool) -> Scales:
        """What the weights of some resources are judged against; of money only where asked."""
        with self._reading() as connection:
            return scales(connection, self.installation, owners, since, money=money)

    def weigh(self, judged: Judged, now: datetime, since: datetime) -> None:
        """Write down what was judged, and forget what was made before `since`."""
        with self._fenced() as connection:
            weigh(connection, judged, now, since)

    def acquaintance(self) -> Acquaintance:
        """Which hosts it knows; raises Conflict if it was bound to another source meanwhile."""
        with self._reading() as connection:
            return identity.acquaintance(connection, self.source)

    def meet(self, hosts: Mapping[Place, str], now: datetime) -> None:
        """Write down that hosts were looked at, and what they are."""
        with self._fenced() as connection:
            identity.meet(connection, hosts, now)

    def bind_again(self, claims: Sequence[Claim], now: datetime) -> Sequence[Claim]:
        """Bind values that owners have on hosts; returns those that were forgotten."""
        with self._fenced() as connection:
            bindings = Bindings(connection, self.installation, now, self.quarantine)
            return identity.bind_again(bindings, claims)

    def billed(self) -> Mapping[str, Billed]:
        """When each business unit was last billed, by its name."""
        with self._reading() as connection:
            return billed(connection)

    def compared(self, now: datetime) -> None:
        """Write down that all that is declared was compared with what is remembered."""
        with self._fenced() as connection:
            identity.compared(connection, now)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with told(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _fenced(self) -> Iterator[Connection]:
        """A transaction of a pass; raises Lost if another process makes them now."""
        with self._writing() as connection:
            if self.lease is not None:
                fence(connection, BACKENDS, self.lease)
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told(), self.engine.connect() as connection:
            yield connection.execution_options(writes=False)

    def _memories(self, customers: Collection[str] | None) -> dict[str, Memory]:
        """One query per table."""
        bindings: dict[str, set[Binding]] = defaultdict(set)
        choices: dict[str, dict[Chosen, str]] = defaultdict(dict)
        passwords: dict[str, dict[Chosen, Secret | Invalid]] = defaultdict(dict)
        absences: dict[str, dict[Owner, Absence]] = defaultdict(dict)
        tombstones: dict[str, dict[Owner, str]] = defaultdict(dict)
        kept: dict[str, dict[Owner, int]] = defaultdict(dict)
        queries = EVERYBODY if customers is None else SOME
        values = {} if customers is None else {"customers": list(customers)}
        with self._reading() as connection:
            for row in connection.execute(queries[BINDING], values):
                bindings[row.customer].add(Binding(row.kind, row.value, self._owner(row)))
            for row in connection.execute(queries[CHOICE], values):
                chosen = Chosen(row.owner_kind, row.owner_name, row.topic)
                choices[row.customer][chosen] = row.value
            for row in connection.execute(queries[PASSWORD], values):
                chosen = Chosen(row.owner_kind, row.owner_name, "password")
                passwords[row.customer][chosen] = self.seal.open(row.sealed)
            for row in connection.execute(queries[ABSENCE], values):
                owner = self._owner(row)
                absences[row.customer][owner] = Absence(
                    owner, row.since, row.retired, row.approved, row.purge
                )
            for row in connection.execute(queries[TOMBSTONE], values):
                owner = self._owner(row)
                tombstones[row.customer][owner] = row.digest
                if row.keep_days is not None:
                    kept[row.customer][owner] = row.keep_days
            gone = {each for each, of in absences.items() if any(who.kind == TENANT for who in of)}
            homes: dict[str, set[str]] = defaultdict(set)
            for row in connection.execute(HOMES) if gone else ():
                homes[row.value].add(row.customer)
            observed = facts(connection, customers)
            held = holds(connection, customers)
        found = {*bindings, *choices, *passwords, *absences, *tombstones, *observed, *held}
        return {
            each: Memory(
                frozenset(bindings[each]),
                choices[each],
                passwords[each],
                absences[each],
                frozenset(observed.get(each, ())),
                tombstones[each],
                held.get(each, ()),
                kept[each],
                homes if each in gone else {},
            )
            for each in found
        }

    def _owner(self, row: Any) -> Owner:  # noqa: ANN401 - a row of any table with an owner
        return Owner(self.installation, row.customer, row.owner_kind, row.owner_name)
