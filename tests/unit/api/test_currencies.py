from iso4217 import Currency

from ispalier.api.currencies import CODES
from ispalier.billing.money import exponent


def test_every_currency_with_a_minor_unit_can_be_declared() -> None:
    payable = {each.code for each in Currency if each.exponent is not None}

    assert payable - set(CODES) == set()


def test_whatever_can_be_declared_can_be_charged() -> None:
    assert {each for each in CODES if exponent(each) not in range(5)} == set()
