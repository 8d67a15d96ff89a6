"""What brakes hold back: limits alone, without an engine."""

from typing import Any

import pytest

from ispalier.core.brakes import judged, too_many
from ispalier.core.impact import Impact
from ispalier.core.items import Owner
from ispalier.core.limits import INTERRUPTIONS, REVENUE, Limits
from ispalier.core.weight import Fleet, Scales, Weight

LIMITS = Limits()


def weight(number: int, kind: str = "Login", **more: Any) -> Weight:  # noqa: ANN401 - any field
    """An interruption of one service."""
    owner = Owner("test", str(number), kind, "joao")
    base = Weight(owner, "0a", "Subscription/home", 1, Impact.INTERRUPT)
    return base._replace(**more)


def removal(number: int) -> Weight:
    """Of something that nobody feels."""
    return weight(number, "IPClaim", subjects=0, impact=Impact.REFRESH, removes=True)


def shift(number: int, by: int) -> Weight:
    """A contract that is to owe so much more."""
    return weight(number, "Subscription", subjects=0, impact=Impact.NONE, shift=by, currency="BRL")


def scales(
    contracts: int = 1000,
    revenue: int = 1_000_000,
    kinds: int = 1000,
    **more: Any,  # noqa: ANN401 - any field
) -> Scales:
    """A fleet without a past."""
    fleet = {"Subscription": Fleet(of=contracts), "IPClaim": Fleet(of=kinds)}
    return Scales(fleet, (), {}, frozenset(), {"BRL": revenue})._replace(**more)


def fleet(missing: int, of: int, **more: Any) -> dict[str, Fleet]:  # noqa: ANN401 - any field
    return {"Login": Fleet(missing=missing, of=of)._replace(**more)}


@pytest.mark.parametrize(
    ("missing", "of", "is_held"),
    [(1, 2, False), (10, 10, False), (11, 110, False), (11, 109, True), (400, 20_000, False)],
)
def test_of_a_kind_a_tenth_may_be_missing_and_always_ten(
    missing: int, of: int, *, is_held: bool
) -> None:
    assert is_held == bool(too_many(fleet(missing, of), LIMITS))


def test_what_customers_feel_may_be_missing_of_one_in_a_hundred_services() -> None:
    contracts = {"Subscription": Fleet(of=20_000)}

    assert not too_many(contracts | fleet(200, 20_000, serves=True), LIMITS)
    assert too_many(contracts | fleet(201, 20_000, serves=True), LIMITS).keys() == {"Login"}


def test_what_edits_removed_counts_with_what_is_missing() -> None:
    assert too_many(fleet(6, 20, edited=5), LIMITS)


@pytest.mark.parametrize(
    ("count", "contracts", "is_held"),
    [
        (50, 60, False),
        (51, 5000, True),
        (51, 5100, False),
        (200, 20_000, False),
        (201, 20_000, True),
    ],
)
def test_interruptions_may_be_fifty_or_one_in_a_hundred(
    count: int, contracts: int, *, is_held: bool
) -> None:
    some = [weight(number) for number in range(count)]

    found = judged(some, scales(contracts), LIMITS)

    assert found == (dict.fromkeys(some, INTERRUPTIONS) if is_held else {})


def test_several_resources_of_a_contract_are_one_service() -> None:
    some = [weight(number, kind) for number in range(30) for kind in ("Login", "Mailbox")]

    assert not judged(some, scales(), LIMITS)


def test_a_group_counts_as_all_who_use_it() -> None:
    assert judged([weight(0, "Plan", subjects=5000)], scales(), LIMITS)


def test_what_was_let_go_of_late_counts() -> None:
    before = [weight(number) for number in range(40)]
    now = [weight(number) for number in range(40, 51)]

    assert not judged(now[:10], scales(made=before), LIMITS)
    assert judged(now, scales(made=before), LIMITS).keys() == set(now)


def test_what_was_switched_off_as_missing_counts_as_interrupted() -> None:
    gone = scales(fleet={"Login": Fleet(gone=45, serves=True, of=100)})

    assert judged([weight(number) for number in range(6)], gone, LIMITS)


def test_what_was_let_go_is_not_held_back_when_it_is_tried_again() -> None:
    before = [weight(number) for number in range(50)]

    assert judged([before[0], weight(60)], scales(made=before), LIMITS).keys() == {weight(60)}


def test_what_is_held_back_stays_so_though_the_window_is_empty() -> None:
    waiting = scales(held={weight(1).named: INTERRUPTIONS})

    assert judged([weight(1), weight(2)], waiting, LIMITS) == {weight(1): INTERRUPTIONS}


def test_what_was_approved_goes_and_counts_for_nothing() -> None:
    some = [weight(number) for number in range(100)]
    approved = scales(approved=frozenset(each.named for each in some[:60]))

    assert not judged(some[:100], approved, LIMITS)


def test_removals_by_edits_are_counted_by_kind() -> None:
    some = [removal(number) for number in range(11)]

    assert not judged(some, scales(kinds=110), LIMITS)
    assert set(judged(some, scales(kinds=109), LIMITS).values()) == {"removals of IPClaim"}


@pytest.mark.parametrize(("by", "is_held"), [(909, False), (910, True), (-910, True)])
def test_recurring_revenue_may_change_by_one_in_a_hundred(by: int, *, is_held: bool) -> None:
    some = [shift(number, by) for number in range(11)]

    found = judged(some, scales(), LIMITS)

    assert is_held == bool(found)
    assert set(found.values()) <= {REVENUE}


def test_more_and_less_revenue_do_not_cancel_each_other() -> None:
    some = [shift(number, 1000 * (-1) ** number) for number in range(12)]

    assert judged(some, scales(), LIMITS)


def test_ten_contracts_may_owe_whatever_they_agreed_to() -> None:
    assert not judged([shift(number, 500_000) for number in range(10)], scales(), LIMITS)


def test_the_service_of_a_contract_waits_with_its_price() -> None:
    prices = [shift(number, 5000) for number in range(11)]

    assert judged([*prices, weight(3)], scales(), LIMITS)[weight(3)] == REVENUE
    assert weight(20) not in judged([*prices, weight(20)], scales(), LIMITS)
