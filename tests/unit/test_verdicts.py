"""What is believed of a service: one failure says nothing, one success is believed."""

import pytest

from ispalier.core.items import Owner
from ispalier.core.probe import Reason, Reply, Subject, endpoint
from ispalier.core.verdicts import CHANGED, Verdicts

PLACE = ("radius", "one")
JOAO = Subject(Owner("home", "10042", "Login", "joao"), PLACE)
ANA = Subject(Owner("home", "10042", "Login", "ana"), PLACE)
GOOD, SILENT = Reply(Reason.ANSWERS), Reply(Reason.NONE, "silent")
WRONG = Reply(Reason.WRONG, "refused")
ASK = "question"


def expecting(*subjects: Subject) -> Verdicts:
    verdicts = Verdicts()
    verdicts.expect("10042", dict.fromkeys(subjects, ASK))
    return verdicts


def told_after(verdicts: Verdicts, *replies: Reply) -> list[bool]:
    """Whether each of these changed what is believed."""
    return [verdicts.heard(JOAO, ASK, each) for each in replies]


def test_before_it_is_asked_nothing_new_is_known() -> None:
    assert expecting(JOAO).told(JOAO, ASK) is None


def test_one_success_is_believed_and_told_once() -> None:
    verdicts = expecting(JOAO)

    assert told_after(verdicts, GOOD, GOOD) == [True, False]
    assert verdicts.told(JOAO, ASK) == GOOD


def test_three_failures_in_a_row_are_believed_and_two_are_not() -> None:
    verdicts = expecting(JOAO)

    assert told_after(verdicts, GOOD, SILENT, SILENT) == [True, False, False]
    assert verdicts.told(JOAO, ASK) == GOOD
    assert told_after(verdicts, WRONG, WRONG) == [True, False]
    assert verdicts.told(JOAO, ASK) == WRONG


def test_a_success_between_begins_the_count_anew() -> None:
    verdicts = expecting(JOAO)

    told_after(verdicts, GOOD, SILENT, SILENT, GOOD, SILENT, SILENT)

    assert verdicts.told(JOAO, ASK) == GOOD


def test_one_success_ends_a_failure() -> None:
    verdicts = expecting(JOAO)
    told_after(verdicts, SILENT, SILENT, SILENT)

    assert verdicts.failing() == {PLACE: 1}
    assert told_after(verdicts, GOOD) == [True]
    assert verdicts.failing() == {}


def test_what_is_changed_forgets_what_was_believed_and_is_asked_soon() -> None:
    verdicts = expecting(JOAO, ANA)
    told_after(verdicts, GOOD)

    soon = verdicts.expect("10042", {JOAO: "another", ANA: ASK})

    assert soon == [JOAO]
    assert verdicts.told(JOAO, "another") == CHANGED


def test_an_answer_to_a_question_that_was_changed_meanwhile_counts_for_nothing() -> None:
    verdicts = expecting(JOAO)
    verdicts.expect("10042", {JOAO: "another"})

    assert told_after(verdicts, WRONG, WRONG, WRONG) == [False] * 3
    assert not verdicts.is_in_doubt(JOAO)


def test_what_is_asked_about_no_more_is_forgotten_and_other_customers_are_not() -> None:
    verdicts = expecting(JOAO, ANA)
    souza = Subject(Owner("home", "10043", "Login", "eva"), PLACE)
    verdicts.expect("10043", {souza: ASK})

    verdicts.expect("10042", {ANA: ASK})

    assert verdicts.question(JOAO) is None
    assert verdicts.question(ANA) == ASK
    assert verdicts.question(souza) == ASK
    assert told_after(verdicts, GOOD) == [False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("radius.example", ("radius.example", 1812)),
        ("192.0.2.5:1645", ("192.0.2.5", 1645)),
        ("[2001:db8::5]", ("2001:db8::5", 1812)),
        ("[2001:db8::5]:1645", ("2001:db8::5", 1645)),
    ],
)
def test_an_endpoint_is_a_host_with_or_without_a_port(text: str, expected: tuple[str, int]) -> None:
    assert endpoint(text, 1812) == expected
