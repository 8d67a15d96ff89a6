"""What `ispalier pending` and `approve` do and tell."""

import getpass
import hashlib
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ispalier.cli.absent import opened
from ispalier.cli.output import Format, counted, err, fail, out, print_json
from ispalier.cli.place import settings_for
from ispalier.core.brakes import too_many
from ispalier.journal.identity import Papers
from ispalier.journal.missing import Graveyard, Missing
from ispalier.settings import Settings

_SHOWN = 10


class Held(NamedTuple):
    """Resources of a kind of which too many are missing; the digest names exactly these."""

    kind: str
    reason: str
    resources: Sequence[Missing]

    @property
    def digest(self) -> str:
        """12 hexadecimal digits."""
        lines = "\n".join(f"{each.customer} {each}" for each in self.resources)
        return hashlib.sha256(lines.encode()).hexdigest()[:12]


def told_of_held(folder: Path, format_: Format) -> None:
    """List what is held back, by kind."""
    settings = settings_for([folder])
    with opened(settings) as graveyard:
        found = _held(graveyard, settings)
        unconfirmed = Papers(graveyard.engine).meta().get("unconfirmed", "")
    if format_ is Format.JSON:
        pending = [_as_json(each) for each in found]
        print_json({"pending": pending, "unconfirmed": unconfirmed})
        return
    for each in found:
        out().print(f"{each.digest}  {each.reason}")
        some = [f"{one} of customer {one.customer}" for one in each.resources[:_SHOWN]]
        more = len(each.resources) - len(some)
        out().print(f"  {', '.join(some)}{f' and {more} more' if more else ''}")
    if unconfirmed:
        err().print(f"all that is missing waits: {unconfirmed}")
    err().print(
        f"{counted(len(found), 'set')} held back"
        + (': `ispalier approve DIGEST --why "…"` lets one go' if found else "")
    )


def approved(folder: Path, digest: str, why: str) -> None:
    """Let what has this digest go, if it is still the same."""
    settings = settings_for([folder])
    with opened(settings) as graveyard:
        found = {each.digest: each for each in _held(graveyard, settings)}
        if digest not in found:
            fail(f"nothing that is held back has the digest {digest}: see `ispalier pending`")
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        count = graveyard.approve(found[digest].resources, f"{who()} at {at}: {why}")
    err().print(
        f"{counted(count, 'resource')} approved: each is switched off when its hold time is over"
    )


def who() -> str:
    """Whoever runs this command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return f"uid {os.getuid()}"


def _held(graveyard: Graveyard, settings: Settings) -> list[Held]:
    fleet = graveyard.fleet(datetime.now(UTC) - settings.limits.window)
    waiting = [each for each in graveyard.missing() if each.retired is None and not each.approved]
    return [
        Held(kind, reason, [each for each in waiting if each.kind == kind])
        for kind, reason in too_many(fleet, settings.limits).items()
    ]


def _as_json(each: Held) -> dict[str, object]:
    resources = [{"customer": one.customer, "resource": str(one)} for one in each.resources]
    return {"digest": each.digest, "kind": each.kind, "why": each.reason, "resources": resources}
