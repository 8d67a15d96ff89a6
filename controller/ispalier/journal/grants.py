"""Grants: claims, allocations, choices and passwords, taken in one transaction."""

import secrets
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from ispalier.core.items import Owner
from ispalier.core.memory import Allocation, Choice, Claim, Generation, Wish
from ispalier.journal.seal import Seal
from ispalier.journal.tables import BINDING, CHOICE, PASSWORD
from ispalier.world.secret import Secret

WORDS = {
    "username": "user name",
    "ip": "IP address",
    "zone": "zone",
    "maildomain": "mail domain",
    "address": "mail address",
    "alias": "mail alias",
    "nas": "NAS",
    "customer": "customer number",
}
ALPHABET = string.ascii_letters + string.digits
_BATCH = 400


@dataclass(slots=True)
class Grants:
    """Grants the wishes of one unit on one connection, in order."""

    connection: Connection
    seal: Seal
    present: frozenset[Owner]
    now: datetime
    quarantine: timedelta
    refused: dict[Owner, str] = field(default_factory=dict)

    def take(self, wishes: Sequence[Wish]) -> Mapping[Owner, str]:
        """Grant what can be granted; returns who was refused, and why."""
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(select(func.pg_advisory_xact_lock(0x15FA)))
        holders = self._holders(
            [(each.kind, each.value) for each in wishes if isinstance(each, Claim)]
        )
        for wish in wishes:
            match wish:
                case Claim(kind, value):
                    self._claim(wish, holders.get((kind, value)))
                case Allocation():
                    self._allocate(wish)
                case Choice():
                    self._choose(wish)
                case Generation():
                    self._generate(wish)
        return self.refused

    def _claim(self, claim: Claim, holder: "_Holder | None") -> None:
        if holder is not None and holder.has(claim):
            return
        pair = (claim.kind, claim.value)
        holder = self._holders([pair]).get(pair)  # an earlier wish may just have taken it
        if holder is None or self._passes_over(claim, holder):
            self._bind(claim.kind, claim.value, claim.owner, "claimed")
        else:
            self.refused[claim.owner] = self._refusal(claim, holder)

    def _passes_over(self, claim: Claim, holder: "_Holder") -> bool:
        """Whether a value that is held can be taken: by the same customer, whose old resource is gone."""
        old = holder.owner(claim.owner.installation)
        if old.customer != claim.owner.customer:
            return False
        if holder.until is not None:
            return True
        if old == claim.owner or old in self.present:
            return False
        self._end(BINDING.c.id == holder.id, f"taken over by {claim.owner}", held=None)
        return True

    def _refusal(self, claim: Claim, holder: "_Holder") -> str:
        what = f"{WORDS.get(claim.kind, claim.kind)} '{claim.value}'"
        if holder.until is not None and holder.held_until is not None:
            return f"{what} is held back until {holder.held_until:%Y-%m-%d %H:%M} UTC: use another"
        if holder.customer == claim.owner.customer:
            return f"{what} belongs to {holder.owner_kind}/{holder.owner_name}: use another"
        return f"{what} belongs to another customer: use another"

    def _allocate(self, wish: Allocation) -> None:
        mine = self.connection.scalar(
            select(BINDING.c.value).where(_of(wish.owner), BINDING.c.kind == wish.kind, _LIVE)
        )
        if mine is not None and wish.fits(mine):
            return
        taken = set(
            self.connection.scalars(
                select(BINDING.c.value).where(BINDING.c.kind == wish.kind, self._blocks())
            )
        )
        value = next((each for each in wish.candidates() if each not in taken), None)
        if value is None:
            self.refused[wish.owner] = f"{wish.where} is full: add a prefix or free an address"
        else:
            self._bind(wish.kind, value, wish.owner, f"allocated from {wish.where}")

    def _choose(self, wish: Choice) -> None:
        key = (wish.owner.customer, wish.owner.kind, wish.owner.name, wish.topic)
        columns = (CHOICE.c.customer, CHOICE.c.owner_kind, CHOICE.c.owner_name, CHOICE.c.topic)
        if not self.connection.execute(select(1).where(tuple_(*columns) == key)).first():
            row = (*key, wish.value, self.now)
            self.connection.execute(insert(CHOICE).values(row))

    def _generate(self, wish: Generation) -> None:
        key = wish.owner[1:]
        columns = (PASSWORD.c.customer, PASSWORD.c.owner_kind, PASSWORD.c.owner_name)
        if not self.connection.execute(select(1).where(tuple_(*columns) == key)).first():
            made = Secret("".join(secrets.choice(ALPHABET) for _ in range(wish.length)))
            row = (*key, self.seal.close(made), self.now)
            self.connection.execute(insert(PASSWORD).values(row))

    def _bind(self, kind: str, value: str, owner: Owner, cause: str) -> None:
        """Give a value to an owner; what it had of this kind before ends."""
        held = self.now + self.quarantine if kind == "ip" else None
        self._end(
            and_(_of(owner), BINDING.c.kind == kind, BINDING.c.value != value), "changed", held
        )
        self.connection.execute(
            insert(BINDING).values(
                kind=kind,
                value=value,
                customer=owner.customer,
                owner_kind=owner.kind,
                owner_name=owner.name,
                since=self.now,
                cause=cause,
            )
        )

    def _end(self, which: ColumnElement[bool], why: str, held: datetime | None) -> None:
        self.connection.execute(
            update(BINDING)
            .where(which, _LIVE)
            .values(until=self.now, held_until=held, cause=BINDING.c.cause + f"; {why}")
        )

    def _blocks(self) -> ColumnElement[bool]:
        return or_(_LIVE, BINDING.c.held_until > self.now)

    def _holders(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], "_Holder"]:
        """Who holds these values now, or had them and they are held back still."""
        found: dict[tuple[str, str], _Holder] = {}
        for start in range(0, len(wanted), _BATCH):
            pairs = wanted[start : start + _BATCH]
            rows = self.connection.execute(
                select(BINDING)
                .where(tuple_(BINDING.c.kind, BINDING.c.value).in_(pairs), self._blocks())
                .order_by(BINDING.c.until.is_(None), BINDING.c.id)
            )
            found |= {(row.kind, row.value): _Holder.of(row) for row in rows}
        return found


class _Holder(NamedTuple):
    """A binding that stands in the way."""

    id: int
    customer: str
    owner_kind: str
    owner_name: str
    until: datetime | None
    held_until: datetime | None

    @classmethod
    def of(cls, row: Row[Any]) -> "_Holder":
        return cls(row.id, row.customer, row.owner_kind, row.owner_name, row.until, row.held_until)

    def has(self, claim: Claim) -> bool:
        return self.until is None and self.owner(claim.owner.installation) == claim.owner

    def owner(self, installation: str) -> Owner:
        return Owner(installation, self.customer, self.owner_kind, self.owner_name)


_LIVE = BINDING.c.until.is_(None)


def _of(owner: Owner) -> ColumnElement[bool]:
    return and_(
        BINDING.c.customer == owner.customer,
        BINDING.c.owner_kind == owner.kind,
        BINDING.c.owner_name == owner.name,
    )
