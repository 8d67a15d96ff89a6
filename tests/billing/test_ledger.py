"""The ledger on both databases: it only grows, one run at a time, all of a batch or nothing."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from ispalier.billing import run
from ispalier.billing.guards import Request
from ispalier.billing.ledger import Batch, Ledger
from ispalier.billing.rows import row_of
from ispalier.core.memory import Fact
from ispalier.journal.tables import ENTRY
from ispalier.world.errors import Conflict, Unsafe
from ispalier.world.load import load
from tests.billing.firm import Firm
from tests.unit.billing.contracts import Calendar, bill, contract

NOON = datetime(2007, 6, 30, 12, tzinfo=UTC)
JUNE = Batch("londrina", date(2007, 6, 30), "prices", NOON)
ALL = (b"", b"\xff" * 17)
HISTORY = contract([Calendar("2007-05-21", closing_day=31).term("99.905")], today="2007-07-31")
ENTRIES = bill(HISTORY, as_of="2007-07-31")


def test_what_is_read_is_what_was_posted(ledger: Ledger) -> None:
    with ledger.writing() as page:
        page.append(ENTRIES, JUNE)

    with ledger.reading() as page:
        found = page.entries(*ALL)
        heads = page.heads()

    assert {HISTORY.lineage.key: set(ENTRIES)} == {key: set(each) for key, each in found.items()}
    assert heads == {"londrina": date(2007, 6, 30)}
    assert {each.entry for each in ledger.recorded()} == set(ENTRIES)
    assert {each.batch for each in ledger.recorded()} == {JUNE}


@pytest.mark.parametrize("statement", ["UPDATE {} SET unit = 'y'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["entry", "batch"])
def test_nothing_that_was_posted_is_changed(ledger: Ledger, table: str, statement: str) -> None:
    with ledger.writing() as page:
        page.append(ENTRIES, JUNE)

    with pytest.raises(DBAPIError, match="the ledger only grows"), ledger.engine.begin() as there:
        there.execute(text(statement.format(table)))


def test_an_entry_that_is_there_otherwise_aborts_its_batch(ledger: Ledger) -> None:
    with ledger.writing() as page:
        page.append(ENTRIES[:1], JUNE)

    with (
        pytest.raises(Conflict, match="unit 'londrina': the ledger holds other entries"),
        ledger.writing() as page,
    ):
        page.append(ENTRIES, JUNE)

    assert [each.entry for each in ledger.recorded()] == ENTRIES[:1]


def test_money_is_not_lost_where_an_entry_hides_under_another_contract(
    firm: Firm, ledger: Ledger
) -> None:
    firm.contract("2007-05-21 fibra-300")
    firm.observe("2007-05-21 ready")
    firm.post("2007-05-31")
    (hidden,) = ledger.recorded()
    row = row_of(hidden.entry, 1) | {"seq": 2, "lineage": b"somebody else's"}
    with ledger.engine.begin() as there:
        there.execute(insert(ENTRY).values(row))
    firm.plan("fibra-300", "199.90")

    result = firm.bill("2007-05-31", "--post")

    assert result.exit_code == 1
    assert "nothing was posted: unit 'londrina': the ledger holds other entries" in result.stderr


def test_one_run_at_a_time(firm: Firm, ledger: Ledger) -> None:
    firm.contract("2007-05-21 fibra-300")
    firm.observe("2007-05-21 ready")
    other = Ledger.open(firm.url)

    with other.alone():
        meanwhile = firm.bill("2007-05-31", "--post", "--first-run")
        looking = firm.bill("2007-05-31")
    other.close()

    assert meanwhile.exit_code == 1
    assert "nothing was posted: the ledger is written by ispalier bill (process" in meanwhile.stderr
    assert looking.exit_code == 0
    assert firm.post("2007-05-31") == ["32.23 = 10 of 31 days × 99.90"]
    assert len(list(ledger.recorded())) == 1


def test_a_run_that_fails_lets_the_ledger_go(ledger: Ledger) -> None:
    with pytest.raises(Conflict), ledger.alone():
        raise Conflict("of whatever kind")

    with ledger.alone():
        assert list(ledger.recorded()) == []


def test_the_chain_holds_and_tells_what_was_changed(ledger: Ledger) -> None:
    for entry in ENTRIES:
        with ledger.writing() as page:
            page.append([entry], JUNE)
    intact = list(ledger.faults())
    with ledger.engine.begin() as there:
        for trigger in ("entry_no_update", "entry_only_grows"):
            on = " ON entry" if there.dialect.name == "postgresql" else ""
            there.execute(text(f"DROP TRIGGER IF EXISTS {trigger}{on}"))
        there.execute(text("UPDATE entry SET amount = amount + 1 WHERE batch = 2"))

    assert intact == []
    assert list(ledger.faults()) == [
        "batch 2 of the ledger is not what was posted: restore it",
    ]


def test_an_entry_that_was_added_by_hand_is_told(ledger: Ledger) -> None:
    with ledger.writing() as page:
        page.append(ENTRIES[:1], JUNE)
    with ledger.engine.begin() as there:
        there.execute(insert(ENTRY).values(row_of(ENTRIES[1], 1)))

    assert [fault.split(" of ")[0] for fault in ledger.faults()] == ["batch 1"]


def test_a_day_that_another_run_passes_meanwhile_is_refused(firm: Firm, ledger: Ledger) -> None:
    class Slow(Ledger):
        """Another run posts while this one reads the facts."""

        def facts(self) -> Mapping[str, Sequence[Fact]]:
            firm.post("2007-06-30")
            return super().facts()

    firm.contract("2007-05-21 fibra-300")
    firm.observe("2007-05-21 ready")
    world = load([firm.folder]).world
    request = Request(date(2007, 5, 31), datetime.now(UTC), first_run=True)

    with pytest.raises(Unsafe, match="was posted as of 2007-06-30 already"):
        run.bill(Slow(ledger.engine), world, request, dry_run=False)

    assert [each.batch.as_of for each in ledger.recorded()] == [date(2007, 6, 30)] * 2
