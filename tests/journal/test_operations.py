"""Acts are carried out once, on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from ispalier.api.acts import OperationSpec
from ispalier.core.acts import DEADLINE, Ended, Request
from ispalier.core.impact import Impact
from ispalier.core.items import Owner
from ispalier.core.limits import INTERRUPTIONS, Limits
from ispalier.core.memory import Absence, Judged, Tombstone, Update
from ispalier.core.retention import Retention
from ispalier.core.weight import Weight
from ispalier.journal.holds import Held, Holds
from ispalier.journal.journal import Journal
from ispalier.journal.missing import Graveyard
from ispalier.journal.pending import Pending
from ispalier.world.effect import Effect
from ispalier.world.holds import Hold
from tests.builders import NOW

JOAO = Owner("test", "10042", "Login", "joao")
PURGE = {"purge": {"customer": "10042", "kind": "Login", "name": "joao"}}
RESTORE = {"restore": {"customer": "10042", "hours": 2}}
LATER = NOW + timedelta(minutes=1)
LIMITS = Limits()
RETENTION = Retention(minimum={"Login": timedelta(days=10)})
TERMS = (LIMITS, RETENTION)


def request(act: dict[str, Any], name: str = "first") -> Request:
    spec = OperationSpec.model_validate({"requestedBy": "ana", "why": "she left", **act})
    return Request("ispalier", name, spec, NOW)


def gone(journal: Journal, *, off: bool = True) -> None:
    absence = Absence(JOAO, NOW, NOW if off else None)
    update = Update(absent=[absence], declared=[Tombstone(JOAO, "digest", "{}")])
    journal.note({"10042": update}, NOW)


def purges(journal: Journal) -> list[str]:
    return [each.purge for each in Graveyard(journal.engine).missing()]


def test_what_is_off_is_purged_and_its_customer_is_marked(journal: Journal) -> None:
    gone(journal)

    record = journal.carry_out(request(PURGE), LIMITS, Retention(), LATER)

    assert record == (Ended.DONE, "Login/joao is deleted by the next pass", LATER)
    assert purges(journal) == ["2026-11-21T12:01:00Z by ana: she left"]
    assert journal.memory("10042").absences[JOAO].retired == NOW
    assert journal.unmark() == {"10042"}


def test_who_purges_before_the_legal_minimum_is_told_when_it_will_be(journal: Journal) -> None:
    gone(journal)

    record = journal.carry_out(request(PURGE), *TERMS, LATER)

    when = "at 2026-12-01 12:00 UTC (legal minimum)"
    assert (record.state, record.result) == (Ended.DONE, f"Login/joao is deleted {when}")


def test_what_is_still_waited_for_is_not_purged(journal: Journal) -> None:
    gone(journal, off=False)

    record = journal.carry_out(request(PURGE), *TERMS, LATER)

    assert (record.state, record.result) == (
        Ended.FAILED,
        "not done: Login/joao is not switched off yet",
    )
    assert purges(journal) == [""]


def test_asked_again_nothing_is_done_and_the_first_result_is_told(journal: Journal) -> None:
    first = journal.carry_out(request(PURGE), *TERMS, LATER)
    gone(journal)

    again = journal.carry_out(request(PURGE), *TERMS, LATER + timedelta(minutes=1))

    assert again == first
    assert first.state is Ended.FAILED
    assert purges(journal) == [""]


def test_another_act_of_the_same_name_is_not_done(journal: Journal) -> None:
    gone(journal)
    journal.carry_out(request(RESTORE), *TERMS, LATER)

    record = journal.carry_out(request(PURGE), *TERMS, LATER)

    assert record.state is Ended.FAILED
    assert "Restore was asked for under this name before" in record.result
    assert purges(journal) == [""]


def test_what_nobody_did_in_time_is_not_done_any_more(journal: Journal) -> None:
    gone(journal)

    record = journal.carry_out(request(PURGE), *TERMS, NOW + DEADLINE + timedelta(seconds=1))

    assert record.state is Ended.EXPIRED
    assert journal.carry_out(request(PURGE), *TERMS, NOW) == record
    assert purges(journal) == [""]


def test_what_is_restored_is_told_until_its_time_is_over(journal: Journal) -> None:
    gone(journal)

    record = journal.carry_out(request(RESTORE), *TERMS, NOW)

    assert record.result == "what is gone is served until 2026-11-21T14:00:00Z"
    assert journal.restored(NOW + timedelta(hours=1)) == {JOAO: "{}"}
    assert journal.restored(NOW + timedelta(hours=2)) == {}


def test_an_act_and_the_record_of_it_are_one(journal: Journal) -> None:
    gone(journal)
    broken = request(PURGE)._replace(name=None)  # type: ignore[arg-type]  # what the table refuses

    with pytest.raises(Exception, match=r"(?i)null"):
        journal.carry_out(broken, *TERMS, LATER)

    assert purges(journal) == [""]
    assert journal.unmark() == frozenset()


def test_of_many_who_ask_at_once_one_is_heard(journal: Journal) -> None:
    gone(journal)

    with ThreadPoolExecutor(8) as pool:
        records = list(
            pool.map(lambda _: journal.carry_out(request(PURGE), *TERMS, LATER), range(8))
        )

    assert {each.state for each in records} == {Ended.DONE}


def test_what_a_brake_holds_back_is_approved_and_its_customer_is_marked(journal: Journal) -> None:
    weight = Weight(JOAO, "0a", "Subscription/home", 1, Impact.INTERRUPT)
    journal.weigh(Judged({weight: INTERRUPTIONS}, [], []), NOW, NOW)
    (held,) = Pending(journal.engine).sets(LIMITS, NOW)
    approve = {"approve": {"digest": held.digest}}

    record = journal.carry_out(request(approve), *TERMS, LATER)
    other = journal.carry_out(request(approve, "second"), *TERMS, LATER)

    assert (record.state, record.result) == (Ended.DONE, "1 resource may go: interruptions")
    assert other.state is Ended.FAILED
    assert "nothing that is held back has the digest" in other.result
    assert journal.scales([JOAO], NOW, money=False).approved == {weight.named}
    assert journal.unmark() == {"10042"}


def test_a_source_ends_its_own_holds_and_nobody_elses(journal: Journal) -> None:
    holds = Holds(journal.engine)
    for source in ("dunning", "manual"):
        wish = Hold(
            id=0,
            kind="Login",
            name="joao",
            source=source,
            by="ana",
            reason="unpaid",
            effect=Effect.REFUSE,
            stops_billing=False,
            since=NOW,
        )
        holds.place(Held("10042", wish), NOW)
    journal.unmark()
    act = {"release": {"customer": "10042", "kind": "Login", "name": "joao", "source": "dunning"}}

    record = journal.carry_out(request(act), *TERMS, LATER)
    again = journal.carry_out(request(act, "second"), *TERMS, LATER)

    assert record.result == "1 hold released on Login/joao; it is still held by manual"
    assert again.state is Ended.FAILED
    assert [each.hold.source for each in holds.all()] == ["manual"]
    assert journal.unmark() == {"10042"}
