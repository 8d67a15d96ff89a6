"""What a mail server holds: domains, mailboxes, aliases."""

from dataclasses import dataclass
from typing import ClassVar, Self

from ispalier.core.impact import Impact
from ispalier.core.items import Item, Key
from ispalier.world.secret import Secret
from ispalier.world.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDomain(Item):
    """A domain that mail is taken for; a retired one is foreign to the server."""

    name: str

    @property
    def key(self) -> Key:
        """The domain."""
        return ("domain", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox(Item):
    """A mailbox; suspended it still receives, retired it does neither.

    One that does not submit reads and receives, and sends nothing. `domain` is what the server's
    row says. `others` tells of a state that we never make.
    """

    suspends: ClassVar[bool] = True

    address: str
    domain: str
    password: Secret
    quota_bytes: int | None
    submits: bool = True
    others: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """The address."""
        return ("mailbox", self.address)

    @property
    def needs(self) -> tuple[Key, ...]:
        """Its domain, while it serves."""
        return () if self.state is State.RETIRED else (("domain", self.domain),)

    def felt(self, after: Self) -> Impact:
        """Less quota refuses mail that came in before, and who may not submit sends none.

        Another password refuses every mail program until it is told.
        """
        had, has = self.quota_bytes, after.quota_bytes
        if (has is not None and (had is None or has < had)) or self.submits > after.submits:
            return Impact.DEGRADE
        return Impact.REFRESH if after.password == self.password else Impact.INTERRUPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias(Item):
    """An address that passes mail on; `others` are targets that are switched off."""

    address: str
    targets: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """The address."""
        return ("alias", self.address)

    @property
    def needs(self) -> tuple[Key, ...]:
        """Its domain, while it serves."""
        return () if self.state is State.RETIRED else (("domain", domain_of(self.address)),)

    def felt(self, after: Self) -> Impact:
        """Where nobody stays who got its mail, it is as if it were gone for them."""
        stays = set(self.targets) & set(after.targets)
        return Impact.REFRESH if stays or not self.targets else Impact.INTERRUPT


def domain_of(address: str) -> str:
    """The part after the @."""
    return address.rpartition("@")[2]
