"""Versions: which news of an object counts, however late or out of order it arrives.

Objects are known by namespace and name, and remember their uid and resourceVersion, which the API
server lets us compare within a kind (KEP-5504). News come from a watch and from lists side by side:

    seen, newer than what is known     counts
    seen, as old or older              does not
    seen, but deleted since            does not, until a list newer than the deletion is complete
    deleted, of the known uid          counts
    deleted, of another uid            does not: the object was made again meanwhile
    not in a complete list             counts, unless what is known is newer than the list
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from ispalier.world.snapshot import Ident

Raw: TypeAlias = Mapping[str, Any]
"""An object as the API server spells it."""


class Version(NamedTuple):
    """One version of one object."""

    uid: str
    number: int


@dataclass(slots=True)
class _Kind:
    known: dict[Ident, Version] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    """Deleted uids, with the version of the deletion."""
    listed: int = 0
    """The version of the last complete list: what was there then and is not known is gone."""


@dataclass(slots=True)
class Versions:
    """What is known of every object of every kind."""

    _kinds: dict[str, _Kind] = field(default_factory=dict)

    def of(self, which: Ident) -> Version | None:
        """The version that is known of an object."""
        return self._kind(which.kind).known.get(which)

    def see(self, which: Ident, raw: Raw) -> bool:
        """Take an object in; tells whether it is news."""
        kind, version = self._kind(which.kind), version_of(raw)
        known = kind.known.get(which)
        if version.uid in kind.gone:
            return False
        if version.number <= (known.number if known else kind.listed):
            return False
        kind.known[which] = version
        return True

    def lose(self, which: Ident, raw: Raw) -> bool:
        """Take a deletion in; tells whether it is news."""
        kind, version = self._kind(which.kind), version_of(raw)
        kind.gone[version.uid] = version.number
        known = kind.known.get(which)
        if known is None or known.uid != version.uid:
            return False
        del kind.known[which]
        return True

    def missing(self, kind_name: str, seen: set[Ident], number: int) -> Iterator[Ident]:
        """Take the end of a complete list in; yields what it shows to be gone."""
        kind = self._kind(kind_name)
        for which, version in list(kind.known.items()):
            if which not in seen and version.number <= number:
                del kind.known[which]
                yield which
        kind.gone = {uid: at for uid, at in kind.gone.items() if at > number}
        kind.listed = max(kind.listed, number)

    def _kind(self, name: str) -> _Kind:
        return self._kinds.setdefault(name, _Kind())


def version_of(raw: Raw) -> Version:
    """The version of an object."""
    meta = raw["metadata"]
    return Version(meta["uid"], int(meta["resourceVersion"]))


def ident_of(kind: str, raw: Raw) -> Ident:
    """The identity of an object."""
    meta = raw["metadata"]
    return Ident(kind, meta.get("namespace", ""), meta["name"])
