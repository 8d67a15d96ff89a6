"""Files of new resources: from what is set, what is there, and what somebody answers."""

import os
import pty
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ispalier.cli.main import app
from ispalier.cli.problems import problems_of
from ispalier.world.findings import Level
from tests.golden.test_validate import NOON

EXAMPLE = Path(__file__).parents[2] / "examples" / "home-fibre"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example, in which we are."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(EXAMPLE, tmp_path / "tree"))


def new(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["new", *words, "--folder", "tree"])
    return done.exit_code, done.stdout, done.stderr


def errors(tree: Path) -> list[str]:
    return [str(each) for each in problems_of([tree], NOON) if each.level is Level.ERROR]


def test_what_is_set_is_written_where_others_are(tree: Path) -> None:
    told = new(
        *("Mailbox", "rui", "-n", "silva"),
        *("--set", "address=rui@silva.example", "--set", "quotaMiB=512"),
    )

    file = tree / "tenants" / "silva" / "mailbox-rui.yaml"
    assert told == (0, "tree/tenants/silva/mailbox-rui.yaml\n", "")
    assert file.read_text() == (
        "apiVersion: ispalier.dev/v1alpha1\n"
        "kind: Mailbox\n"
        "metadata:\n"
        "  name: rui\n"
        "  namespace: silva\n"
        "spec:\n"
        "  subscriptionRef:\n"
        "    name: home\n"
        "  address: rui@silva.example\n"
        "  password:\n"
        "    generate:\n"
        "      secretName: rui-mailbox\n"
        "  quotaMiB: 512\n"
    )


def test_a_customer_with_a_contract_is_two_commands(tree: Path) -> None:
    made = [
        new("Tenant", "souza", "--set", "number=10077", "--set", "displayName=Souza"),
        new(
            *("Subscription", "home", "-n", "souza", "--set", "terms[0].from=2026-12-01"),
            *("--set", "terms[0].planRef.name=fibra-600"),
        ),
        new("Login", "rui", "-n", "souza", "--set", "username=rui", "--set", "password={}"),
    ]

    assert [code for code, *_ in made] == [0, 0, 1]
    assert "exactly one of secretRef, hashRef and generate must be set" in made[2][2]
    assert errors(tree) == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("Mailbx", "x"), 2, "no kind is called Mailbx; did you mean Mailbox?"),
        (("Mailbox", "x"), 2, "whose Mailbox is it? Name the namespace with -n"),
        (("Mailbox", "x", "-n", "silva"), 2, "--set address=…   its address, lower case"),
        (("Mailbox", "x", "-n", "silva", "--set", "address"), 2, "write it as FIELD=VALUE"),
        (
            ("Mailbox", "x", "-n", "silva", "--set", "address=X@silva.example"),
            1,
            'Mailbox/x: spec.address: "X@silva.example" is not possible; write the address in',
        ),
        (
            ("Mailbox", "joao", "-n", "silva", "--set", "address=j@silva.example", "--set", "a=b"),
            1,
            "spec.a: is no field",
        ),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    words: tuple[str, ...], code: int, told: str, tree: Path
) -> None:
    before = sorted(tree.rglob("*"))

    ended, _, said = new(*words)

    assert (ended, sorted(tree.rglob("*"))) == (code, before)
    assert told in said


def test_a_file_that_is_there_is_left_alone(tree: Path) -> None:
    words = ("AccessPoint", "tower-2", "--set", "type=Pole")
    first, second = new(*words), new(*words)

    assert first[:2] == (0, "tree/provider/accesspoint-tower-2.yaml\n")
    assert second[0] == 1
    assert "is there already" in second[2]
    assert errors(tree) == []


def test_a_dry_run_prints_the_file(tree: Path) -> None:
    code, told, _ = new("AccessPoint", "tower-2", "--dry-run")

    assert (code, told.splitlines()[1]) == (0, "kind: AccessPoint")
    assert not (tree / "provider" / "accesspoint-tower-2.yaml").exists()


def test_on_a_terminal_what_is_missing_is_asked_for(tree: Path) -> None:
    command = Path(sys.executable).with_name("ispalier")
    words = [str(command), "new", "MailAlias", "vendas", "-n", "silva", "--folder", "tree"]
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command, words)  # noqa: S606 - our own command
    with os.fdopen(terminal, "r+b", buffering=0) as screen:
        for answer in (b"\n", b"vendas@silva.example\n", b"joao@silva.example\n"):
            seen = b""
            while not seen.rstrip().endswith(b":"):
                seen += screen.read(1000)
            screen.write(answer)
        _, status = os.waitpid(child, 0)

    text = (tree / "tenants" / "silva" / "mailalias-vendas.yaml").read_text()
    assert os.waitstatus_to_exitcode(status) == 0
    assert "address: vendas@silva.example" in text
    assert "- joao@silva.example" in text
    assert errors(tree) == []
