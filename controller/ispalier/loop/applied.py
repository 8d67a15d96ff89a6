"""Applied: one line of the log for each change set that was made on a host."""

from collections import Counter
from itertools import groupby

from ispalier.core.applied import Applied, HistoryLine

_SHOWN = 3
"""Causes that one line names."""


def causes(applied: Applied) -> Counter[tuple[str, str]]:
    """How many changes of each verb were made, by cause."""
    return Counter((each.verb, each.cause.value) for each in applied.records)


def told(applied: Applied) -> dict[str, object]:
    """A change set as fields of a line: where, how many of each verb, digest, causes, seconds."""
    room, host = applied.place
    failed = {"failed": applied.failed} if applied.failed else {}
    return {
        "room": room,
        "host": host,
        **Counter(each.verb for each in applied.records),
        **failed,
        "digest": applied.digest,
        "cause": _causes(applied),
        "seconds": round(applied.seconds, 3),
    }


def _causes(applied: Applied) -> str:
    """Every cause once; of many the first."""
    found = [said for said, _ in groupby(sorted(map(_cause, applied.records)))]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{'; '.join(found[:_SHOWN])}{more}"


def _cause(record: HistoryLine) -> str:
    return f"{record.cause}: {record.detail}" if record.detail else record.cause.value
