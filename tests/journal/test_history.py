"""The history on SQLite and on PostgreSQL: appended, thinned by age, never edited, without values."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from hack.stack.postgres import Postgres
from ispalier.core.applied import Cause, HistoryLine
from ispalier.core.items import Owner
from ispalier.core.limits import Limits
from ispalier.core.memory import Absence, Update
from ispalier.core.reconcile import reconcile
from ispalier.journal.about import about
from ispalier.journal.history import AGAIN, History, Row
from ispalier.journal.journal import Journal
from ispalier.journal.missing import Graveyard
from ispalier.journal.pending import Pending
from ispalier.journal.tables import HISTORY
from ispalier.world.secret import Secret
from tests.builders import NOW, login, plan, snapshot, subscription, tenant, unit
from tests.inmemory import HOME, KEY, OPENED, Line, Memory, changed, engine

JOAO = Owner(HOME.installation, "10042", "Login", "joao")
DAY = timedelta(days=1)
PLANTED = 500


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/journal.db"
    postgres: Postgres = request.getfixturevalue("postgres")
    name = f"history_{uuid.uuid4().hex[:8]}"
    postgres.create_database(name)
    return postgres.url(name)


@pytest.fixture
def journal(url: str) -> Iterator[Journal]:
    opened = Journal.open(url, KEY, HOME.installation)
    yield opened
    opened.close()


def record(verb: str = "update", owner: Owner = JOAO) -> HistoryLine:
    where = {"room": "radius", "host": "radius-1", "item": "subscriber joao"}
    return HistoryLine(
        owner, verb, Cause.DRIFT, "by hand", fields=("speed", "plan"), digest="d", **where
    )


def test_what_is_appended_is_read_back_the_newest_first(journal: Journal) -> None:
    journal.note({"10042": Update(records=[record("create")])}, NOW)
    journal.note({"10042": Update(records=[record()])}, NOW + DAY)
    history = History(journal.engine)

    rows = history.of("10042", "Login", "joao", 10)

    assert [(each.at, each.verb) for each in rows] == [(NOW + DAY, "update"), (NOW, "create")]
    assert (rows[0].fields, rows[0].cause, rows[0].resource) == (
        ("speed", "plan"),
        "Drift",
        "Login/joao",
    )
    assert [each.verb for each in history.since(NOW + DAY, None)] == ["update"]
    assert history.since(None, "10043") == []
    assert history.customers_of("Login", "joao") == ["10042"]


def test_a_line_that_was_committed_late_is_not_missed_by_who_follows(journal: Journal) -> None:
    journal.note({"10042": Update(records=[record() for _ in range(AGAIN)])}, NOW)
    history = History(journal.engine)

    last = history.last()
    found = {each.number for each in history.after(last)}

    assert found == set(range(last - AGAIN + 1, last + 1))


def test_the_database_refuses_to_edit_the_history(journal: Journal) -> None:
    journal.note({"10042": Update(records=[record()])}, NOW)

    with (
        pytest.raises(DBAPIError, match="the history only grows"),
        journal.engine.begin() as connection,
    ):
        connection.execute(text("UPDATE history SET detail = 'nothing happened'"))

    assert History(journal.engine).of("10042", "Login", "joao", 1)[0].detail == "by hand"


def test_only_what_is_too_old_is_forgotten(journal: Journal) -> None:
    journal.note({"10042": Update(records=[record("create")])}, NOW - 401 * DAY)
    journal.note({"10042": Update(records=[record()])}, NOW - 399 * DAY)

    journal.thin(NOW - 400 * DAY)

    assert [each.verb for each in History(journal.engine).since(None, None)] == ["update"]


def test_acts_are_kept_with_who_and_why(journal: Journal) -> None:
    other = JOAO._replace(name="ana")
    gone = [Absence(JOAO, NOW, None), Absence(other, NOW, NOW)]
    journal.note({"10042": Update(absent=gone)}, NOW)
    graveyard, pending = Graveyard(journal.engine), Pending(journal.engine)
    strict = Limits(always=0)
    (held,) = pending.sets(strict, NOW)

    pending.approve(held.digest, "ana: they left", strict, NOW)
    graveyard.purge(graveyard.missing(), "ana: at once", NOW + DAY)

    told = [
        (each.resource, each.verb, each.cause, each.detail, each.digest) for each in acts(journal)
    ]
    assert told == [
        ("Login/joao", "approve", "Person", "ana: they left", held.digest),
        ("Login/ana", "purge", "Person", "ana: at once", ""),
    ]


def acts(journal: Journal) -> list[Row]:
    return [each for each in History(journal.engine).since(None, None) if not each.host]


def test_a_dry_run_takes_no_history_with_it(journal: Journal) -> None:
    journal.note({"10042": Update(records=[record()])}, NOW)

    twin = journal.copy()
    rows = History(twin.engine).since(None, None)
    twin.close()

    assert rows == []


def test_a_journal_tells_of_itself(journal: Journal) -> None:
    journal.note({"10042": Update(records=[record()])}, NOW)

    told = about(journal.engine)

    assert told.installation == HOME.installation
    assert told.schema >= "0007"
    assert told.size > 10_000
    assert told.last_change == NOW


def test_no_planted_secret_is_in_any_column_of_the_history(url: str) -> None:
    names = [f"user{number}" for number in range(PLANTED)]
    logins = [login(name, password=_in(name)) for name in names]
    world = snapshot(unit(), plan(), tenant(), subscription(), *logins, secrets=())
    for name in names:
        world.put_secret("silva", name, {"login": Secret(f"planted-{name}-x")})
    memory = Memory()
    parts = engine(world, memory, url)

    async def passes() -> None:
        for customer in ("", "10042"):
            await reconcile(parts, [customer], NOW)
        for name in names:
            there = memory.items["line", name]
            assert isinstance(there, Line)
            memory.items["line", name] = changed(there, password=Secret(f"planted-{name}-y"))
        await reconcile(parts, ["10042"], NOW + DAY)

    anyio.run(passes)

    with OPENED[-1].engine.connect() as connection:
        rows = connection.execute(select(HISTORY)).all()
    assert len(rows) >= 2 * PLANTED
    assert {"password"} == {each.fields for each in rows if each.verb == "update"}
    assert not [row for row in rows if "planted" in str(row)]


def _in(name: str) -> dict[str, object]:
    return {"secretRef": {"name": name, "key": "login"}}
