"""What is worked out of a view once."""

import pytest

from ispalier.world.per_view import per_view
from ispalier.world.view import View
from tests.builders import snapshot, tenant
from tests.views import view


def test_an_answer_is_worked_out_once_for_a_view_and_again_for_the_next() -> None:
    asked: list[View] = []

    @per_view
    def customer(of: View) -> str:
        asked.append(of)
        return of.customer

    first = view(snapshot(tenant()))
    second = view(snapshot(tenant()), customer="10043")
    answers = [customer(first), customer(first), customer(second), customer(first)]

    assert answers == ["10042", "10042", "10043", "10042"]
    assert [id(each) for each in asked] == [id(first), id(second), id(first)]


def test_an_answer_that_cannot_be_had_is_asked_for_again() -> None:
    @per_view
    def fails_once(of: View) -> int:
        attempts.append(of.customer)
        return 10 // (len(attempts) - 1)

    attempts: list[str] = []
    there = view(snapshot(tenant()))
    with pytest.raises(ZeroDivisionError):
        fails_once(there)

    assert fails_once(there) == 10
