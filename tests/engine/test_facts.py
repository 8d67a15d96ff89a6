"""What is observed of a contract is noted once, whatever the clock says."""

from datetime import timedelta

from ispalier.journal.journal import Journal
from tests.builders import NOW, snapshot, subscription
from tests.engine.passes import PROVIDER, SILVA, run
from tests.inmemory import Memory, engine

YESTERDAY = timedelta(days=-1)
UNPAID = {"reason": "Unpaid", "since": "2026-11-01"}


def test_what_is_noted_after_the_clock_was_set_back_counts_and_is_not_noted_again() -> None:
    parts = engine(
        snapshot(*PROVIDER, SILVA[0], subscription(suspensions=[UNPAID]), SILVA[2]), Memory()
    )
    journal = parts.journal
    assert isinstance(journal, Journal)
    run(parts)
    parts.world.put(subscription())

    run(parts, later=YESTERDAY)
    run(parts, later=YESTERDAY)
    facts = journal.memory("10042").facts

    found = [each for each in facts if each.topic == "service:Unpaid"]
    assert sorted((each.value, each.seq) for each in found) == [("Off", 0), ("On", 1)]
    assert {NOW.date()} == {each.day for each in found}
