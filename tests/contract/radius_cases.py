"""Subscribers, groups and clients in a database with FreeRADIUS' stock schema."""

from dataclasses import replace
from typing import Self

import pytest

from hack.stack.places import RADIUS_QUERIES, radius_stock
from ispalier.core.items import Item, Owner
from ispalier.radius.items import (
    Attribute,
    Client,
    Group,
    Membership,
    Subscriber,
    attribute,
    attributes,
)
from ispalier.radius.room import ROOM
from ispalier.radius.schema import DDL
from ispalier.world.secret import Secret
from tests.contract.case import HOST, PASSWORD
from tests.contract.sql import SQLCase, database

TOO_LONG = Attribute("Filter-Id", "====", "no operator is so long")
MACS = ("AA-BB-CC-00-00-01", "AA-BB-CC-00-00-02")


class RadiusCase(SQLCase):
    """What the three have in common."""

    room = ROOM
    section = "radius"
    tables = (
        "radcheck",
        "radreply",
        "radusergroup",
        "radgroupcheck",
        "radgroupreply",
        "nas",
        "ispalier_owner",
    )

    @classmethod
    def start(cls, request: pytest.FixtureRequest) -> Self:
        stock = radius_stock()
        assert stock is not None
        schema = (stock / RADIUS_QUERIES / "schema.sql").read_text()
        return cls(database(request, "contract_radius", schema + DDL))


class SubscriberCase(RadiusCase):
    """User names with odd characters, several addresses, several MACs."""

    name = "radius subscriber"
    prepared = """
        INSERT INTO radgroupcheck (groupname, attribute, op, value) VALUES
          ('plan', 'Simultaneous-Use', ':=', '1'),
          ('ispalier_suspended', 'Auth-Type', ':=', 'Reject');
        INSERT INTO ispalier_owner (subject, key, installation, customer, kind, name) VALUES
          ('group', 'plan', 'home', '', 'Plan', 'plan'),
          ('group', 'ispalier_suspended', 'home', '', 'ServiceHost', 'one');
    """

    def item(self, number: int, owner: Owner) -> Subscriber:
        return Subscriber(
            host=HOST,
            owner=owner,
            username=_user(number),
            check=attributes(
                attribute("Cleartext-Password", ":=", PASSWORD),
                attribute("Calling-Station-Id", "=~", f"^({'|'.join(MACS)})$"),
            ),
            reply=attributes(
                attribute("Framed-IP-Address", ":=", f"100.64.0.{number}"),
                attribute("Framed-IPv6-Address", ":=", f"2001:db8::{number}"),
            ),
            groups=(Membership("plan", 1),),
        )

    def other(self, number: int, owner: Owner) -> Item:
        check = attributes(attribute("Cleartext-Password", ":=", "changed"))
        return replace(self.item(number, owner), check=check)

    def bad(self, number: int, owner: Owner) -> Item:
        return replace(self.item(number, owner), reply=(TOO_LONG,))

    def plant(self, number: int) -> None:
        name = _user(number)
        self.execute(
            """
            INSERT INTO radcheck (username, attribute, op, value) VALUES (%s, %s, ':=', %s)
            """,
            *(name, "Cleartext-Password", PASSWORD),
        )
        self.execute(
            "INSERT INTO radcheck (username, attribute, op, value) VALUES (%s, %s, '=~', %s)",
            *(name, "Calling-Station-Id", f"^({'|'.join(MACS)})$"),
        )
        self.execute(
            "INSERT INTO radreply (username, attribute, op, value)"
            " VALUES (%s, 'Framed-IP-Address', ':=', %s), (%s, 'Framed-IPv6-Address', ':=', %s)",
            *(name, f"100.64.0.{number}", name, f"2001:db8::{number}"),
        )
        self.execute(
            "INSERT INTO radusergroup (username, groupname, priority) VALUES (%s, 'plan', 1)", name
        )

    def respell(self, number: int) -> None:
        name = _user(number)
        self.execute(
            "UPDATE radreply SET attribute = 'framed-ipv6-address', value = %s"
            " WHERE username = %s AND attribute = 'Framed-IPv6-Address'",
            *(f"2001:0DB8:0000:0000:0000:0000:0000:{number:04}", name),
        )
        self.execute(
            "UPDATE radcheck SET value = %s WHERE username = %s AND attribute LIKE 'Calling%%'",
            *(f"^({'|'.join(reversed(MACS))})$", name),
        )

    def spoil(self, number: int) -> None:
        self.execute(
            "INSERT INTO radreply (username, attribute, op, value)"
            " VALUES (%s, 'Session-Timeout', ':=', '60')",
            _user(number),
        )


