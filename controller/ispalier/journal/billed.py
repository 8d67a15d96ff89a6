"""Billed: when each business unit was last billed to the end, and what came of it.

One row of `meta`, as JSON: a run that finds nothing to post leaves no other trace.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from ispalier.core.memory import Billed
from ispalier.journal.tables import META

_OURS = META.c.name == "billed"


def billed(connection: Connection) -> Mapping[str, Billed]:
    """The last run of every unit."""
    found = json.loads(connection.scalar(select(META.c.value).where(_OURS)) or "{}")
    return {
        unit: Billed(
            datetime.fromisoformat(each["at"]),
            date.fromisoformat(each["next"]) if each["next"] else None,
            each["unbilled"],
        )
        for unit, each in found.items()
    }


def note_billed(connection: Connection, runs: Mapping[str, Billed]) -> None:
    """Write down that some units were billed; the caller is alone with the ledger."""
    known = {**billed(connection), **runs}
    value = json.dumps(
        {
            unit: {
                "at": each.at.isoformat(),
                "next": each.next_charge.isoformat() if each.next_charge else "",
                "unbilled": each.unbilled,
            }
            for unit, each in sorted(known.items())
        }
    )
    if not connection.execute(update(META).where(_OURS).values(value=value)).rowcount:
        connection.execute(insert(META).values(name="billed", value=value))
