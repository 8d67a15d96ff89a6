"""What `ispalier pending` and `approve` do and tell."""

from collections.abc import Container, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ispalier.billing.money import formatted
from ispalier.cli.books import opened
from ispalier.cli.output import Format, counted, err, out, print_json
from ispalier.cli.place import settings_for
from ispalier.cli.who import who
from ispalier.journal.identity import Papers
from ispalier.journal.pending import Pending, PendingSet
from ispalier.settings import Settings

_SHOWN = 10


def told_of_pending(folder: Path, format_: Format) -> None:
    """List what is held back, by cause."""
    settings = settings_for([folder])
    with opened(Pending, settings) as pending:
        found = pending.sets(settings.limits, datetime.now(UTC))
        unconfirmed = Papers(pending.engine).meta().get("unconfirmed", "")
    if format_ is Format.JSON:
        sets = [_as_json(each) for each in found]
        print_json({"pending": sets, "unconfirmed": unconfirmed})
        return
    for each in found:
        out().print(f"{each.digest}  {each.reason}")
        out().print(f"  {', '.join(_weights(each))}, since {each.since:%Y-%m-%d %H:%M} UTC")
        for one in each.resources[:_SHOWN]:
            whose = f"customer {one.customer}" if one.customer else "the provider"
            out().print(f"  {one} of {whose}: {one.what}")
        if len(each.resources) > _SHOWN:
            out().print(f"  and {len(each.resources) - _SHOWN} more, all with --format json")
    if unconfirmed:
        err().print(f"all that is missing waits: {unconfirmed}")
    err().print(
        f"{counted(len(found), 'set')} held back"
        + (': `ispalier approve DIGEST --why "…"` lets one go' if found else "")
    )


def approved(folder: Path, digest: str, why: str) -> None:
    """Let what has this digest go, if it is still the same."""
    settings = settings_for([folder])
    now = datetime.now(UTC)
    with opened(Pending, settings) as pending:
        said = f"{who()}: {why}"
        done = pending.approve(digest, said, settings.limits, now)
    when = "when its hold time is over" if done.is_absence else "by the next pass"
    what = "switched off" if done.is_absence else "changed"
    err().print(f"{counted(len(done.resources), 'resource')} approved: each is {what} {when}")


def pending_of(customers: Container[str], settings: Settings, pending: Pending) -> Sequence[str]:
    """What is told at the end of `ispalier apply`: why some of these wait, and the digest."""
    return [
        f"{each.reason} (digest {each.digest})"
        for each in pending.sets(settings.limits, datetime.now(UTC))
        if any(one.customer in customers for one in each.resources)
    ]


def _weights(each: PendingSet) -> Iterator[str]:
    yield f"impact {each.impact}"
    yield counted(each.subjects, "service")
    for currency, minor in sorted(each.revenue.items()):
        sign = "+" if minor > 0 else ""
        yield f"{sign}{formatted(minor, currency)} {currency} per month"


def _as_json(each: PendingSet) -> dict[str, object]:
    return {
        "digest": each.digest,
        "cause": each.cause,
        "why": each.reason,
        "impact": str(each.impact),
        "subjects": each.subjects,
        "revenue": {code: formatted(minor, code) for code, minor in sorted(each.revenue.items())},
        "since": f"{each.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "resources": [
            {"customer": one.customer, "resource": str(one), "what": one.what}
            for one in each.resources
        ],
    }
