"""The ledger: it only grows, says the same however often it is asked, and can be checked."""

from dataclasses import replace

import pytest

from ispalier.billing.entries import Entry, entries, ledger_digest, posted, totals_digest
from ispalier.world.errors import Stalled
from tests.unit.billing.contracts import (
    LINEAGE,
    Books,
    Calendar,
    amounts,
    contract,
    day,
    in_advance,
    pause,
    rated,
    span,
)

JUNE = Calendar("2007-05-31", closing_day=31)
CONTRACT = contract([JUNE.term("99.90")], today="2007-06-30")


def test_billing_twice_posts_nothing_more() -> None:
    books = Books()

    assert len(books.bill(CONTRACT, as_of="2007-06-30")) == 1
    assert books.bill(CONTRACT, as_of="2007-06-30") == []


def test_ten_days_three_times_are_thirds_that_add_up() -> None:
    books = Books()
    history = contract([Calendar("2026-06-01").term("10.00")], today="2026-06-11")

    for_ten = replace(history, end=day("2026-06-11"))
    for_twenty = replace(history, end=day("2026-06-21"))
    posted_amounts = [
        amounts(books.bill(for_ten, as_of="2026-06-21")),
        amounts(books.bill(for_twenty, as_of="2026-06-21")),
        amounts(books.bill(history, as_of="2026-07-01")),
    ]

    assert posted_amounts == [["3.33"], ["3.34"], ["3.33"]]
    assert [entry.arithmetic for entry in books.entries] == [
        "10 of 30 days × 10.00",
        "10 of 30 days × 10.00 (total 6.67, before 3.33)",
        "10 of 30 days × 10.00",
    ]
    assert [entry.seq for entry in books.entries] == [1, 2, 3]


def test_a_contract_that_was_a_mistake_is_taken_back_at_its_posted_price() -> None:
    books = Books()
    books.bill(CONTRACT, as_of="2007-06-30")

    reversal = books.bill(replace(CONTRACT, ready=None), as_of="2007-07-02")

    assert amounts(reversal) == ["-99.90"]
    assert (reversal[0].seq, reversal[0].total_after) == (2, 0)
    assert reversal[0].arithmetic == "-30 of 30 days × 99.90"
    assert books.bill(replace(CONTRACT, ready=None), as_of="2007-07-03") == []


def test_a_correction_is_never_due_before_it_was_made() -> None:
    books = Books()
    books.bill(CONTRACT, as_of="2007-06-30")
    held = replace(CONTRACT, holds=(pause("2007-06-10", "2007-06-20"),))

    correction = books.bill(held, as_of="2007-08-15")

    assert {
        str(entry.period.end): amounts([entry])[0] for entry in correction if entry.seq == 2
    } == {"2007-06-30": "-33.30"}
    assert [day("2007-09-10")] == [entry.due for entry in correction if entry.seq == 2]


def test_nothing_is_credited_while_a_plan_cannot_be_resolved() -> None:
    books = Books()
    books.bill(in_advance(CONTRACT), as_of="2007-05-31")
    lost = replace(JUNE.term("99.90"), problem="plan 'fibra-300' does not exist")

    gone = in_advance(contract([lost], today="2007-06-30"))

    assert books.bill(gone, as_of="2007-06-10") == []
    assert len(rated(gone, as_of="2007-06-10").held) == 1


def test_what_can_be_resolved_is_charged_although_other_days_are_held() -> None:
    lost = replace(JUNE.term("1.00", since="2007-06-16", plan="b"), problem="plan 'b' is gone")
    books = Books()

    charged = books.bill(contract([JUNE.term("99.90"), lost], today="2007-06-30"), "2007-06-30")

    assert amounts(charged) == ["53.28"]


def test_another_payer_unit_or_currency_is_another_slot() -> None:
    histories = [
        CONTRACT,
        replace(CONTRACT, payer="10043"),
        replace(CONTRACT, unit="maringa"),
        replace(CONTRACT, currency="EUR"),
        replace(CONTRACT, lineage=LINEAGE._replace(ordinal=1)),
        replace(CONTRACT, day_count="Days30"),
    ]
    keys = {rated(each, as_of="2007-06-30").charges[0].slot.key for each in histories}

    assert len(keys) == 6


def test_identities_never_change_between_versions() -> None:
    entry = Books().bill(CONTRACT, as_of="2007-06-30")[0]

    assert entry.slot.lineage.hex() == "d7223ae34ca5e64f15434c5830007e9c"
    assert entry.slot.key.hex() == "849482995914574dc2416cd96a7617e3"
    assert entry.key.hex() == "f8d87722c0ed5ea8cae221431bb622e8"


def test_an_entry_tells_what_it_is_for() -> None:
    entry = Books().bill(CONTRACT, as_of="2007-06-30")[0]

    assert (
        entry.slot.payer,
        entry.slot.unit,
        entry.slot.subscription,
        entry.slot.component,
    ) == ("10042", "londrina", "home", "recurring")
    assert ("fibra-300", "P1M", day("2000-01-01"), 1) == (
        entry.slot.pricing.plan,
        entry.slot.pricing.cycle,
        entry.slot.pricing.valid_from,
        entry.slot.pricing.quantity,
    )
    assert span("2007-05-31", "2007-06-30") == entry.ref_period


def test_a_ledger_with_a_missing_entry_is_not_added_to() -> None:
    books = Books()
    books.bill(in_advance(CONTRACT), as_of="2007-05-31")
    books.bill(in_advance(replace(CONTRACT, end=day("2007-06-16"))), as_of="2007-06-16")

    with pytest.raises(Stalled, match=r"entry 2 of slot [0-9a-f]{32} does not follow entry 0"):
        posted(books.entries[1:])


def test_a_ledger_that_does_not_add_up_is_not_added_to() -> None:
    entry = Books().bill(CONTRACT, as_of="2007-06-30")[0]

    with pytest.raises(Stalled, match="restore the ledger"):
        posted([replace(entry, amount=1)])


def test_entries_of_another_contract_are_not_taken_for_this_ones() -> None:
    other = replace(CONTRACT, lineage=LINEAGE._replace(subscription="office"))
    ledger = Books().bill(other, as_of="2007-06-30")

    with pytest.raises(ValueError, match="another contract"):
        entries(rated(CONTRACT, as_of="2007-06-30"), ledger)


def test_the_digests_know_entries_and_totals_apart() -> None:
    once, daily = Books(), Books()
    ended = in_advance(replace(CONTRACT, end=day("2007-06-16")))
    once.bill(ended, as_of="2007-06-30")
    daily.bill(in_advance(CONTRACT), as_of="2007-05-31")
    daily.bill(ended, as_of="2007-06-30")

    assert totals_digest(once.entries) == totals_digest(daily.entries)
    assert ledger_digest(once.entries) != ledger_digest(daily.entries)
    assert ledger_digest(daily.entries) == ledger_digest(daily.entries[::-1])


def test_a_slot_taken_back_in_full_counts_as_one_never_posted() -> None:
    books = Books()
    books.bill(CONTRACT, as_of="2007-06-30")
    books.bill(replace(CONTRACT, ready=None), as_of="2007-06-30")
    nothing: list[Entry] = []

    assert totals_digest(nothing) == totals_digest(books.entries)
