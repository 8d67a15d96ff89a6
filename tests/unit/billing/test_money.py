from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ispalier.billing.money import Money, exponent, formatted, ratio, rounded
from ispalier.world.errors import Invalid


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(5, 10, 1), (-5, 10, -1), (49, 100, 0), (-49, 100, 0), (15, 10, 2), (25, 10, 3), (0, 7, 0)],
)
def test_half_a_minor_unit_is_rounded_away_from_zero(
    numerator: int, denominator: int, expected: int
) -> None:
    assert expected == rounded(numerator, denominator)


@settings(deadline=None)
@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_rounding_is_never_off_by_more_than_half_and_mirrors_on_credits(
    numerator: int, denominator: int
) -> None:
    result = rounded(numerator, denominator)

    assert abs(Fraction(numerator, denominator) - result) <= Fraction(1, 2)
    assert -result == rounded(-numerator, denominator)


@pytest.mark.parametrize(
    ("currency", "expected"), [("BRL", 2), ("JPY", 0), ("KWD", 3), ("RSD", 2), ("IQD", 3)]
)
def test_minor_units_are_those_of_iso_4217_not_of_a_locale(currency: str, expected: int) -> None:
    assert expected == exponent(currency)


def test_a_price_has_any_scale_and_one_value_however_it_is_written() -> None:
    assert ratio("0.00012") == (12, 100000)
    assert ratio("99.90") == ratio("99.9") == ratio("099.900")
    assert ratio("99.9").text(2) == "99.90"
    assert ratio("0.00012").text(2) == "0.00012"
    assert ratio("100").text(0) == "100"


@pytest.mark.parametrize("text", ["", "-1.00", "1,00", "1e3", ".5", "5.", "NaN", "٣", " 1"])
def test_a_price_that_is_not_a_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="write it like"):
        ratio(text)


@pytest.mark.parametrize("currency", ["XXQ", "brl", "XAU"])
def test_a_currency_without_minor_units_is_refused(currency: str) -> None:
    with pytest.raises(Invalid, match=currency):
        exponent(currency)


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [(-4662, "BRL", "-46.62"), (5, "BRL", "0.05"), (3226, "KWD", "3.226"), (3334, "JPY", "3334")],
)
def test_amounts_are_written_with_the_digits_of_their_currency(
    minor: int, currency: str, expected: str
) -> None:
    assert expected == formatted(minor, currency)


def test_money_of_one_currency_adds_up() -> None:
    assert Money(2333, "BRL") == Money(6995, "BRL") - Money(4662, "BRL")
    assert str(Money(2333, "BRL")) == "23.33 BRL"


def test_money_of_two_currencies_is_never_added() -> None:
    with pytest.raises(TypeError, match="EUR and PLN are never added"):
        Money(1, "EUR") + Money(1, "PLN")
