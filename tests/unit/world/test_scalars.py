"""Unquoted words and numbers mean what they mean to the API server."""

import pytest

from ispalier.world.scalars import plain


@pytest.mark.parametrize("word", ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True"])
def test_these_words_are_true(word: str) -> None:
    assert plain(word) is True


@pytest.mark.parametrize(
    "word", ["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "FALSE"]
)
def test_these_words_are_false(word: str) -> None:
    assert plain(word) is False


@pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
def test_these_words_are_nothing(word: str) -> None:
    assert plain(word) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10042", 10042),
        ("-7", -7),
        ("010", 8),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0b11", -3),
        ("1_000", 1000),
        ("1e3", 1000),
        ("2.0", 2),
        (".5", 0.5),
        ("99.90", 99.9),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", float(2**64)),
    ],
)
def test_these_are_numbers(text: str, number: float) -> None:
    assert plain(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21",
        "2026-11-21T10:00:00Z",
        "00:11:22:33:44:55",
        "1:30",
        "192.0.2.1",
        "yEs",
        "1e400",
        "0x",
        "08x",
        "-",
        ".",
        "_1",
        "٣",
    ],
)
def test_these_stay_text(text: str) -> None:
    assert plain(text) == text
