"""Dirty marks: whom the loop should look at, because somebody else wrote in the journal."""

from contextlib import closing

import pytest
from sqlalchemy.exc import IntegrityError

from ispalier.core.items import Owner
from ispalier.core.limits import Limits
from ispalier.core.memory import Absence, Update
from ispalier.journal.dirty import mark
from ispalier.journal.journal import Journal
from ispalier.journal.missing import Graveyard
from ispalier.journal.pending import Pending
from tests.builders import NOW

SILVA = Owner("test", "10042", "Login", "joao")


def test_a_mark_is_taken_away_once(journal: Journal) -> None:
    with journal.engine.begin() as connection:
        mark(connection, ["10042", "", "10042"])

    assert journal.unmark() == {"10042", ""}
    assert journal.unmark() == frozenset()


def test_a_mark_is_set_only_with_what_it_tells_of(journal: Journal) -> None:
    with pytest.raises(IntegrityError):
        _mark_and_fail(journal)

    assert journal.unmark() == frozenset()


def test_approving_and_purging_mark_whose_it_is(url: str, journal: Journal) -> None:
    journal.note({"10042": Update(absent=[Absence(SILVA, NOW, None)])}, NOW)
    strict = Limits(always=0)
    with closing(Graveyard.open(url)) as graveyard, closing(Pending.open(url)) as pending:
        pending.approve(pending.sets(strict, NOW)[0].digest, "I: meant", strict, NOW)
        approved = journal.unmark()
        journal.note({"10042": Update(absent=[Absence(SILVA, NOW, NOW)])}, NOW)
        graveyard.purge(graveyard.missing(), "I: meant", NOW)

    assert approved == {"10042"}
    assert journal.unmark() == {"10042"}


def _mark_and_fail(journal: Journal) -> None:
    with journal.engine.begin() as connection:
        mark(connection, ["10042"])
        connection.exec_driver_sql("INSERT INTO meta (name, value) VALUES ('key', 'twice')")
