"""Identity: what a journal is used with, the hosts it knows, and whether a person stands by it.

Rows of the table `meta`: `key` and `installation` say whose it is, `source` what it serves, and
`unconfirmed` why nothing that is missing may be timed. `compared` is when everything that is
declared was compared with it since; `established` marks a journal that is older than its hosts.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from ispalier.core.items import Place
from ispalier.core.memory import Acquaintance, Claim
from ispalier.journal.bindings import Bindings
from ispalier.journal.book import Book
from ispalier.journal.database import told
from ispalier.journal.tables import ABSENCE, HOST, META
from ispalier.world.errors import Conflict, Invalid

FOLDER, GIT, CLUSTER = "folder", "git", "cluster"
"""How sources begin. A folder that is no repository has no name of its own."""
ADOPTED = ""
"""In the place of a room: a person let both installations share the host."""


_META, _HOSTS = select(META), select(HOST)


class Missing(NamedTuple):
    """How many resources of a kind are not declared any more and not off yet."""

    kind: str
    number: int
    customers: int


@dataclass(frozen=True, slots=True)
class Papers(Book):
    """What a journal says of itself; no key is needed to read it."""

    def meta(self) -> Mapping[str, str]:
        """All rows of `meta`."""
        with self._transaction(writes=False) as connection:
            return meta(connection)

    def rebind(self, source: str, said: str) -> None:
        """Serve another source; whatever is missing there waits for a person to confirm it."""
        with self._transaction(writes=True) as connection:
            before = meta(connection).get("source", "")
            _set(connection, "source", source)
            what = f"it served {shown(before)} and was bound to {shown(source)} by {said}"
            unconfirm(connection, what)

    def unconfirm(self, why: str) -> None:
        """Let nothing that is missing be timed until a person confirms it."""
        with self._transaction(writes=True) as connection:
            unconfirm(connection, why)

    def confirm(self, said: str, now: datetime) -> None:
        """Stand by what is declared: hold times and retentions of what is missing begin now."""
        with self._transaction(writes=True) as connection:
            connection.execute(delete(META).where(META.c.name == "unconfirmed"))
            _set(connection, "confirmed", said)
            waiting = ABSENCE.c.retired.is_(None)
            connection.execute(update(ABSENCE).where(waiting).values(since=now))
            connection.execute(update(ABSENCE).where(~waiting).values(retired=now))

    def adopt(self, host: str, said: str, now: datetime) -> None:
        """Let a host that serves another installation serve this one, too."""
        with self._transaction(writes=True) as connection:
            _meet(connection, {(ADOPTED, host): ""}, now, said)

    def missing(self) -> Sequence[Missing]:
        """What is not declared any more and not off yet, by kind."""
        query = select(ABSENCE.c.owner_kind, ABSENCE.c.customer).where(ABSENCE.c.retired.is_(None))
        found: dict[str, list[str]] = {}
        with self._transaction(writes=False) as connection:
            for kind, customer in connection.execute(query):
                found.setdefault(kind, []).append(customer)
        return [Missing(kind, len(who), len(set(who))) for kind, who in sorted(found.items())]

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        with (
            told(),
            self.engine.connect() as connection,
            connection.execution_options(writes=writes).begin(),
        ):
            yield connection


def meta(connection: Connection) -> Mapping[str, str]:
    """All rows of `meta`."""
    return {row.name: row.value for row in connection.execute(_META)}


def check_source(there: str, source: str) -> bool:
    """Whether a journal that serves one source is to be used with this one, and writes it down.

    Raises Conflict if it serves another. A folder that has become a repository is still the same.
    """
    if there == source or not source:
        return False
    if not there or (there == FOLDER and source.startswith(GIT)):
        return True
    message = (
        f"the journal serves {shown(there)}, and this is {shown(source)}: use the journal that goes"
        ' with it, or bind this one with `ispalier journal rebind --why "…"`'
    )
    raise Conflict(message)


def bind(connection: Connection, source: str) -> None:
    """Bind a journal that serves nothing yet; raises Conflict if it serves another source."""
    if check_source(meta(connection).get("source", ""), source):
        _set(connection, "source", source)


def shown(source: str) -> str:
    """A source in messages."""
    kind, _, name = source.partition(":")
    match kind:
        case "cluster":
            return f"the cluster whose kube-system has the uid {name}"
        case "git":
            first, _, folder = name.partition(":")
            where = f", folder {folder}" if folder else ""
            return f"the repository whose first commit is {first[:12]}{where}"
        case "folder":
            return "a folder that is no git repository"
        case _:
            return "nothing yet"


def acquaintance(connection: Connection, source: str) -> Acquaintance:
    """What a journal knows of hosts; raises Conflict if it serves another source by now."""
    says = meta(connection)
    check_source(says.get("source", ""), source)
    rows = connection.execute(_HOSTS).all()
    hosts = {(row.room, row.host): row.target for row in rows if row.room != ADOPTED}
    return Acquaintance(
        hosts,
        frozenset(row.host for row in rows if row.room == ADOPTED),
        not hosts and "established" not in says,
        says.get("unconfirmed", ""),
    )


def meet(connection: Connection, hosts: Mapping[Place, str], now: datetime) -> None:
    """Write down that hosts were looked at."""
    _meet(connection, hosts, now, "")


def compared(connection: Connection, now: datetime) -> None:
    """Write down when everything was compared."""
    _set(connection, "compared", now.astimezone(UTC).isoformat())


def unconfirm(connection: Connection, why: str) -> None:
    """Let nothing be timed, and nothing that was approved before go."""
    _set(connection, "unconfirmed", f"{why}: see `ispalier journal confirm`")
    connection.execute(delete(META).where(META.c.name == "compared"))
    connection.execute(update(ABSENCE).values(approved=""))


def bind_again(bindings: Bindings, claims: Sequence[Claim]) -> Sequence[Claim]:
    """Bind what nobody has, to owners who have nothing of that kind; returns what was bound.

    If anything was forgotten, the journal was restored: what it says of absences is as old, whoever
    it misses may have been there since, and is waited for anew; what was approved is void.
    """
    customers = {each.owner.customer for each in claims}
    bindings.read(customers, {(each.kind, each.value) for each in claims})
    free = [
        each for each in dict.fromkeys(claims) if bindings.holder(each.kind, each.value) is None
    ]
    lacking = [each for each in free if not bindings.of(each.owner, each.kind)]
    bound = []
    for each in lacking:
        if bindings.holder(each.kind, each.value) is None:
            bindings.add(each.kind, each.value, each.owner, "found on a host")
            bound.append(each)
    bindings.write()
    if bound:
        again = {"since": bindings.now, "retired": None, "approved": "", "purge": ""}
        bindings.connection.execute(update(ABSENCE).values(again))
    return bound


def check_installation(says: Mapping[str, str], name: str, value: str) -> None:
    """Raise Invalid if the journal is of another installation, or was made with another key."""
    if says.get(name, value) != value:
        message = (
            f"the journal belongs to another installation (its {name} differs):"
            " use the right journal, or the id and key that it was made with"
        )
        raise Invalid(message)


def _meet(connection: Connection, hosts: Mapping[Place, str], now: datetime, said: str) -> None:
    for (room, host), target in hosts.items():
        connection.execute(delete(HOST).where(HOST.c.room == room, HOST.c.host == host))
        row = {"room": room, "host": host, "target": target, "met": now, "said": said}
        connection.execute(insert(HOST).values(row))


def _set(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(META).where(META.c.name == name))
    connection.execute(insert(META).values(name=name, value=value))
