"""What a RADIUS server holds: subscribers, groups, clients, as attributes in its own words."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, NamedTuple, Self

from ispalier.core.impact import Impact
from ispalier.core.items import Item, Key
from ispalier.world.secret import Secret
from ispalier.world.state import State

SUSPENDED_GROUP = "ispalier_suspended"
"""The group of suspended subscribers; no plan can be called so."""

_MACS = re.compile(r"\^\(([0-9A-F-]+(?:\|[0-9A-F-]+)*)\)\$")
FRAMED = frozenset({"Framed-IP-Address", "Framed-IPv6-Address"})
"""Reply attributes that give a subscriber an IP address."""
_SECRET = re.compile("password|secret|key|digest", re.IGNORECASE)
_AMOUNTS = frozenset(
    {
        "Mikrotik-Rate-Limit",
        "Simultaneous-Use",
        "WISPr-Bandwidth-Max-Down",
        "WISPr-Bandwidth-Max-Up",
    }
)
"""Attributes that say how much."""
_READ_OTHERWISE = re.compile(r"""^(["'`])(.*\1)?$|\\(["\\nrtx0-9]|$)""", re.DOTALL)
_NUMBER = re.compile(r"(\d+)([kMG]?)")
_UNITS = {"": 1, "k": 1_000, "M": 1_000_000, "G": 1_000_000_000}
_SPELLINGS = {
    name.lower(): name
    for name in (
        "Auth-Type",
        "Calling-Station-Id",
        "Cleartext-Password",
        "Crypt-Password",
        "Framed-IP-Address",
        "Framed-IPv6-Address",
        "Mikrotik-Address-List",
        "Mikrotik-Rate-Limit",
        "NT-Password",
        "Password-With-Header",
        "Reply-Message",
        "SSHA2-512-Password",
        "Simultaneous-Use",
        "WISPr-Bandwidth-Max-Down",
        "WISPr-Bandwidth-Max-Up",
        "WISPr-Redirection-URL",
    )
}


class Attribute(NamedTuple):
    """A check or reply attribute: name, operator, value."""

    name: str
    op: str
    value: str | Secret

    @property
    def text(self) -> str:
        """The value as the database holds it."""
        return self.value.reveal() if isinstance(self.value, Secret) else self.value

    def __str__(self) -> str:
        """As FreeRADIUS writes it; secrets as `***`."""
        return f"{self.name} {self.op} {self.value}"


class Membership(NamedTuple):
    """A subscriber's group; the lowest priority is asked first."""

    group: str
    priority: int

    def __str__(self) -> str:
        """Group and priority."""
        return f"{self.group} ({self.priority})"


def attribute(name: str, op: str, value: str) -> Attribute:
    """An attribute with this very value, in the one spelling that can be compared."""
    return as_stored(name, op, literal(value))


