"""Mail domains, mailboxes and aliases in a database with the tables of the project's own."""

from dataclasses import replace
from typing import Self

import pytest

from ispalier.core.items import Item, Owner
from ispalier.mail.hashes import ssha512
from ispalier.mail.items import Alias, Mailbox, MailDomain
from ispalier.mail.room import ROOM
from ispalier.mail.schema import DDL
from ispalier.world.secret import Secret
from ispalier.world.state import State
from tests.contract.case import HOST, PASSWORD
from tests.contract.sql import SQLCase, database

HASH = ssha512(Secret(PASSWORD), b"salt of 16 bytes").reveal()


class MailCase(SQLCase):
    """What the three have in common."""

    room = ROOM
    section = "mail"
    tables = ("mail_domain", "mailbox", "mail_alias")
    prepared = """
        INSERT INTO mail_domain (name, active, installation, customer, kind, owner)
        VALUES ('silva.test', true, 'home', '10042', 'MailDomain', 'silva')
    """

    @classmethod
    def start(cls, request: pytest.FixtureRequest) -> Self:
        return cls(database(request, "contract_mail", DDL))


class DomainCase(MailCase):
    """Domains."""

    name = "mail domain"
    prepared = ""

    def item(self, number: int, owner: Owner) -> MailDomain:
        return MailDomain(host=HOST, owner=owner, name=f"d{number}.test")

    def other(self, number: int, owner: Owner) -> Item:
        return replace(self.item(number, owner), state=State.RETIRED)

    def bad(self, number: int, owner: Owner) -> Item:
        return self.item(number, owner._replace(name="\0"))

    def plant(self, number: int) -> None:
        self.execute("INSERT INTO mail_domain (name, active) VALUES (%s, true)", f"d{number}.test")

    def respell(self, number: int) -> None:
        """A domain is found in lower case only, so there is one spelling."""

    def spoil(self, number: int) -> None:
        self.execute("UPDATE mail_domain SET active = false WHERE name = %s", f"d{number}.test")


class MailboxCase(MailCase):
    """Mailboxes with odd characters."""

    name = "mailbox"

    def item(self, number: int, owner: Owner) -> Mailbox:
        return Mailbox(
            host=HOST,
            owner=owner,
            address=_address(number),
            domain="silva.test",
            password=Secret(HASH),
            quota_bytes=1024**3,
        )

    def other(self, number: int, owner: Owner) -> Item:
        return replace(self.item(number, owner), quota_bytes=1, submits=False)

    def bad(self, number: int, owner: Owner) -> Item:
        return replace(self.item(number, owner), quota_bytes=2**70)

    def plant(self, number: int) -> None:
        self.execute(
            "INSERT INTO mailbox (address, domain, password, quota_bytes, login, deliver)"
            " VALUES (%s, 'silva.test', %s, 1073741824, true, true)",
            *(_address(number), HASH),
        )

    def respell(self, number: int) -> None:
        self.execute(
            "UPDATE mailbox SET password = replace(password, 'SSHA', 'ssha') WHERE address = %s",
            _address(number),
        )

    def spoil(self, number: int) -> None:
        self.execute(
            "UPDATE mailbox SET deliver = false, submit = false, quota_bytes = NULL WHERE address = %s",
            _address(number),
        )


class AliasCase(MailCase):
    """Aliases with several targets."""

    name = "mail alias"

    def item(self, number: int, owner: Owner) -> Alias:
        targets = ("ann@silva.test", "ben@elsewhere.test")
        return Alias(host=HOST, owner=owner, address=_address(number), targets=targets)

    def other(self, number: int, owner: Owner) -> Item:
        return Alias(host=HOST, owner=owner, address=_address(number), targets=("ann@silva.test",))

    def bad(self, number: int, owner: Owner) -> Item:
        return Alias(host=HOST, owner=owner, address=_address(number), targets=("a@b", "\0"))

    def plant(self, number: int) -> None:
        self.execute(
            "INSERT INTO mail_alias (address, goto, active)"
            " VALUES (%s, 'ben@elsewhere.test', true), (%s, 'ann@silva.test', true)",
            *(_address(number), _address(number)),
        )

    def respell(self, number: int) -> None:
        self.execute(
            "UPDATE mail_alias SET goto = 'Ben@Elsewhere.TEST'"
            " WHERE address = %s AND goto LIKE 'ben%%'",
            _address(number),
        )

    def spoil(self, number: int) -> None:
        self.execute(
            "INSERT INTO mail_alias (address, goto, active) VALUES (%s, 'spy@evil.test', true)",
            _address(number),
        )


def _address(number: int) -> str:
    return f"o'brien+x{number}@silva.test"


CASES = (DomainCase, MailboxCase, AliasCase)
