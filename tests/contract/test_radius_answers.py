"""FreeRADIUS answers as the resources say, at once."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from pyrad.client import Client
from pyrad.dictionary import Dictionary
from pyrad.packet import AccessAccept

from hack.stack.freeradius import Radius
from hack.stack.ports import HOST
from hack.stack.postgres import Postgres
from ispalier.api.base import Resource
from ispalier.api.machines import ServiceHost
from ispalier.core.room import Backend, Wiring
from ispalier.radius.room import ROOM
from ispalier.radius.schema import DDL
from ispalier.sql import connect
from ispalier.world.effect import Effect
from ispalier.world.holds import Hold
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot
from ispalier.world.state import State
from tests.builders import (
    NOW,
    access_point,
    claim,
    hold,
    login,
    nas,
    plan,
    pool,
    profile,
    service_host,
    snapshot,
    subscription,
    tenant,
    unit,
)
from tests.contract.case import PASSWORD, owner, settle
from tests.views import view, wanted

pytestmark = pytest.mark.anyio

USER = "o'brien+x"
NAS = "127.0.0.9"
NAS_SECRET = "tower % \" \\ ' { secret"
EMPTY = (
    "TRUNCATE nas, radcheck, radreply, radusergroup, radgroupcheck, radgroupreply, ispalier_owner"
)
CLAIMS = {("IPClaim/four", "IP address"): "100.64.0.7"}


@pytest.fixture
async def backend(radius: Radius, postgres: Postgres) -> AsyncIterator[Backend]:
    url = Secret(radius.database_url)
    database = connect("one", url)
    await database.run(DDL)
    await database.run(DDL)
    await database.close()
    postgres.execute("radius", EMPTY)  # other suites use this server, too
    host = service_host("one", "RADIUS")
    assert isinstance(host, ServiceHost)
    connected = ROOM.connect(Wiring(host, lambda _: url, ""))
    yield connected
    await connected.close()
    postgres.execute("radius", EMPTY)


def world(*more: Resource, password: str = PASSWORD) -> Snapshot:
    """A tenant with one login on a line, and what the test is about."""
    found = snapshot(
        unit(),
        plan(),
        service_host("one", "RADIUS"),
        nas(address=NAS),
        access_point(),
        tenant(),
        subscription(accessPointRef={"name": "hill"}),
        login(USER, name="obrien"),
        pool(),
        claim("four", "obrien"),
        *more,
    )
    found.put_secret("ispalier", "nas", {"secret": Secret(NAS_SECRET)})
    found.put_secret("silva", "passwords", {"login": Secret(password)})
    return found


async def serve(
    backend: Backend, there: Snapshot, now: datetime = NOW, holds: Sequence[Hold] = ()
) -> None:
    """Write what the provider and the tenant want, in this order."""
    for customer in ("", "10042"):
        part = view(there, CLAIMS, customer=customer, now=now, holds=holds)
        kinds = [each for each in part.resources if type(each) in ROOM.desired]
        done = await settle(backend, *(item for each in kinds for item in wanted(ROOM, part, each)))
        assert not done.refused
        assert set(done.results.values()) <= {None}


def ask(radius: Radius, password: str = PASSWORD, how: str = "User-Password") -> str:
    """Ask as the tower does."""
    word = re.sub(r'(["\\])', r"\\\1", password)
    packet = f'User-Name = "{USER}", {how} = "{word}", Packet-Src-IP-Address = {NAS}'
    return radius.radclient(packet, secret=NAS_SECRET)


def is_taken(radius: Radius, password: str) -> bool:
    """Whether it is the password, to the letter: radclient reads backslashes in a way of its own."""
    words = Dictionary(StringIO("ATTRIBUTE User-Name 1 string\nATTRIBUTE User-Password 2 octets"))
    client = Client(HOST, authport=radius.auth_port, secret=NAS_SECRET.encode(), dict=words)
    client.bind((NAS, 0))
    request = client.CreateAuthPacket()
    request["User-Name"], request["User-Password"] = USER, request.PwCrypt(password)
    try:
        return bool(client.SendPacket(request).code == AccessAccept)
    finally:
        client._CloseSocket()  # noqa: SLF001 - pyrad has no other way


def on_line(**fields: Any) -> Resource:  # noqa: ANN401 - any field of a spec
    return subscription(accessPointRef={"name": "hill"}, **fields)


async def test_a_login_is_accepted_with_speed_and_address(backend: Backend, radius: Radius) -> None:
    await serve(backend, world())

    answer = ask(radius)

    assert "Received Access-Accept" in answer
    assert 'Mikrotik-Rate-Limit = "150M/300M"' in answer
    assert "Framed-IP-Address = 100.64.0.7" in answer
    assert "Received Access-Reject" in ask(radius, "wrong")


async def test_a_login_is_accepted_by_chap(backend: Backend, radius: Radius) -> None:
    await serve(backend, world(password="plain"))

    assert "Received Access-Accept" in ask(radius, "plain", how="CHAP-Password")
    assert "Received Access-Reject" in ask(radius, "wrong", how="CHAP-Password")


async def test_a_changed_password_is_seen_at_once(backend: Backend, radius: Radius) -> None:
    await serve(backend, world())
    await serve(backend, world(password="another"))

    assert "Received Access-Reject" in ask(radius)
    assert "Received Access-Accept" in ask(radius, "another")


async def test_a_suspended_login_is_told_why_until_it_ends(
    backend: Backend, radius: Radius
) -> None:
    days = [{"reason": "Unpaid", "since": "2026-11-21", "until": "2026-11-22"}]
    there = world(on_line(suspensions=days))

    await serve(backend, there)
    during = ask(radius)
    await serve(backend, there, NOW + timedelta(days=1))
    after = ask(radius)

    assert "Received Access-Reject" in during
    assert 'Reply-Message = "Your subscription is suspended."' in during
    assert "Mikrotik-Rate-Limit" not in during
    assert "Received Access-Accept" in after
    assert "Reply-Message" not in after


async def test_a_held_login_is_told_why_until_it_is_released(
    backend: Backend, radius: Radius
) -> None:
    there = world()

    await serve(backend, there, holds=[hold("Tenant/silva")])
    during = ask(radius)
    await serve(backend, there)

    assert "Received Access-Reject" in during
    assert 'Reply-Message = "Your subscription is suspended."' in during
    assert "Received Access-Accept" in ask(radius)


async def test_a_throttled_login_is_slow_and_one_in_the_walled_garden_is_led_there(
    backend: Backend, radius: Radius
) -> None:
    access = {
        "profileRef": {"name": "300m"},
        "throttledProfileRef": {"name": "slow"},
        "walledGardenProfileRef": {"name": "garden"},
    }
    slow = profile("slow", "1M", "512k")
    garden = profile("garden", "1M", "512k", walledGarden={"addressList": "unpaid"})
    there = world(slow, garden, plan(access=access))

    await serve(backend, there, holds=[hold("Login/obrien", Effect.THROTTLE)])
    throttled = ask(radius)
    await serve(backend, there, holds=[hold("Login/obrien", Effect.WALLED_GARDEN)])
    walled = ask(radius)
    await serve(backend, there)
    released = ask(radius)

    assert 'Mikrotik-Rate-Limit = "512k/1M"' in throttled
    assert "Mikrotik-Address-List" not in throttled
    assert "Framed-IP-Address = 100.64.0.7" in throttled
    assert 'Mikrotik-Address-List = "unpaid"' in walled
    assert "Received Access-Accept" in walled
    assert 'Mikrotik-Rate-Limit = "150M/300M"' in released
    assert "Mikrotik-Address-List" not in released


async def test_a_new_term_changes_the_speed_on_its_day(backend: Backend, radius: Radius) -> None:
    terms = [
        {"from": "2026-11-01", "planRef": {"name": "fibra-300"}},
        {"from": "2026-11-22", "planRef": {"name": "fibra-500"}},
    ]
    there = world(on_line(terms=terms), plan("fibra-500", "500m"))

    await serve(backend, there)
    today = ask(radius)
    await serve(backend, there, NOW + timedelta(days=1))
    tomorrow = ask(radius)

    assert 'Mikrotik-Rate-Limit = "150M/300M"' in today
    assert 'Mikrotik-Rate-Limit = "250M/500M"' in tomorrow


async def test_a_retired_login_is_rejected_and_comes_back(backend: Backend, radius: Radius) -> None:
    await serve(backend, world())
    mark = owner("obrien", installation="test")._replace(kind="Login")

    await settle(backend, fates={mark: State.RETIRED})
    retired = ask(radius)
    await serve(backend, world())
    restored = ask(radius)

    assert "Received Access-Reject" in retired
    assert "Received Access-Accept" in restored
    assert "Framed-IP-Address = 100.64.0.7" in restored


@pytest.mark.parametrize(
    ("storage", "how"),
    [
        ("Crypt", "User-Password"),
        ("NTHash", "User-Password"),
        ("NTHash", "MS-CHAP-Password"),
        ("ClearText", "MS-CHAP-Password"),
    ],
)
async def test_a_login_is_accepted_with_storage(
    storage: str, how: str, backend: Backend, radius: Radius
) -> None:
    access = {"profileRef": {"name": "300m"}, "passwordStorage": storage}
    await serve(backend, world(plan(access=access)))

    assert "Received Access-Accept" in ask(radius, how=how)
    assert "Received Access-Reject" in ask(radius, "wrong", how=how)


@pytest.mark.parametrize(
    "stored",
    [
        # "wireless" by smbencrypt, openssl passwd -6 and doveadm pw.
        "3741A4EE66E1AA56CD8B3A9038580DC9",
        "{NT}3741A4EE66E1AA56CD8B3A9038580DC9",
        "$6$salt$kkbdH8Aq8lyFgmoK/p1hmU/Rxc5O/Uq0uhRTr3SeuJ4WFs.7YQ4HhzOS3g9wXFPrYtp7QQLwalCvcUzvw1hCw1",
        "{BLF-CRYPT}$2y$05$k4fxwepL17ZEFYejJi/RouYXQK8V4fcqgGST0KcQ/IdXB6pR1k6Au",
        "{SSHA256}h4IhFLJjFrZJ1CwbTM19fOUIob5hZsJ06WVOfAQWPbsoVCOS",
        "{SSHA512}Pqv1feY57of3Amkb/mCCrTk7GYebmdIHAykPcKY1dZsCA4r/xoHGkkR0Y9ogK+Uwd2HPGJ0jiJg4QUX9BdV8/aylosc=",
    ],
)
async def test_a_login_is_accepted_with_a_hash_that_was_given(
    stored: str, backend: Backend, radius: Radius
) -> None:
    hashed = login(USER, name="obrien", password={"hashRef": {"name": "hashes", "key": "it"}})
    there = world(hashed)
    there.put_secret("silva", "hashes", {"it": Secret(stored)})
    await serve(backend, there)

    assert "Received Access-Accept" in ask(radius, "wireless")
    assert "Received Access-Reject" in ask(radius, "wrong")
    assert "Received Access-Reject" in ask(radius, stored)


@pytest.mark.parametrize(
    "text",
    [
        *("`%{md5:x}`", "`%{sql:DELETE FROM radcheck}`", "%{md5:x}", "'quoted'", '"quoted"'),
        *("'", "`", '"', "\\", "a\\", r"a\nb", r"a\\b", r"a\101b", r"a\"b", r"a\'b", r"a\db"),
        *(r"a\x41b", r"\0", '"`\'\\"', "`a\\`", "a % \" ' {", "á`"),
    ],
)
async def test_whatever_a_password_is_made_of_it_is_read_and_never_run(
    text: str, backend: Backend, radius: Radius
) -> None:
    await serve(backend, world(password=text))

    assert is_taken(radius, text)
    assert not is_taken(radius, "9dd4e461268c8034f5c8564e155c67a6")


async def test_a_reply_is_told_as_it_is_written(backend: Backend, radius: Radius) -> None:
    reply = [{"name": "Reply-Message", "value": "`%{sql:SELECT secret FROM nas LIMIT 1}`"}]
    await serve(backend, world(login(USER, name="obrien", reply=reply)))

    assert 'Reply-Message = "`%{sql:SELECT secret FROM nas LIMIT 1}`"' in ask(radius)


async def test_what_ran_under_an_earlier_version_is_written_anew(
    backend: Backend, radius: Radius, postgres: Postgres
) -> None:
    reply = [{"name": "Reply-Message", "value": "`%{md5:x}`"}]
    there = world(login(USER, name="obrien", reply=reply))
    await serve(backend, there)
    mine = "attribute = 'Reply-Message' AND username <> ''"
    postgres.execute("radius", f"UPDATE radreply SET value = '`%{{md5:x}}`' WHERE {mine}")  # noqa: S608
    ran = ask(radius)
    await serve(backend, there)

    assert "9dd4e461268c8034f5c8564e155c67a6" in ran
    assert 'Reply-Message = "`%{md5:x}`"' in ask(radius)
