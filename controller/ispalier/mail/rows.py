"""Between the rows of a mail server's tables and items, both ways. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from sqlalchemy import RowMapping

from ispalier.core.items import Item, Owner
from ispalier.mail.hashes import spelt
from ispalier.mail.items import Alias, Mailbox, MailDomain
from ispalier.mail.schema import MARK
from ispalier.world.secret import Secret
from ispalier.world.state import State

Row: TypeAlias = Mapping[str, object]
"""Columns by name, to be written."""

_STATES = {
    (True, True): State.ACTIVE,
    (False, True): State.SUSPENDED,
    (False, False): State.RETIRED,
    (True, False): State.ACTIVE,  # we never make it: told in `others`
}
_ODD = "logs in without receiving"


def items(host: str, rows: Iterable[RowMapping]) -> Iterator[Item]:
    """Every mail domain, mailbox and alias, from the rows of all tables."""
    of: dict[str, list[RowMapping]] = {}
    for row in rows:
        of.setdefault(row["subject"], []).append(row)
    yield from _domains(host, of.get("domain", ()))
    yield from _mailboxes(host, of.get("mailbox", ()))
    yield from _aliases(host, of.get("alias", ()))


def _domains(host: str, rows: Iterable[RowMapping]) -> Iterator[MailDomain]:
    """A mail domain for each row."""
    for row in rows:
        state = State.ACTIVE if row["active"] else State.RETIRED
        yield MailDomain(host=host, owner=_owner(row), state=state, name=row["name"])


def _mailboxes(host: str, rows: Iterable[RowMapping]) -> Iterator[Mailbox]:
    """A mailbox for each row."""
    for row in rows:
        yield Mailbox(
            host=host,
            owner=_owner(row),
            state=_STATES[row["login"], row["deliver"]],
            address=row["address"],
            domain=row["domain"],
            password=Secret(spelt(row["password"])),
            quota_bytes=row["quota_bytes"],
            submits=row["submit"],
            others=(_ODD,) if row["login"] and not row["deliver"] else (),
        )


def _aliases(host: str, rows: Iterable[RowMapping]) -> Iterator[Alias]:
    """An alias for all rows of one address."""
    for address, group in groupby(sorted(rows, key=_address), key=_address):
        together = list(group)
        on = {row["goto"].lower() for row in together if row["active"]}
        off = {row["goto"].lower() for row in together if not row["active"]}
        yield Alias(
            host=host,
            owner=next((owner for row in together if (owner := _owner(row))), None),
            state=State.ACTIVE if on else State.RETIRED,
            address=address,
            targets=tuple(sorted(on or off)),
            others=tuple(sorted(off)) if on else (),
        )


def written(item: Item) -> Sequence[Row]:
    """The rows that make an item what it is, in its state, with its mark."""
    match item:
        case MailDomain():
            row = {"name": item.name, "active": item.state is not State.RETIRED}
            return [{**row, **mark(item)}]
        case Mailbox():
            row = {
                "address": item.address,
                "domain": item.domain,
                "password": item.password.reveal(),
                "quota_bytes": item.quota_bytes,
                "login": item.state is State.ACTIVE,
                "deliver": item.state is not State.RETIRED,
                "submit": item.submits,
            }
            return [{**row, **mark(item)}]
        case Alias():
            active = item.state is not State.RETIRED
            return [
                {"address": item.address, "goto": goto, "active": active, **mark(item)}
                for goto in item.targets
            ]
        case _:
            return []


def mark(item: Item) -> Row:
    """The columns that say whose an item is."""
    return dict(zip(MARK, item.owner or (), strict=False))


def _owner(row: RowMapping) -> Owner | None:
    marks = [row[each] for each in MARK]
    return None if marks[0] is None else Owner(*(each or "" for each in marks))


def _address(row: RowMapping) -> str:
    return str(row["address"])
