"""What the SQL back ends say when something is wrong with the database, and what they survive."""

import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hack.stack.postgres import Postgres
from ispalier import epoch
from ispalier.api.machines import ServiceHost
from ispalier.core.room import Backend, Room, Scope, Wiring
from ispalier.mail import schema as mail_schema
from ispalier.mail.room import ROOM as MAIL
from ispalier.radius import schema as radius_schema
from ispalier.radius.room import ROOM as RADIUS
from ispalier.sql import connect
from ispalier.world.errors import Invalid, Lost, Refused, Unavailable
from ispalier.world.secret import Secret
from tests.builders import service_host
from tests.contract.case import lease, owner, settle
from tests.contract.mail_cases import MailboxCase
from tests.contract.radius_cases import SubscriberCase

pytestmark = pytest.mark.anyio

EVERYTHING = Scope(everything=True)


def backend(room: Room, url: str) -> Backend:
    host = service_host("one", room.host_type)
    assert isinstance(host, ServiceHost)
    return room.connect(Wiring(host, lambda _: Secret(url), ""))


@pytest.mark.parametrize("room", [RADIUS, MAIL], ids=lambda room: room.name)
async def test_a_missing_table_names_the_command_that_makes_it(
    room: Room, postgres: Postgres
) -> None:
    asking = backend(room, postgres.url("postgres"))

    with pytest.raises(Refused, match="run `ispalier backend schema one --apply`") as error:
        await asking.observe(EVERYTHING)
    await asking.close()

    assert "does not exist" in str(error.value)


@pytest.mark.parametrize("ddl", [radius_schema.DDL, mail_schema.DDL], ids=["radius", "mail"])
async def test_tables_can_be_made_again(ddl: str, postgres: Postgres) -> None:
    database = connect("one", Secret(postgres.create_database("contract_ddl")))

    await database.run(ddl)
    await database.run(ddl)
    await database.close()
    made = postgres.rows("contract_ddl", "SELECT FROM pg_class WHERE relkind = 'r' LIMIT 1")
    postgres.drop_database("contract_ddl")

    assert made


async def test_a_role_without_rights_is_told(postgres: Postgres) -> None:
    postgres.create_role("nobody")
    url = postgres.create_database("contract_rights", mail_schema.DDL)
    asking = backend(MAIL, url.replace("ispalier@", "nobody@"))

    with pytest.raises(Refused, match="permission denied for table mail_domain: grant it"):
        await asking.observe(EVERYTHING)
    await asking.close()
    postgres.drop_database("contract_rights")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://ispalier@127.0.0.1:9/none", "Connection refused"),
        ("postgresql://ispalier:hidden@nowhere.invalid/none", "nowhere.invalid"),
    ],
)
async def test_a_server_that_is_away_is_told_with_its_address(url: str, reason: str) -> None:
    asking = backend(MAIL, url)

    with pytest.raises(Unavailable, match=f"the database of host 'one' .*{reason}") as error:
        await asking.observe(EVERYTHING)
    await asking.close()

    assert "hidden" not in str(error.value)


async def test_a_database_that_is_not_there_is_told(postgres: Postgres) -> None:
    asking = backend(MAIL, postgres.url("nowhere"))

    with pytest.raises(Unavailable, match='database "nowhere" does not exist'):
        await asking.observe(EVERYTHING)
    await asking.close()


@pytest.mark.parametrize("url", ["no url: hidden", "mysql://root:hidden@server/mail", ""])
def test_a_url_that_is_none_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(Invalid, match="host 'one'") as error:
        backend(MAIL, url)

    assert "hidden" not in str(error.value)


async def test_a_server_that_was_restarted_is_used_again(postgres: Postgres) -> None:
    asking = backend(MAIL, postgres.create_database("contract_restart", mail_schema.DDL))
    await asking.observe(EVERYTHING)
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    postgres.rows("postgres", f"{end} WHERE datname = 'contract_restart'")

    again = await asking.observe(EVERYTHING)
    await asking.close()
    postgres.drop_database("contract_restart")

    assert again == []


@pytest.mark.parametrize("start", [MailboxCase, SubscriberCase], ids=["mail", "radius"])
async def test_an_older_epoch_writes_nothing_after_a_newer_one(
    start: type[MailboxCase | SubscriberCase], request: pytest.FixtureRequest
) -> None:
    case = start.start(request)
    case.prepare()
    case.execute("TRUNCATE ispalier_writer")
    old, new = case.connect(lease(7)), case.connect(lease(8))
    await settle(old, case.item(1, owner()))
    await settle(new, case.item(2, owner("second")))
    before = case.dump()

    with pytest.raises(Lost, match="another process has begun to write to the same databases"):
        await settle(old, case.other(1, owner()))
    after = case.dump()
    await old.close()
    await new.close()
    case.execute("TRUNCATE ispalier_writer")

    assert before == after


async def test_who_only_looks_takes_nothing_over(postgres: Postgres) -> None:
    case = MailboxCase(postgres.create_database("contract_looks", mail_schema.DDL))
    case.prepare()
    old, new = case.connect(lease(7)), case.connect(lease(8))
    await settle(old, case.item(1, owner()))

    await new.observe(EVERYTHING)
    done = await settle(old, case.other(1, owner()))
    await old.close()
    await new.close()
    postgres.drop_database("contract_looks")

    assert list(done.results.values()) == [None]


async def test_a_newer_epoch_waits_for_a_transaction_but_not_for_a_process_that_is_stopped(
    postgres: Postgres,
) -> None:
    url = Secret(postgres.create_database("contract_epochs", mail_schema.DDL))
    old, new = connect("one", url, lease(1)), connect("one", url, lease(2))
    assert old.lease is not None
    assert new.lease is not None
    begin = time.monotonic()

    async with old.engine.connect() as stopped:
        await epoch.fence(stopped, old.lease)
        await stopped.execute(text("INSERT INTO mail_domain VALUES ('late.test', true)"))
        async with new.engine.begin() as connection:
            await epoch.fence(connection, new.lease)
        there = await new.rows(text("SELECT name FROM mail_domain"), {})
        waited = time.monotonic() - begin
        with pytest.raises(DBAPIError, match="idle-in-transaction timeout"):
            await stopped.execute(text("SELECT 1"))
    await old.close()
    await new.close()
    postgres.drop_database("contract_epochs")

    assert there == []
    assert old.lease.stop <= waited + 0.1 < 2 * old.lease.stop


async def test_every_bad_item_is_told_of_many(postgres: Postgres) -> None:
    case = MailboxCase(postgres.create_database("contract_many", mail_schema.DDL))
    case.prepare()
    asking = case.connect()
    bad = [case.bad(number, owner(f"bad-{number}")) for number in range(0, 40, 13)]
    good = [case.item(number, owner(f"good-{number}")) for number in range(100, 140)]

    done = await settle(asking, *bad, *good)
    there = await asking.observe(EVERYTHING)
    await asking.close()
    postgres.drop_database("contract_many")

    assert {key for key, problem in done.results.items() if problem} == {each.key for each in bad}
    assert {each.key for each in good} == {item.key for item in there} - {("domain", "silva.test")}
