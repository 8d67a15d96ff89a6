"""Plain scalars of YAML as the API server reads them.

kubectl and the API server use YAML 1.1 as Go reads it: `yes`, `no`, `on`, `off`, `y`, `n` are
booleans, `010` is eight, a date stays text, and so does `00:11:22:33:44:55`, which other readers of
YAML 1.1 take for a number of base sixty.
"""

import re
from functools import lru_cache

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_SPECIAL = {
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **{
        sign + word: float(f"{sign}inf")
        for sign in ("", "+", "-")
        for word in (".inf", ".Inf", ".INF")
    },
}
_STARTS = frozenset("+-.0123456789")
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASES = (16, 2, 8, 10)


@lru_cache(maxsize=65536)
def plain(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _STARTS:
        return text
    if text in _SPECIAL:
        return _SPECIAL[text]
    if text[0] == ".":
        number = _float(text)
    else:
        digits = text.replace("_", "")
        number = _integer(digits)
        number = _float(digits) if number is None else number
    return text if number is None else number


def _integer(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    sign, *spellings = match.groups()
    digits, base = next(
        (digits, base) for digits, base in zip(spellings, _BASES, strict=True) if digits is not None
    )
    if len(digits) > 64:  # noqa: PLR2004 - the longest 64-bit number, in base two
        return None
    value = int(f"{sign}{digits}", base)
    return value if -(2**63) <= value < (2**63 if sign else 2**64) else None


def _float(text: str) -> float | int | None:
    """A decimal number; JSON knows no difference between 2 and 2.0."""
    if _FLOAT.fullmatch(text) is None:
        return None
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**63 else value