def literal(value: str) -> str:
    """A value as it stands in the database, so that FreeRADIUS reads it and does nothing else.

    What is in quotes loses them, what is in back quotes is run: `%{sql:…}` as the server's own
    statement. Both, and what a backslash would change, goes into quotes of its own.
    """
    if not _READ_OTHERWISE.search(value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def meant(stored: str) -> str:
    """What FreeRADIUS reads where `literal` put quotes."""
    is_quoted = len(stored) > 1 and stored[0] == stored[-1] == '"'
    return re.sub(r"\\(.)", r"\1", stored[1:-1], flags=re.DOTALL) if is_quoted else stored


def as_stored(name: str, op: str, value: str) -> Attribute:
    """An attribute whose value stands so in the database."""
    name, is_secret = _spelt(name)
    if name in FRAMED:
        value = as_address(value)
    elif name == "Calling-Station-Id" and (found := _MACS.fullmatch(value)):
        value = any_of(found[1].split("|"))
    return Attribute(name, op, Secret(value) if is_secret else value)


def attributes(*each: Attribute) -> tuple[Attribute, ...]:
    """Attributes in the one order that can be compared; saying a thing twice adds nothing."""
    return tuple(sorted(set(each), key=lambda one: (one.name, one.op, one.text)))


def any_of(macs: Iterable[str]) -> str:
    """The pattern of some MAC addresses, as FreeRADIUS' policies spell them."""
    return f"^({'|'.join(sorted({mac.upper().replace(':', '-') for mac in macs}))})$"


def as_address(text: str) -> str:
    """An IP address in its short form; what is none is left as it is."""
    address, _, length = text.partition("/")
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return text
    return str(found) if length in ("", str(found.max_prefixlen)) else text


@lru_cache(maxsize=1024)
def _spelt(name: str) -> tuple[str, bool]:
    """The spelling of an attribute's name, and whether its values are secret."""
    return _SPELLINGS.get(name.lower(), name), bool(_SECRET.search(name))


REJECT = attribute("Auth-Type", ":=", "Reject")
"""The check attribute that refuses everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber(Item):
    """A login; suspended it is in the suspended group first, retired it is rejected."""

    suspends: ClassVar[bool] = True

    username: str
    check: tuple[Attribute, ...]
    reply: tuple[Attribute, ...]
    groups: tuple[Membership, ...]
    relief: frozenset[str] = field(default=frozenset(), compare=False)
    """Groups that it is cut back with: to leave one is a relief."""

    @property
    def key(self) -> Key:
        """The user name."""
        return ("user", self.username)

    @property
    def needs(self) -> tuple[Key, ...]:
        """Its groups; who is rejected needs none."""
        groups = [each.group for each in self.groups]
        match self.state:
            case State.ACTIVE:
                pass
            case State.SUSPENDED:
                groups.append(SUSPENDED_GROUP)
            case State.RETIRED:
                groups = []
        return tuple(("group", group) for group in groups)

    def felt(self, after: Self) -> Impact:
        """Another password, address or group needs a new session, or even a new setting.

        What is only added to the reply, such as a first fixed address, waits for the next session,
        and to leave a group that it was cut back with is a relief.
        """
        is_relief = {each.group for each in self.groups} <= after.relief
        goes_on = self.check == after.check and (is_relief or self.groups == after.groups)
        if goes_on and set(self.reply) <= set(after.reply):
            return Impact.REFRESH
        return Impact.INTERRUPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Item):
    """What the subscribers of a plan have in common; a retired group rejects them."""

    name: str
    check: tuple[Attribute, ...]
    reply: tuple[Attribute, ...]

    @property
    def key(self) -> Key:
        """The group's name."""
        return ("group", self.name)

    def felt(self, after: Self) -> Impact:
        """A lower speed, or fewer sessions at once, is less than before."""
        there = {each.name: _numbers(each) for each in (*after.check, *after.reply)}
        mine = {each.name: _numbers(each) for each in (*self.check, *self.reply)}
        is_less = any(
            less < much
            for name, numbers in mine.items()
            for much, less in zip(numbers, there.get(name, ()), strict=False)
        )
        return Impact.DEGRADE if is_less else Impact.REFRESH


@dataclass(frozen=True, slots=True, kw_only=True)
class Client(Item):
    """A NAS that may ask; a retired one is not known to the server.

    `others` tells of columns and rows that we never write.
    """

    address: str
    secret: Secret
    shortname: str
    type: str = "other"
    others: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """The IP address that its packets come from."""
        return ("nas", self.address)

    def felt(self, after: Self) -> Impact:
        """With another secret it is not understood until it is told, too."""
        return Impact.REFRESH if after.secret == self.secret else Impact.INTERRUPT


def _numbers(each: Attribute) -> list[int]:
    """The numbers in a value, such as those of `150M/300M`, in units of one."""
    if isinstance(each.value, Secret) or each.name not in _AMOUNTS:
        return []
    return [int(number) * _UNITS[unit] for number, unit in _NUMBER.findall(each.value)]
