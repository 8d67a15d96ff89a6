"""FreeRADIUS answers for rows as the stock schema has them."""

import re

import pytest

from hack.stack.freeradius import Radius
from hack.stack.postgres import Postgres

PASSWORD = "pä55 % \" \\ ' { wort"


@pytest.fixture(scope="module", autouse=True)
def subscribers(postgres: Postgres, radius: Radius) -> None:  # noqa: ARG001 - its start makes the tables
    postgres.execute(
        "radius",
        r"""
        INSERT INTO nas (nasname, shortname, secret) VALUES ('127.0.0.1', 'tower', 'tower-secret');
        INSERT INTO radcheck (username, attribute, op, value) VALUES
          ('ann', 'Cleartext-Password', ':=', 'secret'),
          ('odd', 'Cleartext-Password', ':=', $$pä55 % " \ ' { wort$$),
          ('o''brien+x@example.org', 'Cleartext-Password', ':=', 'secret'),
          ('joão', 'Cleartext-Password', ':=', 'secret'),
          ('bob', 'Cleartext-Password', ':=', 'secret'),
          ('mac', 'Cleartext-Password', ':=', 'secret'),
          ('mac', 'Calling-Station-Id', '=~', '^(AA-BB-CC-00-00-01|AA-BB-CC-00-00-02)$');
        INSERT INTO radusergroup (username, groupname, priority) VALUES
          ('ann', 'plan', 1), ('bob', 'plan', 1), ('bob', 'suspended', 0);
        INSERT INTO radreply (username, attribute, op, value) VALUES
          ('ann', 'Framed-IP-Address', ':=', '10.0.0.7');
        INSERT INTO radgroupreply (groupname, attribute, op, value) VALUES
          ('plan', 'Mikrotik-Rate-Limit', ':=', '150M/300M'),
          ('suspended', 'Reply-Message', ':=', 'suspended: overdue');
        INSERT INTO radgroupcheck (groupname, attribute, op, value) VALUES
          ('plan', 'Simultaneous-Use', ':=', '1'),
          ('suspended', 'Auth-Type', ':=', 'Reject');
        """,
    )


def ask(radius: Radius, name: str, password: str = "secret", more: str = "") -> str:
    name, password = (re.sub(r'(["\\])', r"\\\1", word) for word in (name, password))
    return radius.radclient(f'User-Name = "{name}", User-Password = "{password}"{more}')


def test_a_subscriber_gets_the_address_and_the_speed_of_the_plan(radius: Radius) -> None:
    answer = ask(radius, "ann")

    assert "Received Access-Accept" in answer
    assert "Framed-IP-Address = 10.0.0.7" in answer
    assert 'Mikrotik-Rate-Limit = "150M/300M"' in answer


def test_a_wrong_password_is_refused(radius: Radius) -> None:
    assert "Received Access-Reject" in ask(radius, "ann", "wrong")


def test_a_refusal_says_why_and_carries_nothing_of_the_plan(radius: Radius) -> None:
    answer = ask(radius, "bob")

    assert "Received Access-Reject" in answer
    assert 'Reply-Message = "suspended: overdue"' in answer
    assert "Mikrotik-Rate-Limit" not in answer


@pytest.mark.parametrize("name", ["o'brien+x@example.org", "joão"])
def test_a_user_name_may_hold(name: str, radius: Radius) -> None:
    assert "Received Access-Accept" in ask(radius, name)


def test_a_password_may_hold_any_character(radius: Radius) -> None:
    assert "Received Access-Accept" in ask(radius, "odd", PASSWORD)


@pytest.mark.parametrize("mac", ["aa:bb:cc:00:00:02", "AABBCC000001"])
def test_a_mac_address_is_known_in_every_spelling(mac: str, radius: Radius) -> None:
    assert "Received Access-Accept" in ask(radius, "mac", more=f', Calling-Station-Id = "{mac}"')


def test_an_unknown_mac_address_is_refused(radius: Radius) -> None:
    answer = ask(radius, "mac", more=', Calling-Station-Id = "aa:bb:cc:00:00:03"')

    assert "Received Access-Reject" in answer


def test_a_nas_that_is_no_row_gets_no_answer(radius: Radius) -> None:
    packet = 'User-Name = "ann", User-Password = "secret", Packet-Src-IP-Address = 127.0.0.77'
    answer = radius.radclient(packet, secret=radius.secret, seconds=0.5)

    assert "Received" not in answer


def test_a_nas_is_known_as_soon_as_it_is_a_row(radius: Radius) -> None:
    packet = 'User-Name = "joão", User-Password = "secret"'

    assert "Received Access-Accept" in radius.radclient(packet, secret="tower-secret")


def test_a_second_session_is_refused_while_the_first_is_open(radius: Radius) -> None:
    start = 'User-Name = "ann", Acct-Status-Type = Start, Acct-Session-Id = "1"'
    radius.radclient(f"{start}, NAS-IP-Address = 127.0.0.1")

    answer = ask(radius, "ann")

    assert "You are already logged in" in answer


def test_nobody_is_refused_while_the_database_is_away(radius: Radius, postgres: Postgres) -> None:
    postgres.stop()
    packet = 'User-Name = "joão", User-Password = "secret"'
    meanwhile = radius.radclient(packet, seconds=0.5)
    postgres.start()
    afterwards = radius.radclient(packet)

    assert "Received" not in meanwhile
    assert "Received Access-Accept" in afterwards
