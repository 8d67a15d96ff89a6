"""What the files no longer declare and what still serves, until its hold time is over."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from ispalier.cli.output import rfc3339
from ispalier.core.items import PROVIDER, Owner
from ispalier.core.memory import Memory
from ispalier.core.retention import Retention
from ispalier.world.snapshot import Ident, Snapshot


class Gone(NamedTuple):
    """Somebody who is no longer declared, and from when on what was served is switched off."""

    owner: Owner
    hold: timedelta
    since: datetime | None

    def __str__(self) -> str:
        """One line."""
        who = (
            f"{self.owner} of customer {self.owner.customer}" if self.owner.customer else self.owner
        )
        when = (
            f"an apply after {self.since + self.hold:%Y-%m-%d %H:%M} UTC switches it off"
            if self.since
            else f"an apply {self.hold.total_seconds() / 60:.0f} minutes after this one switches it off"
        )
        return f"no longer declared: {who}: {when}"

    def as_json(self) -> dict[str, str | None]:
        """The same as JSON."""
        due = rfc3339(self.since + self.hold) if self.since else None
        return {"customer": self.owner.customer, "resource": str(self.owner), "after": due}


def gone(
    world: Snapshot,
    customers: Iterable[str],
    memories: Mapping[str, Memory],
    retention: Retention,
) -> list[Gone]:
    """Who was served, is not declared any more and is still waited for."""
    found: list[Gone] = []
    for customer in customers:
        memory = memories.get(customer, Memory())
        tenants = world.tenants(customer) if customer != PROVIDER else []
        namespace = tenants[0].namespace if tenants else ""
        hold = retention.hold(tenant_is_gone=False)
        for owner in sorted(memory.owners() | memory.absences.keys()):
            record = memory.absences.get(owner)
            is_there = world.find(Ident(owner.kind, namespace, owner.name)) is not None
            is_waited_for = record is None or record.retired is None
            if not is_there and is_waited_for and owner.kind != "Tenant":
                found.append(Gone(owner, hold, record.since if record else None))
    return found
