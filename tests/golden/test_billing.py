"""What `bill` and `entries` print, letter for letter."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ispalier.billing.guards import Request
from ispalier.billing.ledger import Ledger
from ispalier.billing.run import bill
from ispalier.world.load import load
from tests.billing.firm import Firm, lasting

EXPECTED = Path(__file__).parent / "billing"
NOON = datetime(2007, 7, 31, 12, 30, 15, 250000, tzinfo=UTC)


@pytest.fixture
def firm(tmp_path: Path) -> Firm:
    """Two customers: one who changed the plan and was suspended, one whose plan is gone."""
    firm = Firm(tmp_path / "tree", f"sqlite:///{tmp_path}/journal.db")
    firm.found()
    firm.plan("fibra-600", "149.90")
    pause = lasting("2007-06-20", "2007-06-25")
    firm.contract("2007-05-21 fibra-300", "2007-06-16 fibra-600", suspensions=[pause])
    firm.observe(
        *("2007-05-21 ready", "2007-05-21 plan fibra-300", "2007-06-16 plan fibra-600"),
        *("2007-06-20 service:Unpaid Off", "2007-06-25 service:Unpaid On"),
    )
    firm.tenant("souza", "10043")
    firm.contract("2007-06-10 fibra-300", "2007-07-10 fibre-600", name="shop", namespace="souza")
    firm.contract("2007-06-10 fibra-300", name="shed", namespace="souza")
    facts = ("2007-06-10 ready", "2007-06-10 plan fibra-300", "2007-07-10 plan fibre-600")
    firm.observe(*facts, customer="10043", name="shop")
    return firm


@pytest.fixture
def posted(firm: Firm) -> Firm:
    """The same, posted at noon."""
    ledger = Ledger.open(firm.url)
    request = Request(date(2007, 6, 30), NOON, first_run=True)
    bill(ledger, load([firm.folder]).world, request, dry_run=False)
    ledger.close()
    return firm


@pytest.mark.parametrize("format_", ["table", "json", "jsonl"])
def test_a_bill_reads(firm: Firm, format_: str) -> None:
    result = firm.bill("2007-07-31", "--format", format_)

    assert result.exit_code == 1
    assert (EXPECTED / f"bill.{format_}").read_text() == result.stdout
    assert (EXPECTED / "bill.err").read_text() == result.stderr


@pytest.mark.parametrize("format_", ["table", "json", "jsonl"])
def test_entries_read(posted: Firm, format_: str) -> None:
    result = posted.run("entries", "--format", format_)

    assert result.exit_code == 0
    assert (EXPECTED / f"entries.{format_}").read_text() == result.stdout


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--customer", "10043"), 1),
        (("--customer", "10044"), 0),
        (("--subscription", "home"), 3),
        (("--customer", "10042", "--since", "2007-05-31"), 2),
        (("--until", "2007-05-31"), 1),
    ],
)
def test_entries_are_chosen(posted: Firm, words: tuple[str, ...], count: int) -> None:
    assert len(posted.entries(*words)) == count
