"""What is noted of a run, so that somebody notices when none is made."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from ispalier.billing.ledger import Ledger
from ispalier.core.memory import Billed
from ispalier.journal.billed import billed
from tests.billing.firm import Firm


def runs(ledger: Ledger) -> Mapping[str, Billed]:
    with ledger.reading() as page:
        return billed(page.connection)


def test_a_run_tells_when_there_is_more_to_post(home: Firm, ledger: Ledger) -> None:
    began = datetime.now(UTC)
    home.post("2007-05-31")

    assert date(2007, 6, 30) == runs(ledger)["londrina"].next_charge
    assert began <= runs(ledger)["londrina"].at <= datetime.now(UTC)


def test_a_run_with_nothing_to_post_counts(home: Firm, ledger: Ledger) -> None:
    home.post("2007-05-31")
    first = runs(ledger)["londrina"]
    home.post("2007-06-10")
    again = runs(ledger)["londrina"]

    assert first.at < again.at
    assert first.next_charge == again.next_charge


def test_looking_what_is_owed_is_no_run(home: Firm, ledger: Ledger) -> None:
    home.bill("2007-05-31")

    assert runs(ledger) == {}


def test_who_has_ended_is_charged_to_the_end_and_then_never(home: Firm, ledger: Ledger) -> None:
    home.contract("2007-05-21 fibra-300", end={"date": "2007-06-12", "reason": "Moved"})
    home.post("2007-05-31")
    before = runs(ledger)["londrina"].next_charge
    home.post("2007-06-30")

    assert date(2007, 6, 12) == before
    assert runs(ledger)["londrina"].next_charge is None


def test_in_advance_the_first_day_of_the_next_period_owes_more(firm: Firm, ledger: Ledger) -> None:
    firm.unit(timing="Advance", closingDay=1)
    firm.contract("2007-05-21 fibra-300")
    firm.observe("2007-05-21 ready", "2007-05-21 plan fibra-300")
    firm.post("2007-06-01")

    assert date(2007, 7, 1) == runs(ledger)["londrina"].next_charge


def test_who_cannot_be_billed_is_counted(home: Firm, ledger: Ledger) -> None:
    home.contract("2007-05-21 nowhere", name="office")
    home.observe("2007-05-21 ready", name="office")
    home.bill("2007-05-31", "--post", "--first-run")

    assert runs(ledger)["londrina"].unbilled == 1