class GroupCase(RadiusCase):
    """Groups as of plans."""

    name = "radius group"

    def item(self, number: int, owner: Owner) -> Group:
        return Group(
            host=HOST,
            owner=owner,
            name=f"plan-{number}",
            check=(attribute("Simultaneous-Use", ":=", "1"),),
            reply=attributes(
                attribute("Mikrotik-Rate-Limit", ":=", "150M/300M"),
                attribute("WISPr-Bandwidth-Max-Up", ":=", "150000000"),
            ),
        )

    def other(self, number: int, owner: Owner) -> Item:
        reply = (attribute("Mikrotik-Rate-Limit", ":=", "1M/1M"),)
        return replace(self.item(number, owner), reply=reply)

    def bad(self, number: int, owner: Owner) -> Item:
        return replace(self.item(number, owner), reply=(TOO_LONG,))

    def plant(self, number: int) -> None:
        self.execute(
            f"""
            INSERT INTO radgroupcheck (groupname, attribute, op, value) VALUES
              ('plan-{number}', 'Simultaneous-Use', ':=', '1');
            INSERT INTO radgroupreply (groupname, attribute, op, value) VALUES
              ('plan-{number}', 'WISPr-Bandwidth-Max-Up', ':=', '150000000'),
              ('plan-{number}', 'Mikrotik-Rate-Limit', ':=', '150M/300M');
            """  # noqa: S608 - a number of our own
        )

    def respell(self, number: int) -> None:
        self.execute(
            "UPDATE radgroupreply SET attribute = upper(attribute) WHERE groupname = %s",
            f"plan-{number}",
        )

    def spoil(self, number: int) -> None:
        self.execute(
            "UPDATE radgroupreply SET value = '1M/1M' WHERE groupname = %s", f"plan-{number}"
        )


class ClientCase(RadiusCase):
    """NASes."""

    name = "radius client"

    def item(self, number: int, owner: Owner) -> Client:
        return Client(
            host=HOST,
            owner=owner,
            address=f"2001:db8::{number}",
            secret=Secret(PASSWORD),
            shortname=f"tower-{number}",
        )

    def other(self, number: int, owner: Owner) -> Item:
        return replace(self.item(number, owner), secret=Secret("changed"))

    def bad(self, number: int, owner: Owner) -> Item:
        return replace(self.item(number, owner), secret=Secret("\0"))

    def plant(self, number: int) -> None:
        self.execute(
            "INSERT INTO nas (nasname, shortname, secret) VALUES (%s, %s, %s)",
            *(f"2001:db8::{number}", f"tower-{number}", PASSWORD),
        )

    def respell(self, number: int) -> None:
        self.execute(
            "UPDATE nas SET nasname = %s WHERE nasname = %s",
            *(f"2001:0DB8:0000:0000:0000:0000:0000:{number:04}", f"2001:db8::{number}"),
        )

    def spoil(self, number: int) -> None:
        self.execute("UPDATE nas SET type = 'cisco' WHERE nasname LIKE %s", f"2001:%:%{number:x}")


def _user(number: int) -> str:
    return f"o'brien+x{number}@example.org"


CASES = (SubscriberCase, GroupCase, ClientCase)
