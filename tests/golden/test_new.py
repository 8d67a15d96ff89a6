"""Files of new resources: from what is set, what is there, and what somebody answers."""

import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from ispalier.cli.main import app
from ispalier.cli.validate.problems import problems_of
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
    catalogue = tree / "provider" / "catalogue.yaml"
    catalogue.write_text(catalogue.read_text().replace("{mailboxes: 2}", "{mailboxes: 3}"))

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


def test_a_customer_s_namespace_is_kept_as_those_of_the_examples_are(tree: Path) -> None:
    new("Tenant", "souza", "--set", "number=10077", "--set", "displayName=Souza")

    made, theirs = (
        next(yaml.safe_load_all(file.read_text()))["metadata"]
        for file in (
            tree / "tenants" / "souza" / "tenant.yaml",
            tree / "tenants" / "silva" / "tenant.yaml",
        )
    )

    assert made == {**theirs, "name": "souza"}


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
            (
                "Mailbox",
                "x",
                "-n",
                "silva",
                "--set",
                "quotaMib=1",
                "--set",
                "address=x@silva.example",
            ),
            1,
            "Mailbox/x: spec.quotaMib: is no field; did you mean quotaMiB?",
        ),
        (
            ("Mailbox", "x", "-n", "silva", "--set", "foo.bar=1"),
            2,
            "Mailbox/x: spec.foo: is no field; remove it, or use one of subscriptionRef, address",
        ),
        (
            ("MailAlias", "x", "-n", "silva", "--set", "targets=[a", "--set", "targets[0]=b"),
            2,
            "--set targets[0]=b: a part of this is set otherwise already",
        ),
        (
            ("Subscription", "x", "-n", "silva", "--set", "terms[1].from=2026-12-01"),
            2,
            "--set terms[1].from=2026-12-01: set [0] first",
        ),
        (
            ("Login", "x", "-n", "silva", "--set", "username=x", "--set", "password=[{"),
            1,
            'spec.password: is the text "[{", not a mapping; write its fields below it',
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


@pytest.mark.parametrize(
    ("words", "field", "holder", "where"),
    [
        (
            "Tenant abc --set displayName=A --set number=10042",
            "number",
            "Tenant/silva",
            "tenant 15",
        ),
        ("Domain abc -n silva --set name=silva.example", "name", "Domain/silva-example", "names 7"),
        (
            "Mailbox abc -n silva --set address=joao@silva.example",
            "address",
            "Mailbox/joao",
            "mail 14",
        ),
        (
            "Login abc -n silva --set username=joao --set password.generate.secretName=x",
            "username",
            "Login/joao",
            "line 7",
        ),
    ],
)
def test_what_somebody_has_is_refused_as_by_validate_with_where_it_stands(
    words: str, field: str, holder: str, where: str, tree: Path
) -> None:
    before = sorted(tree.rglob("*"))
    file, line = where.split()

    code, out, said = new(*words.split())

    assert (code, out) == (1, "")
    assert said.splitlines()[0] == (
        f"{words.split(maxsplit=1)[0]}/abc: spec.{field}: {holder} of namespace silva has the same"
        f" (tree/tenants/silva/{file}.yaml:{line}:3); choose another one or remove one of the two"
    )
    assert "--force" not in said
    assert sorted(tree.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            "IPClaim abc -n silva",
            "tree/tenants/silva/line.yaml:4:12: Login/joao: it has several IPv4 addresses; leave one",
        ),
        (
            "Login joao -n silva --set username=other",
            "ispalier: Login/joao is there already, in tree/tenants/silva/line.yaml:2:1:",
        ),
        (
            "Mailbox abc -n silv",
            "ispalier: Mailbox/abc: namespace silv has no Tenant; did you mean silva?",
        ),
        (
            "Subscription home -n nowhere",
            "ispalier: Subscription/home: namespace nowhere has no Tenant; make one: ispalier new",
        ),
    ],
)
def test_nor_is_what_does_not_go_with_the_others(words: str, told: str, tree: Path) -> None:
    before = sorted(tree.rglob("*"))

    code, out, said = new(*words.split())

    assert (code, out) == (1, "")
    assert said.startswith(told)
    assert sorted(tree.rglob("*")) == before


def test_of_two_that_need_each_other_the_first_is_forced(tree: Path) -> None:
    catalogue = tree / "provider" / "catalogue.yaml"
    plan = "name: fibra-600}\nspec:\n"
    needs = f"{plan}  requires: [fibra-300]\n"
    catalogue.write_text(catalogue.read_text().replace(plan, needs))
    new("Tenant", "souza", "--set", "number=10077", "--set", "displayName=Souza")
    words = ["Subscription", "more", "-n", "souza", "--set", "terms[0].from=2026-12-01"]
    words += ["--set", "terms[0].planRef.name=fibra-600"]

    refused, forced = new(*words), new(*words, "--force")

    assert refused[0] == 1
    assert "Plan/fibra-600 needs Plan/fibra-300, which this customer does not hold" in refused[2]
    assert refused[2].endswith("where two need each other: the first with --force\n")
    assert forced[:2] == (0, "tree/tenants/souza/subscription-more.yaml\n")
    assert [each.partition(": ")[2] for each in errors(tree)] == [
        each.partition(": ")[2] for each in forced[2].splitlines() if "warning" not in each
    ]


def test_what_is_wrong_by_itself_cannot_be_forced(tree: Path) -> None:
    code, _, said = new("Mailbox", "x", "-n", "silva", "--set", "address=X", "--force")

    assert code == 1
    assert "Mailbox/x: spec.address:" in said
    assert not (tree / "tenants" / "silva" / "mailbox-x.yaml").exists()


def test_what_was_wrong_before_is_nobodys_concern(tree: Path) -> None:
    mail = tree / "tenants" / "silva" / "mail.yaml"
    mail.write_text(mail.read_text().replace("address: maria@", "address: joao@"))

    code, out, _ = new("AccessPoint", "tower-2", "--set", "type=Pole")

    assert len(errors(tree)) == 1
    assert (code, out) == (0, "tree/provider/accesspoint-tower-2.yaml\n")


@pytest.mark.usefixtures("tree")
def test_what_validate_warns_of_is_told_with_its_place() -> None:
    code, _, said = new("Login", "meter", "-n", "silva", "--set", "mac=AA:BB:CC:00:11:22")

    assert code == 0
    assert said.startswith(
        "tree/tenants/silva/login-meter.yaml:9:3: Login/meter: spec.mac: warning: has no effect yet"
    )


def test_who_cannot_read_all_files_says_so(tree: Path) -> None:
    (tree / "tenants" / "half.yaml").write_text("a: [b\n")

    assert new("AccessPoint", "tower-2", "--set", "type=Pole") == (
        0,
        "tree/provider/accesspoint-tower-2.yaml\n",
        "not all files can be read, and what stands there is not known: see `ispalier validate`\n",
    )


def test_the_kind_may_be_written_as_for_kubectl(tree: Path) -> None:
    assert new("accesspoint", "tower-2", "--set", "type=Pole")[:2] == (
        0,
        "tree/provider/accesspoint-tower-2.yaml\n",
    )
    assert errors(tree) == []
