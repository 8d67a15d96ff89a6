"""What `ispalier bill` refuses, and that it then writes nothing."""

from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ispalier.cli.main import app
from ispalier.core.items import Owner
from ispalier.core.limits import REVENUE
from ispalier.core.memory import Judged
from ispalier.core.weight import Weight
from ispalier.journal.journal import Journal
from tests.billing.firm import HOME, KEY, SEEN, Firm

POST = ("--post", "--first-run")


def refusal(firm: Firm, result: Result) -> str:
    """What a command says that ends with 1 and writes nothing."""
    assert result.exit_code == 1
    assert firm.entries() == []
    return result.stderr


def test_without_post_nothing_is_written(home: Firm) -> None:
    result = home.bill("2007-05-31")

    assert result.exit_code == 0
    assert "1 entry, 32.23 BRL: nothing was written, add --post to post this" in result.stderr
    assert "before posting: the ledger is empty: add --first-run" in result.stderr
    assert home.entries() == []


def test_in_its_own_folder_it_need_not_be_named(
    home: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home.folder)

    result = home.run("bill", "--as-of", "2007-05-31")

    assert result.exit_code == 0
    assert "1 entry, 32.23 BRL" in result.stderr


def test_posted_again_nothing_is_added(home: Firm) -> None:
    first = home.bill("2007-05-31", *POST)
    again = home.bill("2007-05-31", "--post")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "posted 1 entry, 32.23 BRL" in first.stderr
    assert "nothing to post for 1 contract" in again.stderr
    assert [entry["amount"] for entry in home.entries()] == ["32.23"]


def test_an_empty_ledger_is_not_taken_for_a_new_one(home: Firm) -> None:
    told = refusal(home, home.bill("2007-05-31", "--post"))

    assert "nothing was posted: the ledger is empty: add --first-run if" in told


def test_the_future_is_not_posted_by_mistake(home: Firm) -> None:
    result = home.bill("2199-05-31", *POST)

    told = refusal(home, result)
    assert "2199-05-31 is not here yet, in unit 'londrina' it is" in told
    assert "add --allow-future if this is meant" in told


def test_nothing_is_posted_while_much_revenue_waits_for_a_person(home: Firm) -> None:
    owner = Owner(HOME, "10042", "Subscription", "home")
    waits = Weight(owner, "0a", "Subscription/home", shift=5000, currency="BRL")
    with closing(Journal.open(home.url, KEY, HOME)) as journal:
        journal.weigh(Judged({waits: REVENUE}, [], []), SEEN, SEEN)
        held = home.bill("2007-05-31", *POST)
        told = refusal(home, held)
        journal.weigh(Judged({}, [], [waits.named]), SEEN, SEEN)

    assert "1 contract is to owe so much more or less that a brake holds it back" in told
    assert home.bill("2007-05-31", *POST).exit_code == 0


def test_a_day_before_the_last_posted_one_is_over(home: Firm) -> None:
    home.post("2007-06-30")

    posting, looking = home.bill("2007-05-31", "--post"), home.bill("2007-05-31")

    assert posting.exit_code == looking.exit_code == 1
    assert "unit 'londrina' was posted as of 2007-06-30 already" in looking.stderr
    assert len(home.entries()) == 2


def test_each_unit_has_days_of_its_own(home: Firm) -> None:
    home.unit("maringa")
    home.plan("fibra-300", "99.90", availableIn=["londrina", "maringa"])
    home.tenant("souza", "10043", businessUnitRef={"name": "maringa"})
    home.contract("2007-05-21 fibra-300", namespace="souza")
    home.observe("2007-05-21 ready", customer="10043")
    home.post("2007-06-30", "--unit", "londrina")

    everywhere = home.bill("2007-05-31", "--post")

    assert "unit 'londrina' was posted as of 2007-06-30 already" in everywhere.stderr
    assert home.post("2007-05-31", "--unit", "maringa") == ["32.23 = 10 of 31 days × 99.90"]


def test_a_unit_that_nobody_declared_is_refused(home: Firm) -> None:
    result = home.bill("2007-05-31", *POST, "--unit", "london")

    told = refusal(home, result)
    assert "no BusinessUnit is called 'london': name one of: londrina" in told


def test_a_folder_without_its_root_file_is_not_the_whole(home: Firm) -> None:
    (home.folder / "ispalier.yaml").unlink()

    told = refusal(home, home.bill("2007-05-31", *POST))

    assert "does not tell its installation: bill the whole folder" in told


def test_a_part_of_the_folder_posts_nothing(home: Firm) -> None:
    result = home.run(
        *("bill", str(home.file("Tenant", "silva", "silva")), "--as-of", "2007-05-31", *POST)
    )

    assert "does not tell its installation: bill the whole folder" in refusal(home, result)


def test_a_file_that_does_not_parse_stops_all(home: Firm) -> None:
    (home.folder / "other.yaml").write_text("spec: [")

    result = home.bill("2007-05-31", *POST)

    told = refusal(home, result)
    assert "other.yaml:2:1: is not YAML" in told
    assert "nothing was posted: 1 error in this folder" in told


def test_the_journal_of_another_installation_is_refused(home: Firm) -> None:
    (home.folder / "ispalier.yaml").write_text("installation: somebody-else\n")

    result = home.bill("2007-05-31", *POST)

    told = refusal(home, result)
    assert "is of installation somebody-else, the journal of test-installation" in told


def test_a_journal_that_is_not_there_is_not_made(home: Firm, tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    elsewhere = Firm(home.folder, f"sqlite:///{missing}")

    result = elsewhere.bill("2007-05-31", *POST)

    assert result.exit_code == 1
    assert "there is no journal" in result.stderr
    assert not missing.exists()


def test_the_journal_stands_beside_the_root_file(
    home: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = Firm(home.folder, f"sqlite:///{home.folder / 'ispalier.db'}")
    beside.observe("2007-05-21 ready", "2007-05-21 plan fibra-300")
    monkeypatch.chdir(tmp_path)
    part = home.file("Tenant", "silva", "silva")

    bill = CliRunner().invoke(app, ["bill", "tree", "--as-of", "2007-05-31", *POST])
    entries = CliRunner().invoke(app, ["entries", str(part)])

    assert bill.exit_code == 0
    assert "10 of 31 days × 99.90" in entries.stdout
    assert len(beside.entries()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("bill",),
        ("bill", "--as-of", "31.05.2007"),
        ("bill", "nowhere", "--as-of", "2007-05-31"),
        ("bill", ".", "--context", "x", "--as-of", "2007-05-31"),
        ("entries", "--since", "May"),
        ("entries", "--format", "xml"),
    ],
)
def test_a_command_that_is_not_understood_ends_with_2(home: Firm, words: tuple[str, ...]) -> None:
    assert home.run(*words).exit_code == 2
