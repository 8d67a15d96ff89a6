"""Files of new resources on a terminal: what somebody is asked, and asked again."""

import os
import pty
import shutil
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from ispalier.cli.validate.problems import problems_of
from ispalier.world.findings import Level
from tests.golden.test_validate import NOON

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example, in which we are."""
    return copied("home-fibre", tmp_path, monkeypatch)


@pytest.fixture
def mail_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example with a plan that is sold on top of another."""
    return copied("mail-only", tmp_path, monkeypatch)


def copied(story: str, to: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(to)
    return Path(shutil.copytree(EXAMPLES / story, to / "tree"))


def errors(tree: Path) -> list[str]:
    return [str(each) for each in problems_of([tree], NOON) if each.level is Level.ERROR]


def answered(words: Sequence[str], answers: Iterable[bytes]) -> tuple[int, str]:
    """Run it on a terminal, and answer what it asks for."""
    command = Path(sys.executable).with_name("ispalier")
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command, [str(command), "new", *words, "--folder", "tree"])  # noqa: S606 - our own command
    told = b""
    with os.fdopen(terminal, "r+b", buffering=0) as screen:
        for answer in answers:
            seen = b""
            while not seen.endswith(b": "):
                seen += screen.read(1000)
            told += seen
            screen.write(answer)
        with suppress(OSError):  # Linux says so when the other side is closed
            while rest := screen.read(1000):
                told += rest
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), told.decode().replace("\r", "")


def test_on_a_terminal_what_is_missing_is_asked_for(tree: Path) -> None:
    answers = (b"\n", b"vendas@silva.example\n", b"joao@silva.example\n")

    code, _ = answered(("MailAlias", "vendas", "-n", "silva"), answers)

    text = (tree / "tenants" / "silva" / "mailalias-vendas.yaml").read_text()
    assert code == 0
    assert "address: vendas@silva.example" in text
    assert "- joao@silva.example" in text
    assert errors(tree) == []


def test_on_a_terminal_what_is_taken_or_wrong_is_asked_for_again(tree: Path) -> None:
    number, name, unit = b"10042\n", b"Ana Souza\n", b"\n"

    code, told = answered(("Tenant", "souza"), (number, name, unit, b"100 43\n", b"10043\n"))

    text = (tree / "tenants" / "souza" / "tenant.yaml").read_text()
    assert code == 0
    assert "spec.number: Tenant/silva of namespace silva has the same" in told
    assert '\n"100 43" is not possible; write customer number' in told
    assert "number: '10043'" in text
    assert errors(tree) == []


def test_a_wrong_choice_is_asked_for_at_once_with_what_there_is_to_choose_from(tree: Path) -> None:
    answers = (b"1.12.2026\n", b"2026-12-01\n", b"fibra-6000\n", b"fibra-600\n")

    code, told = answered(("Subscription", "more", "-n", "silva"), answers)

    assert code == 0
    assert "The plan held (fibra-300, fibra-600).\nterms[0].planRef: fibra-6000\n" in told
    assert '"fibra-6000" is not there; did you mean fibra-600?\nterms[0].planRef: ' in told
    assert '"1.12.2026" is not a date; write a day as YYYY-MM-DD\nterms[0].from: ' in told
    assert (
        "from: '2026-12-01'\n    planRef:\n      name: fibra-600\n"
        in (tree / "tenants" / "silva" / "subscription-more.yaml").read_text()
    )


def test_what_a_choice_makes_necessary_is_asked_for(mail_tree: Path) -> None:
    code, told = answered(
        ("Subscription", "more", "-n", "lopes"), (b"2026-12-01\n", b"mail-archive\n", b"mail\n")
    )

    assert code == 0
    assert "spec.parentRef: is missing, and Plan/mail-archive is sold beside another" in told
    assert "(archive, mail).\nparentRef: mail\n" in told
    assert errors(mail_tree) == []


def test_a_line_is_asked_for_its_user_name(tree: Path) -> None:
    code, told = answered(("Login", "rui", "-n", "silva"), (b"\n", b"joao\n", b"rui\n"))

    assert code == 0
    assert "spec.username: Login/joao of namespace silva has the same" in told
    assert "secretName: rui-login" in (tree / "tenants" / "silva" / "login-rui.yaml").read_text()
    assert errors(tree) == []


def test_what_no_other_answer_would_make_right_ends_it_without_a_word_of_force(tree: Path) -> None:
    code, told = answered(("Mailbox", "rui", "-n", "silva"), (b"\n", b"rui@silva.example\n"))

    assert code == 1
    assert "is Mailbox 3 of Subscription/home, and Plan/fibra-300 includes 2" in told
    assert "--force" not in told
    assert not (tree / "tenants" / "silva" / "mailbox-rui.yaml").exists()
