"""Between the rows of a RADIUS server's tables and items, both ways. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import TableClause

from ispalier.core.items import Item, Owner
from ispalier.radius.items import (
    REJECT,
    SUSPENDED_GROUP,
    Attribute,
    Client,
    Group,
    Membership,
    Subscriber,
    as_address,
    as_stored,
    attributes,
)
from ispalier.radius.schema import GROUP_CHECK, GROUP_REPLY, NAS, USER_CHECK, USER_GROUP, USER_REPLY
from ispalier.world.secret import Secret
from ispalier.world.state import State

Row: TypeAlias = tuple[str, str, Sequence[str | None]]
"""Table, key, and the other columns as text."""

SUSPENDED = Membership(SUSPENDED_GROUP, 0)
"""Priority 0 is asked before the plan's group and ends the search."""

_COLUMNS = ("ports", "server", "community", "description")


@dataclass(slots=True)
class Rows:
    """All rows of a look, by table and key."""

    pairs: dict[str, dict[str, list[Attribute]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    groups: dict[str, list[Membership]] = field(default_factory=lambda: defaultdict(list))
    clients: dict[str, list[Sequence[str | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    owners: dict[tuple[str, str], Owner] = field(default_factory=dict)
    retired: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Rows":
        """Sort rows."""
        found = cls()
        for table, key, columns in rows:
            match table:
                case "ispalier_owner":
                    subject, *mark, retired = columns
                    found.owners[subject or "", key] = Owner(*(each or "" for each in mark))
                    if retired:
                        found.retired[key] = json.loads(retired)
                case "radusergroup":
                    group, priority = columns
                    found.groups[key].append(Membership(group or "", int(priority or 0)))
                case "nas":
                    found.clients[as_address(key)].append(columns)
                case _:
                    name, op, value = (each or "" for each in columns)
                    found.pairs[table][key].append(as_stored(name, op, value))
        return found

    def items(self, host: str) -> Iterator[Item]:
        """Every subscriber, group and client of which there is a row or a mark."""
        yield from (self._subscriber(host, name) for name in self._named("user"))
        yield from (self._group(host, name) for name in self._named("group"))
        yield from (self._client(host, address) for address in self._named("nas"))

    def _named(self, subject: str) -> Iterable[str]:
        tables: Sequence[Mapping[str, object]]
        match subject:
            case "user":
                tables = (self.pairs["radcheck"], self.pairs["radreply"], self.groups)
            case "group":
                tables = (self.pairs["radgroupcheck"], self.pairs["radgroupreply"])
            case _:
                tables = (self.clients,)
        marked = (key for of, key in self.owners if of == subject)
        return dict.fromkeys([*(key for each in tables for key in each), *marked])

    def _subscriber(self, host: str, name: str) -> Subscriber:
        check = self.pairs["radcheck"].get(name, [])
        groups = self.groups.get(name, [])
        state = State.ACTIVE
        if REJECT in check:
            state = State.RETIRED
            check = [each for each in check if each != REJECT]
        elif SUSPENDED in groups:
            state = State.SUSPENDED
            groups = [each for each in groups if each != SUSPENDED]
        return Subscriber(
            host=host,
            owner=self.owners.get(("user", name)),
            state=state,
            username=name,
            check=attributes(*check),
            reply=attributes(*self.pairs["radreply"].get(name, ())),
            groups=tuple(sorted(set(groups))),
        )

    def _group(self, host: str, name: str) -> Group:
        check = self.pairs["radgroupcheck"].get(name, [])
        state = State.ACTIVE
        if REJECT in check and name != SUSPENDED_GROUP:
            state = State.RETIRED
            check = [each for each in check if each != REJECT]
        return Group(
            host=host,
            owner=self.owners.get(("group", name)),
            state=state,
            name=name,
            check=attributes(*check),
            reply=attributes(*self.pairs["radgroupreply"].get(name, ())),
        )

    def _client(self, host: str, address: str) -> Client:
        owner = self.owners.get(("nas", address))
        rows = self.clients.get(address, [])
        kept = self.retired.get(address, {})
        if not rows:
            return Client(
                host=host,
                owner=owner,
                state=State.RETIRED if kept else State.ACTIVE,
                address=address,
                secret=Secret(kept.get("secret", "")),
                shortname=kept.get("shortname", ""),
                type=kept.get("type", ""),
            )
        (shortname, type_, secret, *rest), *more = rows
        odd = [f"{name}={value}" for name, value in zip(_COLUMNS, rest, strict=True) if value]
        return Client(
            host=host,
            owner=owner,
            address=address,
            secret=Secret(secret or ""),
            shortname=shortname or "",
            type=type_ or "",
            others=(*odd, *([f"{len(rows)} rows"] if more else [])),
        )


def written(item: Item) -> Iterator[tuple[TableClause, Mapping[str, object]]]:
    """The rows that make an item what it is, in its state."""
    match item:
        case Subscriber():
            yield from _pairs(USER_CHECK, item.username, _checked(item))
            yield from _pairs(USER_REPLY, item.username, item.reply)
            suspended = item.state is State.SUSPENDED
            for group, priority in (*item.groups, *([SUSPENDED] if suspended else [])):
                row = {"username": item.username, "groupname": group, "priority": priority}
                yield USER_GROUP, row
        case Group():
            yield from _pairs(GROUP_CHECK, item.name, _checked(item))
            yield from _pairs(GROUP_REPLY, item.name, item.reply)
        case Client() if item.state is not State.RETIRED:
            yield NAS, {"nasname": item.address, **_columns(item)}
        case _:
            pass


def kept(item: Item) -> Mapping[str, str] | None:
    """What the mark remembers of a NAS that was taken out."""
    if isinstance(item, Client) and item.state is State.RETIRED:
        return _columns(item)
    return None


def _checked(item: Subscriber | Group) -> Sequence[Attribute]:
    return (*item.check, REJECT) if item.state is State.RETIRED else item.check


def _columns(item: Client) -> Mapping[str, str]:
    return {"shortname": item.shortname, "type": item.type, "secret": item.secret.reveal()}


def _pairs(
    table: TableClause, key: str, attributes: Iterable[Attribute]
) -> Iterator[tuple[TableClause, Mapping[str, object]]]:
    for each in attributes:
        name = table.columns[0].name
        yield table, {name: key, "attribute": each.name, "op": each.op, "value": each.text}
