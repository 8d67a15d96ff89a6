"""What a journal says of itself, on SQLite and on PostgreSQL."""

import shutil
import stat
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from typer.testing import CliRunner

from hack.stack.postgres import Postgres
from ispalier.billing.ledger import Batch, Ledger
from ispalier.cli.main import app
from ispalier.core.gather import Identity
from ispalier.core.items import Owner
from ispalier.core.memory import Absence, Allocation, Claim, Generation, Update
from ispalier.journal.checks import findings
from ispalier.journal.identity import Papers
from ispalier.journal.journal import Journal
from ispalier.journal.seal import Seal
from ispalier.journal.tables import ADDRESS, BATCH, PASSWORD
from ispalier.world.errors import Conflict
from ispalier.world.secret import Secret
from ispalier.world.view import Chosen
from tests.builders import NOW
from tests.inmemory import KEY, OPENED

HERE = Identity("test", KEY, source="cluster:one")
LOGIN = Owner("test", "10042", "Login", "joao")
CLAIM = Owner("test", "10042", "IPClaim", "joao")
OTHER = Owner("test", "10043", "IPClaim", "eva")
POOL = ("100.64.0.2", "100.64.0.3")
RADIUS = ("radius", "radius-1")


def opened(url: str, source: str) -> Journal:
    journal = Journal.open(url, KEY, "test", source=source)
    OPENED.append(journal)
    return journal


def allocation(owner: Owner, user: Owner | None = None) -> Allocation:
    return Allocation("IP address", lambda: POOL, POOL.__contains__, owner, "a pool", user)


def addresses(journal: Journal, owner: Owner) -> Sequence[str]:
    memory = journal.memory(owner.customer)
    return sorted(each.value for each in memory.bindings if each.owner == owner)


def absent(journal: Journal, since: datetime, retired: datetime | None = None) -> None:
    journal.note({"10042": Update(absent=[Absence(LOGIN, since, retired)])}, NOW)


def test_a_journal_serves_one_source_until_it_is_bound_to_another(url: str) -> None:
    opened(url, "cluster:one")
    opened(url, "cluster:one")
    for source in ("cluster:two", "git:abc:", "folder"):
        with pytest.raises(Conflict, match=r"uid one, and this is .*`ispalier journal rebind"):
            opened(url, source)
    papers = Papers.open(url)

    papers.rebind("cluster:two", "a test")

    papers.close()
    assert opened(url, "cluster:two").source == "cluster:two"
    with pytest.raises(Conflict):
        opened(url, "cluster:one")


def test_a_folder_that_becomes_a_repository_is_the_same_and_not_the_other_way_round(
    url: str,
) -> None:
    opened(url, "folder")
    opened(url, "git:abc:tree")

    with pytest.raises(Conflict, match="first commit is abc, folder tree"):
        opened(url, "folder")


def test_a_journal_that_is_bound_away_while_in_use_says_so(url: str) -> None:
    journal = opened(url, "cluster:one")
    Papers(journal.engine).rebind("cluster:two", "a test")

    with pytest.raises(Conflict, match="uid two"):
        journal.acquaintance()


def test_a_rebind_voids_approvals_and_a_confirmation_begins_hold_times_anew(
    journal: Journal,
) -> None:
    papers = Papers(journal.engine)
    absent(journal, NOW - timedelta(days=1))
    with journal.engine.begin() as connection:
        connection.execute(text("UPDATE absence SET approved = 'somebody'"))

    papers.rebind("cluster:two", "a test")
    between = journal.memory("10042").absences[LOGIN]
    unconfirmed = journal.acquaintance().unconfirmed
    papers.confirm("a person", NOW)
    after = journal.memory("10042").absences[LOGIN]

    assert "bound to the cluster whose kube-system has the uid two by a test" in unconfirmed
    assert between.approved == ""
    assert journal.acquaintance().unconfirmed == ""
    assert (after.since, after.retired) == (NOW, None)


def test_a_confirmation_begins_retentions_anew(journal: Journal) -> None:
    papers = Papers(journal.engine)
    absent(journal, NOW - timedelta(days=40), NOW - timedelta(days=39))

    papers.rebind("cluster:two", "a test")
    papers.confirm("a person", NOW)

    assert journal.memory("10042").absences[LOGIN].retired == NOW


def test_a_journal_that_forgot_what_hosts_hold_was_restored_and_waits_anew_for_who_is_missing(
    journal: Journal,
) -> None:
    absent(journal, NOW - timedelta(days=40), NOW - timedelta(days=39))
    known, forgotten = (Claim("user name", each, LOGIN) for each in ("joao", "joana"))
    other = Claim("user name", "eva", OTHER)
    journal.grant([known], frozenset({LOGIN}), NOW)

    journal.bind_again([known, forgotten], NOW)
    before = journal.memory("10042").absences[LOGIN]
    journal.bind_again([other], NOW)
    after = journal.memory("10042").absences[LOGIN]

    assert before.retired == NOW - timedelta(days=39)
    assert (after.since, after.retired) == (NOW, None)


def test_hosts_that_were_met_are_known_and_make_a_journal_no_empty_one(journal: Journal) -> None:
    before = journal.acquaintance()

    journal.meet({RADIUS: "a database"}, NOW)
    Papers(journal.engine).adopt("mail-1", "a test", NOW)
    after = journal.acquaintance()

    assert before.is_empty
    assert not after.is_empty
    assert after.hosts == {RADIUS: "a database"}
    assert frozenset({"mail-1"}) == after.adopted


