"""The quick reader reads as the careful one, or leaves it to that one."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ispalier.world import careful
from ispalier.world.documents import Unreadable
from ispalier.world.findings import Json
from ispalier.world.quick import quick

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
TEXTS = sorted([*HERE.rglob("*.yaml"), *EXAMPLES.rglob("*.yaml")])
SCALARS = st.sampled_from(
    (
        *("y", "No", "on", "OFF", "yes", "true", "False", "NULL", "null", "~", "TRUE", "nULL"),
        *("0", "7", "-7", "+7", "010", "-010", "08", "0o17", "0x1F", "0b11", "1_000", "-_1", "._1"),
        *(
            "1.0",
            "1.",
            ".5",
            "-.5",
            "1e3",
            "1E-3",
            "0.1",
            "99.90",
            "1e400",
            ".inf",
            "-.Inf",
            ".nan",
        ),
        *("18446744073709551616", "9223372036854775808", "123456789012345678", "-0", "00", "--1"),
        *("12:30", "1:2:3", "00:11:22:33:44:55", "2026-01-01", "2026-1-1", "2026-01-01T10:00:00Z"),
        *("10.0.0.1", "10.0.0.0/8", "2001:db8::1", "300M", "1d", "1f", "0xfg", "a@b.example", "<<"),
        *("&a b", "*a", "!!str 1", "!x y", "|", ">", "'no'", '"no"', '"\\x41"', "a: b", "@a", "%a"),
        *(
            "1#2",
            "1 # 2",
            "a b",
            "no way",
            "on-call",
            "a,no",
            "?",
            "-",
            ":",
            "x:",
            "",
            "\ufeff",
            "é",
        ),
    )
)
PIECES = SCALARS | st.sampled_from(
    (
        "\n",
        "\n  ",
        "\n- ",
        ": ",
        ":",
        ", ",
        ",",
        "[",
        "]",
        "{",
        "}",
        "\t",
        " ",
        "---\n",
        "...\n",
        " # no",
        "# on\n",
        "#",
        '"',
        "'",
        "? ",
    )
)
"""Out of these documents are made in which anything may stand beside anything."""
AROUND = ("a: X\n", "- X\n", "X: a\n", "[X,X]", '{"a":X}', "{X: 1}", "X", "a: |\n  X\n", "a:\n - X")


def carefully(text: bytes) -> list[Json] | str:
    try:
        return [value for value, _, _ in careful.composed(text)]
    except Unreadable as error:
        return error.what


def repr_of(values: list[Json]) -> str:
    return repr([each for each in values if each is not None])


def same(text: bytes) -> bool:
    values = quick(text)
    return values is None or repr_of(values) == repr(carefully(text))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_all_files_of_this_repository_are_read_the_same(path: Path) -> None:
    assert same(path.read_bytes())


def test_what_people_usually_write_is_read_quickly() -> None:
    read = [quick(each.read_bytes()) is not None for each in EXAMPLES.rglob("*.yaml")]

    assert sum(read) > len(read) / 2


@pytest.mark.parametrize("around", AROUND)
@given(SCALARS)
@settings(deadline=None, max_examples=100)
def test_any_scalar_is_read_the_same_wherever_it_stands(around: str, scalar: str) -> None:
    assert same(around.replace("X", scalar).encode())


@given(st.lists(PIECES, max_size=14).map("".join))
@settings(deadline=None, max_examples=1500)
@example("a: b\nc: [1, {d: e}]\n---\nf: g\n")
@example("%YAML 1.1\n---\na: no\n")
@example("a: 1\na: 2\n")
@example("- " * 101 + "a\n")
@example("[" * 101 + "]" * 101)
def test_whatever_is_put_together_is_read_the_same(text: str) -> None:
    assert same(text.encode())


@given(
    st.text(max_size=40) | st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t0.~<yn_e+x", max_size=60)
)
@settings(deadline=None, max_examples=1500)
def test_any_text_is_read_the_same(text: str) -> None:
    assert same(text.encode(errors="surrogatepass"))
