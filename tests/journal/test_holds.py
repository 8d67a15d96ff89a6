"""Holds in the journal: added and closed, never edited, each by its own source."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from ispalier.journal.holds import Held, Holds
from ispalier.journal.journal import Journal
from ispalier.journal.tables import HOLD
from ispalier.world.effect import Effect
from tests.builders import NOW, hold

DAY = timedelta(days=1)
OVERDUE = Held("10042", hold("Login/joao", since=NOW, until=NOW + 7 * DAY, stops_billing=True))


@pytest.fixture
def holds(url: str, journal: Journal) -> Iterator[Holds]:
    journal.unmark()
    with closing(Holds.open(url)) as opened:
        yield opened


def test_a_hold_is_remembered_with_all_it_says(journal: Journal, holds: Holds) -> None:
    made = holds.place(OVERDUE, NOW)

    assert made == Held("10042", OVERDUE.hold._replace(id=made.hold.id))
    assert journal.memory("10042").holds == [made.hold]
    assert journal.memories()["10042"].holds == [made.hold]
    assert list(holds.all()) == [made]


def test_a_hold_and_its_release_mark_whose_it_is(journal: Journal, holds: Holds) -> None:
    made = holds.place(OVERDUE, NOW)
    placed = journal.unmark()
    holds.release([made], "ben", NOW + DAY)

    assert placed == {"10042"}
    assert journal.unmark() == {"10042"}


def test_the_same_hold_once_more_changes_nothing(journal: Journal, holds: Holds) -> None:
    first = holds.place(OVERDUE, NOW)
    journal.unmark()
    later = OVERDUE.hold._replace(since=NOW + DAY, by="ben")

    assert holds.place(Held("10042", later), NOW + DAY) == first
    assert journal.unmark() == frozenset()


def test_a_changed_hold_is_a_new_row_and_the_old_one_is_closed(
    journal: Journal, holds: Holds
) -> None:
    holds.place(OVERDUE, NOW)
    longer = OVERDUE.hold._replace(since=NOW + DAY, until=None, by="ben")
    holds.place(Held("10042", longer), NOW + DAY)

    with journal.engine.connect() as connection:
        rows = connection.execute(select(HOLD).order_by(HOLD.c.id)).all()
    assert [(row.until, row.ended, row.ended_by) for row in rows] == [
        (NOW + 7 * DAY, NOW + DAY, "ben"),
        (None, None, None),
    ]
    assert [each.until for each in journal.memory("10042").holds] == [None]


def test_holds_of_other_sources_and_effects_stay(journal: Journal, holds: Holds) -> None:
    mine = holds.place(OVERDUE, NOW)
    holds.place(Held("10042", OVERDUE.hold._replace(source="abuse")), NOW)
    holds.place(Held("10042", OVERDUE.hold._replace(effect=Effect.THROTTLE)), NOW)

    ended = holds.release([mine], "ben", NOW)
    again = holds.release([mine], "ben", NOW + DAY)

    assert (ended, again) == (1, 0)
    assert [(each.source, each.effect) for each in journal.memory("10042").holds] == [
        ("abuse", Effect.REFUSE),
        ("dunning", Effect.THROTTLE),
    ]