def test_an_address_on_a_host_is_bound_again_and_goes_to_the_claim_of_its_login(
    journal: Journal,
) -> None:
    told = Claim("IP address", POOL[0], LOGIN)

    bound = journal.bind_again([told, told], NOW)
    again = journal.bind_again([told], NOW)
    journal.grant([allocation(OTHER)], frozenset({OTHER}), NOW)
    journal.grant([allocation(CLAIM, LOGIN)], frozenset({CLAIM}), NOW)

    assert [told] == bound
    assert again == []
    assert [POOL[1]] == addresses(journal, OTHER)
    assert [POOL[0]] == addresses(journal, CLAIM)
    assert addresses(journal, LOGIN) == []


def test_what_somebody_has_is_not_bound_again(journal: Journal) -> None:
    journal.grant([allocation(OTHER)], frozenset({OTHER}), NOW)

    bound = journal.bind_again([Claim("IP address", POOL[0], LOGIN)], NOW)

    assert bound == []
    assert [POOL[0]] == addresses(journal, OTHER)


def test_a_password_that_is_in_our_secret_is_not_made_anew(journal: Journal) -> None:
    journal.grant([Generation(20, LOGIN, Secret("made before"))], frozenset({LOGIN}), NOW)

    found = journal.memory("10042").passwords[Chosen("Login", "joao", "password")]
    assert found == Secret("made before")


def test_a_journal_as_it_should_be_has_no_findings(url: str) -> None:
    journal = opened(url, "cluster:one")
    journal.grant([Claim("user name", "joao", LOGIN)], frozenset({LOGIN}), NOW)
    journal.grant([Generation(20, LOGIN)], frozenset({LOGIN}), NOW)

    assert findings(url, HERE) == []


def test_a_wrong_key_another_installation_and_another_source_are_found(url: str) -> None:
    opened(url, "cluster:one")

    found = findings(url, Identity("other", Seal.new_key(), source="cluster:two"))

    assert [
        each.partition("(")[2][:16].partition(" differs")[0] or each[:18] for each in found
    ] == ["its key", "its installation", "the journal serves"]


def test_what_dangles_is_found(url: str) -> None:
    journal = opened(url, "cluster:one")
    row = {"customer": "10042", "owner_kind": "Mailbox", "owner_name": "lost"}
    with journal.engine.begin() as connection:
        sealed = {"sealed": "nonsense", "made": NOW}
        connection.execute(insert(PASSWORD).values(row | sealed))
        register = {"address": POOL[0], "pool": "homes", "used_by": "joao"}
        connection.execute(insert(ADDRESS).values(register))

    found = findings(url, HERE)

    assert found == [
        "rows in 'password' of whom nothing else is known: Mailbox/lost",
        f"IP addresses in the register that nobody was given: {POOL[0]}",
        "passwords that this key does not open: Mailbox/lost",
    ]


def test_a_ledger_without_its_guards_and_a_claim_that_is_not_unique_are_found(url: str) -> None:
    journal = opened(url, "cluster:one")
    is_sqlite = journal.engine.dialect.name == "sqlite"
    name = "entry_no_update" if is_sqlite else "entry_only_grows"
    journal.grant([Claim("user name", "joao", LOGIN)], frozenset({LOGIN}), NOW)
    columns = "kind, value, customer, owner_kind, owner_name, since, cause"
    with journal.engine.begin() as connection:
        connection.execute(text(f"DROP TRIGGER {name}{'' if is_sqlite else ' ON entry'}"))
        connection.execute(text("DROP INDEX binding_live"))
        connection.execute(text(f"INSERT INTO binding ({columns}) SELECT {columns} FROM binding"))  # noqa: S608

    found = findings(url, HERE)

    assert f"the trigger {name}, which keeps the ledger append-only, is not there" in found[0]
    assert "user name 'joao' is claimed twice" in found[1]
    assert "the index binding_live" in found[2]


def test_a_batch_that_was_never_posted_breaks_the_chain(url: str) -> None:
    journal = opened(url, "cluster:one")
    batch = Batch("londrina", date(2026, 11, 30), "", datetime(2026, 12, 1, tzinfo=UTC))
    values = {"id": 1, "previous": "", "hash": "forged", "entries": "", **batch._asdict()}
    with journal.engine.begin() as connection:
        connection.execute(insert(BATCH).values(values))

    ledger = Ledger.open(url)
    found = list(ledger.faults())
    ledger.close()

    assert found == ["batch 1 of the ledger is not what was posted: restore it"]


def test_a_backup_is_one_private_file(url: str, tmp_path: Path) -> None:
    opened(url, "cluster:one").meet({RADIUS: "a database"}, NOW)
    target = tmp_path / "saved"
    env = {"ISPALIER_JOURNAL_URL": url}

    done = CliRunner().invoke(app, ["journal", "backup", str(target)], env=env)

    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.stat().st_size > 1000
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".partial")] == []


def test_without_pg_dump_the_command_is_told(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.create_database("journal_without_pg_dump")
    opened(url, "cluster:one")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None

    env = {"ISPALIER_JOURNAL_URL": url}
    done = CliRunner().invoke(app, ["journal", "backup", str(tmp_path / "saved")], env=env)

    assert done.exit_code == 1
    assert "pg_dump is not here: install it, or run where it is: pg_dump" in done.output
    assert list(tmp_path.glob("*saved*")) == []
