"""Money: whole minor units and an ISO 4217 currency; prices as exact ratios (R5, R19)."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from iso4217 import Currency

from ispalier.world.errors import Invalid

_DECIMAL = re.compile(r"(\d+)(?:\.(\d+))?", re.ASCII)


class Ratio(NamedTuple):
    """A price of any scale as an exact ratio over a power of ten: `0.00012` is 12 / 100000."""

    numerator: int
    denominator: int

    def text(self, digits: int) -> str:
        """The price as written, with at least so many digits after the point."""
        scale = max(len(str(self.denominator)) - 1, digits)
        return _decimal(self.numerator * 10**scale // self.denominator, scale)


@lru_cache(maxsize=65536)
def ratio(text: str) -> Ratio:
    """The exact price that a decimal string names; `99.9` and `99.90` are the same."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise Invalid(f"price {text!r} is not a decimal number: write it like '99.90'")
    decimals = (match[2] or "").rstrip("0")
    return Ratio(int(match[1] + decimals), 10 ** len(decimals))


def rounded(numerator: int, denominator: int) -> int:
    """R5: commercial rounding, half away from zero, so a credit mirrors its charge.

    The denominator is positive.
    """
    whole, rest = divmod(abs(numerator), denominator)
    if 2 * rest >= denominator:
        whole += 1
    return whole if numerator >= 0 else -whole


@cache
def exponent(currency: str) -> int:
    """R5: how many digits a currency has after the point, by ISO 4217: BRL 2, JPY 0, KWD 3."""
    try:
        digits = Currency(currency).exponent
    except ValueError:
        raise Invalid(f"currency {currency!r} is not in ISO 4217: use a code such as BRL") from None
    if digits is None:
        raise Invalid(f"currency {currency!r} has no minor unit: nothing can be billed in it")
    return digits


def formatted(minor: int, currency: str) -> str:
    """An amount in minor units as a plain decimal, `-46.62`: for tables and exports."""
    return _decimal(minor, exponent(currency))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency. R19: currencies are never added, each has its own balance."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise TypeError(
                f"{self.currency} and {other.currency} are never added: "
                f"keep one balance for each currency"
            )
        return Money(self.minor + other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + -other

    def __str__(self) -> str:
        return f"{formatted(self.minor, self.currency)} {self.currency}"


def _decimal(value: int, digits: int) -> str:
    if digits == 0:
        return str(value)
    text = str(abs(value)).rjust(digits + 1, "0")
    return f"{'-' if value < 0 else ''}{text[:-digits]}.{text[-digits:]}"
