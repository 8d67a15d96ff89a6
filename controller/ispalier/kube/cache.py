"""The cache: what the API server was last heard to hold, kept as a snapshot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ispalier.api.base import Resource
from ispalier.api.kinds import BY_NAME
from ispalier.api.lean import replaced
from ispalier.core.conditions import with_status
from ispalier.kube.parse import parsed
from ispalier.kube.versions import Raw, Version, Versions, ident_of, version_of
from ispalier.loop.dirty import Change
from ispalier.world.snapshot import Broken, Ident, Snapshot


class _Essence(NamedTuple):
    """What of an object, when it changes, calls for a pass."""

    uid: str
    generation: int
    is_going: bool
    labels: Mapping[str, str]


class _Unread(NamedTuple):
    """What is known of an object that cannot be read."""

    essence: _Essence
    status: Mapping[str, Any]


@dataclass(slots=True)
class _Telling:
    """A status on its way to the API server, and the one to fall back to."""

    status: Mapping[str, Any]
    before: Resource | Mapping[str, Any]
    """What carried the status before, or that status."""
    seen: int = 0
    """The latest version that arrived meanwhile."""


@dataclass(slots=True)
class Cache:
    """Feeds the snapshot with events and lists, by the rules of `versions`.

    A change of the status alone is taken in and is no change. While a status of ours is being
    written, older ones that arrive meanwhile do not count.
    """

    world: Snapshot
    versions: Versions = field(default_factory=Versions)
    _unread: dict[Ident, _Unread] = field(default_factory=dict)
    _telling: dict[Ident, _Telling] = field(default_factory=dict)

    def see(self, kind: str, raw: Raw) -> Change | None:
        """Take an object in."""
        which = ident_of(kind, raw)
        if not self.versions.see(which, raw):
            return None
        before, essence = self.world.find(which), _essence(raw)
        status, is_same = self._status_in(which, raw), self._essence(which) == essence
        if isinstance(before, Resource) and is_same:
            self.world.put(with_status(before, status))
            return None
        after = parsed(BY_NAME[kind], {**raw, "status": status})
        self._unread.pop(which, None)
        if isinstance(after, Broken):
            self._unread[which] = _Unread(essence, status)
        self.world.put(after)
        return None if is_same else Change(which, before, after)

    def lose(self, kind: str, raw: Raw) -> Change | None:
        """Take a deletion in."""
        which = ident_of(kind, raw)
        return self._forget(which) if self.versions.lose(which, raw) else None

    def listed(self, kind: str, seen: set[Ident], number: int) -> Iterator[Change]:
        """Take the end of a complete list in: what is not in it is gone."""
        for which in self.versions.missing(kind, seen, number):
            yield self._forget(which)

    def telling(self, which: Ident, status: Mapping[str, Any]) -> None:
        """A status is on its way to the API server: from now on it is the one."""
        thing = self.world.find(which)
        before = thing if isinstance(thing, Resource) else self.status_of(which)
        self._telling[which] = _Telling(status, before)
        self._put_status(which, status)

    def told(self, which: Ident, raw: Raw | None) -> None:
        """The API server has the status, as part of this object; None if it did not take it."""
        telling = self._telling.pop(which, None)
        if telling is None:
            return
        if raw is None or version_of(raw).number < telling.seen:
            self._put_status(which, telling.before)
        elif self._essence(which) == _essence(raw):
            self.versions.see(which, raw)
        else:
            self.see(which.kind, raw)

    def status_of(self, which: Ident) -> Mapping[str, Any]:
        """The status that an unreadable object carries."""
        unread = self._unread.get(which)
        return {} if unread is None else unread.status

    def version_of(self, which: Ident) -> Version | None:
        """The version that is known of an object."""
        return self.versions.of(which)

    def _forget(self, which: Ident) -> Change:
        before = self.world.find(which)
        self.world.leave(which, datetime.now(UTC))
        self._unread.pop(which, None)
        return Change(which, before, None)

    def _essence(self, which: Ident) -> _Essence | None:
        match self.world.find(which):
            case Resource(metadata=meta):
                going = meta.deletion_timestamp is not None
                return _Essence(meta.uid, meta.generation, going, meta.labels)
            case _:
                unread = self._unread.get(which)
                return None if unread is None else unread.essence

    def _status_in(self, which: Ident, raw: Raw) -> Mapping[str, Any]:
        status: Mapping[str, Any] = raw.get("status") or {}
        telling = self._telling.get(which)
        if telling is None:
            return status
        telling.before, telling.seen = status, version_of(raw).number
        return telling.status

    def _put_status(self, which: Ident, status: Resource | Mapping[str, Any]) -> None:
        match self.world.find(which), status:
            case Resource() as resource, Resource() as before:
                self.world.put(replaced(resource, status=before.status))
            case Resource() as resource, Mapping():
                self.world.put(with_status(resource, status))
            case Broken(), Mapping():
                self._unread[which] = self._unread[which]._replace(status=status)
            case _:
                pass


def _essence(raw: Raw) -> _Essence:
    meta = raw["metadata"]
    return _Essence(
        meta["uid"],
        meta.get("generation", 0),
        "deletionTimestamp" in meta,
        meta.get("labels") or {},
    )
