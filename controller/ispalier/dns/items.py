"""Zones and rrsets as items, and the marks that say whose they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from ispalier.core.impact import Impact
from ispalier.core.items import Item, Key, Owner

TTL = 3600
"""Seconds for SOA and NS of the apex."""

_ACCOUNT = re.compile("[0-9a-f]{40}")
_PREFIX = "ispalier"
_KIND = "Domain"
_OF_CUSTOMER = 16
_OF_OWNER = 24


class StartOfAuthority(NamedTuple):
    """A SOA but for its serial, which is the server's own (RFC 1035 3.3.13)."""

    primary: str
    contact: str
    refresh: int
    retry: int
    expire: int
    minimum: int

    def content(self, serial: int) -> str:
        """The record in zone-file notation."""
        primary, contact, *times = self
        return f"{primary} {contact} {serial} {' '.join(str(each) for each in times)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone(Item):
    """A zone with SOA and NS of its apex; retired, its SOA is disabled and nothing is answered.

    `ttls` are those of SOA and NS. A zone that lacks one of them has no `soa`, or no servers.
    """

    name: str
    name_servers: tuple[str, ...]
    soa: StartOfAuthority | None
    ttls: tuple[int, int] = (TTL, TTL)

    @property
    def key(self) -> Key:
        """A zone is known by its name."""
        return zone_key(self.name)

    def felt(self, after: Self) -> Impact:
        """Name servers that are all others than the delegation names lead nowhere."""
        stays = set(self.name_servers) & set(after.name_servers)
        return Impact.REFRESH if stays or not self.name_servers else Impact.INTERRUPT


class Remark(NamedTuple):
    """A comment on an rrset that is not our mark."""

    content: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RRSet(Item):
    """Records of one name and type; retired, they are disabled.

    `remarks` are other people's comments: they are kept and never compared. Other values are a
    Refresh: the name is answered all the while, and is pointed elsewhere every day.
    """

    zone: str
    name: str
    type: str
    ttl: int
    values: tuple[str, ...]
    remarks: tuple[Remark, ...] = field(default=(), compare=False)

    @property
    def key(self) -> Key:
        """An rrset is known by its zone, name and type."""
        return ("rrset", self.zone, self.name, self.type)

    @property
    def needs(self) -> tuple[Key, ...]:
        """Its zone."""
        return (zone_key(self.zone),)


def zone_key(name: str) -> Key:
    """The key of a zone."""
    return ("zone", name)


def mark(owner: Owner) -> str:
    """The mark in the comment of an rrset."""
    return "|".join((_PREFIX, *owner))


def marked(comment: str) -> Owner | None:
    """Whose mark a comment is."""
    prefix, *parts = comment.split("|")
    if prefix != _PREFIX or len(parts) != len(Owner._fields):
        return None
    return Owner(*parts)


def account(owner: Owner) -> str:
    """The mark of a zone, for a field of 40 characters: 16 tell the customer, 24 the resource."""
    return _customer(owner).digest[:_OF_CUSTOMER] + owner.digest[:_OF_OWNER]


def _customer(owner: Owner) -> Owner:
    return owner._replace(kind="", name="")


class Accounts:
    """Resolves marks of zones by hashing everybody who is known.

    A mark of a known customer but of no known resource (renamed since) is still the customer's.
    What resolves to nobody is somebody else's, and so is any other text in that field; only what
    looks like one of our marks has a name then.
    """

    def __init__(self, owners: Iterable[Owner]) -> None:
        known = frozenset(owners)
        self._owners = {each.digest[:_OF_OWNER]: each for each in known}
        self._customers = {
            each.digest[:_OF_CUSTOMER]: each for each in {_customer(each) for each in known}
        }

    def owner(self, text: str) -> Owner | None:
        """Whose zone it is; None if it carries no mark."""
        if not text:
            return None
        customer = self._customers.get(text[:_OF_CUSTOMER])
        if customer is None:
            return Owner(text, "", _KIND, text if _ACCOUNT.fullmatch(text) else "")
        name = text[_OF_CUSTOMER:]
        return self._owners.get(name) or customer._replace(kind=_KIND, name=name)
