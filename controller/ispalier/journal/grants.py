"""Grants: claims, allocations, choices and passwords, taken in one transaction."""

import secrets
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, tuple_

from ispalier.core.items import Owner
from ispalier.core.memory import Allocation, Choice, Claim, Generation, Wish
from ispalier.journal.bindings import Bindings, Holder, Pair, batched, whose
from ispalier.journal.seal import Seal
from ispalier.journal.tables import CHOICE, PASSWORD, WHOSE
from ispalier.journal.tree import KINDS
from ispalier.world.secret import Secret

ALPHABET = string.ascii_letters + string.digits


@dataclass(slots=True)
class Grants:
    """Grants the wishes of some units on one connection, in order.

    What they may depend on is read once; what is granted is written at the end.
    """

    connection: Connection
    seal: Seal
    bindings: Bindings
    present: frozenset[Owner]
    now: datetime
    refused: dict[Owner, str] = field(default_factory=dict)
    _hoarded: set[tuple[str, str]] = field(default_factory=set)
    _waiting: list[Claim] = field(default_factory=list)
    """Claims on what another resource of the same customer has."""
    _known: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Choices (with a topic) and passwords (without) that are there; of choices the value."""
    _choices: list[dict[str, Any]] = field(default_factory=list)
    _passwords: list[dict[str, Any]] = field(default_factory=list)

    def take(self, wishes: Sequence[Wish]) -> Mapping[Owner, str]:
        """Grant what can be granted; returns who was refused, and why."""
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(select(func.pg_advisory_xact_lock(0x15FA)))
        self._read(wishes)
        for _, of_one in groupby(wishes, key=lambda each: each.owner.customer):
            self._take(of_one)
        self._write()
        return self.refused

    def _take(self, wishes: Iterable[Wish]) -> None:
        """Grant what one customer wishes for, before the next one's turn."""
        for wish in wishes:
            match wish:
                case Claim():
                    self._claim(wish)
                case Allocation():
                    self._allocate(wish)
                case Choice():
                    self._choose(wish)
                case Generation():
                    self._generate(wish)
        self._exchange()

    def _claim(self, claim: Claim) -> None:
        holder = self.bindings.holder(claim.kind, claim.value)
        if holder is None and (why := self._too_many(claim) or self._in_the_way(claim)):
            self.refused[claim.owner] = why
        elif holder is None or self._passes_over(claim, holder):
            self.bindings.bind(claim.kind, claim.value, claim.owner, "claimed")
        elif holder.until is not None or holder.owner.customer != claim.owner.customer:
            self.refused[claim.owner] = _refusal(claim, holder)
        elif holder.owner != claim.owner:
            self._waiting.append(claim)

    def _too_many(self, wish: Claim | Allocation) -> str:
        """Why a customer gets no other value: others need what is kept for what he gave up."""
        if (wish.owner.customer, wish.kind) not in self._hoarded:
            return ""
        return (
            f"too many values of kind {wish.kind} are kept for resources of this customer that are"
            " gone or were changed: declare those again, or wait until they are free"
        )

    def _in_the_way(self, claim: Claim) -> str:
        """Why a name of the DNS that nobody has cannot be given; what one began with one may keep."""
        kind, value, owner, *_ = claim
        if kind not in KINDS or self.bindings.began_with(owner.customer, kind, value):
            return ""
        return self.bindings.tree(kind, value).refusal(claim)

    def _passes_over(self, claim: Claim, holder: Holder) -> bool:
        """Whether a value that is held can be taken: by the same customer, whose old resource is gone."""
        old = holder.owner
        if old.customer != claim.owner.customer:
            return False
        if holder.until is not None:
            return True
        if old == claim.owner or old in self.present:
            return False
        self.bindings.end(old, claim.kind, claim.value, f"taken over by {claim.owner}")
        return True

    def _exchange(self) -> None:
        """Grant what other resources of the customer let go of, be it in exchange for ours."""
        while ready := self._free() or self._ring():
            for claim in ready:
                self.bindings.let_go(claim.owner, claim.kind, claim.value)
            again = [*ready, *(each for each in self._waiting if each not in ready)]
            self._waiting = []
            for claim in again:
                self._claim(claim)
        for claim in self._waiting:
            holder = self.bindings.holder(claim.kind, claim.value)
            if holder is not None:
                self.refused[claim.owner] = _refusal(claim, holder)
        self._waiting = []

    def _free(self) -> list[Claim]:
        """The first claim on each value that nobody has any more."""
        first: dict[Pair, Claim] = {}
        for claim in self._waiting:
            holder = self.bindings.holder(claim.kind, claim.value)
            if holder is None or holder.until is not None:
                first.setdefault((claim.kind, claim.value), claim)
        return list(first.values())

    def _ring(self) -> list[Claim]:
        """Claims of which each waits for what the next one's owner has, and the last for the first's."""
        wanting = {(each.owner, each.kind): each for each in self._waiting}
        for start in self._waiting:
            path, claim = [start], self._next(start, wanting)
            while claim is not None and claim not in path:
                path.append(claim)
                claim = self._next(claim, wanting)
            if claim is start:
                return path
        return []

    def _next(self, claim: Claim, wanting: Mapping[tuple[Owner, str], Claim]) -> Claim | None:
        """What the holder of a value waits for itself."""
        holder = self.bindings.holder(claim.kind, claim.value)
        return wanting.get((holder.owner, claim.kind)) if holder else None

    def _allocate(self, wish: Allocation) -> None:
        if any(wish.fits(each) for each in self.bindings.of(wish.owner, wish.kind)):
            return
        found = self.bindings.of(wish.user, wish.kind) if wish.user else ()
        if wish.user and (fitting := sorted(filter(wish.fits, found))):
            self.bindings.end(wish.user, wish.kind, fitting[0], f"taken over by {wish.owner}")
            self.bindings.bind(wish.kind, fitting[0], wish.owner, "found on a host")
            return
        if why := self._too_many(wish):
            self.refused[wish.owner] = why
            return
        blocked = self.bindings.blocked(wish.kind)
        value = next((each for each in wish.candidates() if each not in blocked), None)
        if value is None:
            self.refused[wish.owner] = f"{wish.where} is full: add a prefix or free an address"
        else:
            self.bindings.bind(wish.kind, value, wish.owner, f"allocated from {wish.where}")

    def _choose(self, wish: Choice) -> None:
        key = (*wish.owner[1:], wish.topic)
        there = self._known.get(key)
        if there == wish.value or (there is not None and not wish.moves):
            return
        if there is not None:
            columns = (*(CHOICE.c[each] for each in WHOSE), CHOICE.c.topic)
            self.connection.execute(delete(CHOICE).where(tuple_(*columns) == key))
        self._known[key] = wish.value
        row = {**whose(wish.owner), "topic": wish.topic, "value": wish.value, "made": self.now}
        self._choices.append(row)

    def _generate(self, wish: Generation) -> None:
        if wish.owner[1:] not in self._known:
            self._known[wish.owner[1:]] = ""
            random = "".join(secrets.choice(ALPHABET) for _ in range(wish.length))
            made = wish.there or Secret(random)
            row = {**whose(wish.owner), "sealed": self.seal.close(made), "made": self.now}
            self._passwords.append(row)

    def _read(self, wishes: Sequence[Wish]) -> None:
        customers = sorted({each.owner.customer for each in wishes})
        claimed = {(each.kind, each.value) for each in wishes if isinstance(each, Claim)}
        self.bindings.read(customers, claimed)
        self._hoarded = self.bindings.hoarded(self.present)
        for names in batched(customers):
            choices = select(CHOICE).where(CHOICE.c.customer.in_(names))
            for row in self.connection.execute(choices):
                key = (row.customer, row.owner_kind, row.owner_name, row.topic)
                self._known[key] = row.value
            passwords = select(PASSWORD).where(PASSWORD.c.customer.in_(names))
            for row in self.connection.execute(passwords):
                self._known[row.customer, row.owner_kind, row.owner_name] = ""

    def _write(self) -> None:
        self.bindings.write()
        for table, rows in ((CHOICE, self._choices), (PASSWORD, self._passwords)):
            if rows:
                self.connection.execute(insert(table), rows)


def _refusal(claim: Claim, holder: Holder) -> str:
    what = f"{claim.kind} '{claim.value}'"
    if holder.until is not None and holder.held_until is not None:
        return f"{what} is held back until {holder.held_until:%Y-%m-%d %H:%M} UTC: use another"
    if holder.owner.customer == claim.owner.customer:
        return f"{what} belongs to {holder.owner}: use another"
    return f"{what} belongs to another customer: use another"
