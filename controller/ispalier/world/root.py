"""The root file `ispalier.yaml`: whose folder this is."""

import re
from typing import NamedTuple

from ispalier.world.findings import Finding, Json, unknown_field

NAME = "ispalier.yaml"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{5,62}")


class Root(NamedTuple):
    """What the root file says."""

    installation: str


def root(value: Json) -> Root | list[Finding]:
    """Read the root file, or say what is wrong with it."""
    if not isinstance(value, dict):
        return [Finding((), "is not a mapping", "make it with `ispalier init`")]
    found = [
        unknown_field((name,), name, dict.fromkeys(Root._fields))
        for name in value
        if name not in Root._fields
    ]
    installation = value.get("installation")
    if not isinstance(installation, str) or _ID.fullmatch(installation) is None:
        what = "is not the id of an installation"
        found.append(Finding(("installation",), what, "make it with `ispalier init`"))
        return found
    return found or Root(installation)
