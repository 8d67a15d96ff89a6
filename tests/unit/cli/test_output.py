"""What customers and authors write is shown, and nothing of it is done by a terminal."""

import json
from collections.abc import Sequence

import pytest
from rich.table import Table
from rich.text import Text
from structlog.typing import Processor

from ispalier.cli.output import out, print_json, print_whole
from ispalier.cli.serve.logs import for_people, for_programs

EVIL = "Ana\x1b]52;c;cm0=\x07 \x9b2J\u202e\ud800"
TAMED = r"Ana\x1b]52;c;cm0=\x07 \x9b2J\u202e\ud800"


def line(steps: Sequence[Processor], **event: object) -> str:
    shown: object = {"event": EVIL, **event}
    for each in steps:
        shown = each(None, "info", shown)  # type: ignore[arg-type] # the last one makes text
    return str(shown)


def test_text_gives_a_terminal_no_orders(capsys: pytest.CaptureFixture[str]) -> None:
    out().print(Text(f"{EVIL}\nsecond", style="red"))

    without_bells = TAMED.replace(r"\x07", "")  # Text itself leaves them out
    assert capsys.readouterr().out == f"{without_bells}\nsecond\n"


def test_a_table_gives_a_terminal_no_orders(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table.grid()
    table.add_row(EVIL)
    print_whole(table)

    assert capsys.readouterr().out.strip() == TAMED


def test_json_gives_a_terminal_no_orders_and_stays_what_it_was(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"name": EVIL, "city": "São Paulo"})
    told = capsys.readouterr().out

    assert json.loads(told) == {"name": EVIL, "city": "São Paulo"}
    assert "São Paulo" in told
    assert set(told) & {"\x1b", "\x07", "\x9b", "\u202e", "\ud800"} == set()


def test_a_log_gives_a_terminal_no_orders() -> None:
    told = line(for_people(), who=[EVIL], at=EVIL)

    assert TAMED in told
    assert repr(EVIL) in told
    assert set(told) & {"\x07", "\x9b", "\u202e", "\ud800"} == set()
    assert r"\x1b]52" in told


def test_a_log_for_programs_says_what_was_said() -> None:
    told = line(for_programs(), who=[EVIL])

    assert json.loads(told) == {"event": EVIL, "who": [EVIL]}
    assert set(told) & {"\x1b", "\x07", "\x9b", "\u202e", "\ud800"} == set()
