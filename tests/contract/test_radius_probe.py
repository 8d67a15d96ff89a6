"""A RADIUS server is asked, and its answer tells whether it serves as declared."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from hack.stack.freeradius import Radius
from hack.stack.postgres import Postgres
from ispalier.api.access import Login
from ispalier.api.base import Resource
from ispalier.api.machines import ServiceHost
from ispalier.core.probe import NotProbed, Reason, Reply
from ispalier.core.room import Backend, Wiring
from ispalier.radius.items import Subscriber
from ispalier.radius.questions import Question, question_of_login
from ispalier.radius.room import ROOM
from ispalier.radius.schema import DDL
from ispalier.world.effect import Effect
from ispalier.world.holds import Hold
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot
from tests.builders import (
    NOW,
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
from tests.contract.case import settle
from tests.views import one, view, wanted

pytestmark = pytest.mark.anyio

PASSWORD = "% \" \\ ' { ä"
CLIENT_SECRET = "secret of the controller"
CLAIMS = {("IPClaim/four", "IP address"): "100.64.0.7"}
EMPTY = (
    "TRUNCATE nas, radcheck, radreply, radusergroup, radgroupcheck, radgroupreply, radacct,"
    " ispalier_owner"
)
USERS_GONE = "TRUNCATE radcheck, radreply, radusergroup, radgroupcheck, radgroupreply"
UNPAID = subscription(suspensions=[{"reason": "Unpaid", "since": "2026-11-20"}])


@pytest.fixture
def tables(radius: Radius, postgres: Postgres) -> Iterator[Secret]:
    url = Secret(radius.database_url)
    postgres.execute("radius", DDL + EMPTY)
    yield url
    postgres.execute("radius", EMPTY)


@pytest.fixture
async def backend(tables: Secret) -> AsyncIterator[Backend]:
    connected = ROOM.connect(Wiring(as_host(service_host("one", "RADIUS")), lambda _: tables, ""))
    yield connected
    await connected.close()


def as_host(resource: Resource) -> ServiceHost:
    assert isinstance(resource, ServiceHost)
    return resource


def asked_at(port: int) -> Resource:
    """A RADIUS host that is probed as the NAS `tower`."""
    probe = {"address": f"127.0.0.1:{port}", "secretRef": {"name": "nas", "key": "secret"}}
    database = {"urlSecretRef": {"name": "one", "key": "url"}}
    return service_host("one", "RADIUS", radius={"database": database, "probe": probe})


def world(port: int, *more: Resource, password: str = PASSWORD) -> Snapshot:
    """A login with an IP address, and what the test is about."""
    found = snapshot(
        unit(),
        plan(),
        asked_at(port),
        nas(),
        tenant(),
        subscription(),
        login("joao"),
        pool(),
        claim("four", "joao"),
        *more,
    )
    found.put_secret("ispalier", "nas", {"secret": Secret(CLIENT_SECRET)})
    found.put_secret("silva", "passwords", {"login": Secret(password)})
    return found


async def serve(backend: Backend, there: Snapshot, *holds: Hold) -> None:
    """Write what the provider and the tenant want."""
    for customer in ("", "10042"):
        part = view(there, CLAIMS, customer=customer, holds=holds)
        kinds = [each for each in part.resources if type(each) in ROOM.desired]
        done = await settle(backend, *(item for each in kinds for item in wanted(ROOM, part, each)))
        assert not done.refused
        assert set(done.results.values()) <= {None}


def question(there: Snapshot, *holds: Hold) -> Question | NotProbed:
    """What is to be asked about the login."""
    part = view(there, CLAIMS, holds=holds)
    (mine,) = part.of(Login)
    return question_of_login(part, mine, one(ROOM, part, mine, Subscriber), ())


def asked(there: Snapshot, *holds: Hold) -> Reply:
    """What the server says."""
    assert ROOM.ask is not None
    return ROOM.ask(question(there, *holds))


async def test_a_login_with_a_known_password_answers(backend: Backend, radius: Radius) -> None:
    await serve(backend, world(radius.auth_port))

    assert asked(world(radius.auth_port)) == Reply(Reason.ANSWERS)


async def test_a_probe_looks_like_the_line(backend: Backend, radius: Radius) -> None:
    there = world(radius.auth_port, login("joao", macAddresses=["00:1B:44:11:3A:B7"]))
    await serve(backend, there)

    assert asked(there) == Reply(Reason.ANSWERS)


async def test_a_probe_accounts_nothing(
    backend: Backend, radius: Radius, postgres: Postgres
) -> None:
    await serve(backend, world(radius.auth_port))
    before = postgres.rows("radius", "SELECT * FROM radacct UNION ALL SELECT * FROM radacct")

    asked(world(radius.auth_port))

    assert before == postgres.rows("radius", "SELECT * FROM radacct")
    assert postgres.rows("radius", "SELECT * FROM radpostauth") == []


async def test_a_customer_who_is_online_answers(
    backend: Backend, radius: Radius, postgres: Postgres
) -> None:
    await serve(backend, world(radius.auth_port, password="plain"))
    session = (
        "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime)"
        " VALUES ('1', '1', 'joao', '127.0.0.1', now())"
    )
    postgres.execute("radius", session)
    second = radius.radclient('User-Name = "joao", User-Password = "plain"', secret=CLIENT_SECRET)

    assert "already logged in" in second
    assert asked(world(radius.auth_port, password="plain")) == Reply(Reason.ANSWERS)


async def test_a_suspended_login_is_known_by_its_message(backend: Backend, radius: Radius) -> None:
    there = world(radius.auth_port, UNPAID)
    await serve(backend, there)

    assert asked(there) == Reply(Reason.ANSWERS)


async def test_a_suspended_login_needs_no_password_that_is_known(
    backend: Backend, radius: Radius
) -> None:
    hashed = login("joao", password={"hashRef": {"name": "hashes", "key": "it"}})
    there = world(radius.auth_port, UNPAID, hashed)
    there.put_secret("silva", "hashes", {"it": Secret("3741A4EE66E1AA56CD8B3A9038580DC9")})
    await serve(backend, there)

    assert asked(there) == Reply(Reason.ANSWERS)


async def test_a_login_that_is_served_though_suspended_is_told(
    backend: Backend, radius: Radius
) -> None:
    await serve(backend, world(radius.auth_port))

    assert asked(world(radius.auth_port, UNPAID)) == Reply(
        Reason.WRONG, "it accepts a login that must not be served"
    )


async def test_a_server_that_reads_another_database_is_told(
    backend: Backend, radius: Radius, postgres: Postgres
) -> None:
    await serve(backend, world(radius.auth_port))
    postgres.execute("radius", USERS_GONE)

    assert asked(world(radius.auth_port)) == Reply(
        Reason.WRONG, "it refuses the login, whose password is right"
    )
    assert asked(world(radius.auth_port, UNPAID)) == Reply(
        Reason.WRONG, "it refuses the login, but not as suspended"
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "radreply SET value = '100.64.0.9' WHERE attribute = 'Framed-IP-Address'",
            "Framed-IP-Address is 100.64.0.9 instead of 100.64.0.7",
        ),
        (
            "radgroupreply SET value = '1M/1M' WHERE attribute = 'Mikrotik-Rate-Limit'",
            "Mikrotik-Rate-Limit is 1M/1M instead of 150M/300M",
        ),
        (
            "radgroupreply SET value = '256000' WHERE attribute = 'WISPr-Bandwidth-Max-Up'",
            "WISPr-Bandwidth-Max-Up is 256000 instead of 150000000",
        ),
    ],
)
async def test_an_address_or_speed_that_differs_is_told(
    row: str, told: str, backend: Backend, radius: Radius, postgres: Postgres
) -> None:
    there = world(radius.auth_port, nas("hill", "127.0.0.3", vendor="WISPr"))
    await serve(backend, there)
    before = asked(there)
    postgres.execute("radius", f"UPDATE {row}")

    assert before == Reply(Reason.ANSWERS)
    assert asked(there) == Reply(Reason.WRONG, told)


@pytest.mark.parametrize("effect", [Effect.THROTTLE, Effect.WALLED_GARDEN])
async def test_a_login_that_is_cut_back_is_known_by_its_speed_and_its_walls(
    effect: Effect, backend: Backend, radius: Radius
) -> None:
    access = {
        "profileRef": {"name": "300m"},
        "throttledProfileRef": {"name": "slow"},
        "walledGardenProfileRef": {"name": "garden"},
    }
    slow = profile("slow", "1M", "512k")
    garden = profile("garden", "1M", "512k", walledGarden={"addressList": "unpaid"})
    there = world(radius.auth_port, slow, garden, plan(access=access))
    held = hold("Login/joao", effect)
    await serve(backend, there)
    not_yet = asked(there, held)
    await serve(backend, there, held)

    assert not_yet.reason is Reason.WRONG
    assert "instead of 512k/1M" in not_yet.message
    assert asked(there, held) == Reply(Reason.ANSWERS)


async def test_a_server_that_is_stopped_gives_no_answer(backend: Backend, radius: Radius) -> None:
    await serve(backend, world(radius.auth_port))
    radius.stop()
    try:
        silent = asked(world(radius.auth_port))
    finally:
        radius.start()

    assert silent.reason is Reason.NONE
    assert asked(world(radius.auth_port)).reason is Reason.ANSWERS


async def test_a_client_secret_that_is_wrong_gives_no_answer(
    backend: Backend, radius: Radius
) -> None:
    await serve(backend, world(radius.auth_port))
    there = world(radius.auth_port)
    there.put_secret("ispalier", "nas", {"secret": Secret("opensesame")})

    reply = asked(there)

    assert reply.reason is not Reason.ANSWERS
    assert "opensesame" not in repr((reply, question(there)))
    assert PASSWORD not in repr((reply, question(there)))


def test_where_only_a_hash_is_known_nothing_is_asked() -> None:
    hashed = login("joao", password={"hashRef": {"name": "hashes", "key": "it"}})
    there = world(1812, hashed)
    there.put_secret("silva", "hashes", {"it": Secret("3741A4EE66E1AA56CD8B3A9038580DC9")})

    assert question(there) == NotProbed(
        "only a hash of its password is known, so a refusal proves nothing"
    )


def test_a_host_without_a_probe_is_not_asked() -> None:
    there = world(1812, service_host("one", "RADIUS"))

    assert question(there) == NotProbed("ServiceHost/one has no spec.radius.probe")


async def test_a_login_whose_contract_ended_must_be_refused_with_its_password(
    backend: Backend, radius: Radius
) -> None:
    ended = subscription(end={"date": "2026-11-20", "reason": "moved away"})
    there = world(radius.auth_port, ended)
    await serve(backend, world(radius.auth_port))
    still = asked(there)
    await serve(backend, there)

    assert still == Reply(Reason.WRONG, "it accepts a login that must not be served")
    assert asked(there) == Reply(Reason.ANSWERS)


def test_nothing_older_than_a_question_is_equal_to_it() -> None:
    later = view(world(1812), CLAIMS, now=NOW + timedelta(days=30))
    (mine,) = later.of(Login)
    other = question_of_login(later, mine, one(ROOM, later, mine, Subscriber), ())

    assert question(world(1812)) == other
    assert question(world(1812, UNPAID)) != other
    assert question(world(1812, password="another")) != other
