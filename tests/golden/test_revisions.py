"""`validate` of what stands in git, and of what became of it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ispalier.cli.main import app
from tests.repositories import commit, git

UNIT = """\
apiVersion: ispalier.dev/v1alpha1
kind: BusinessUnit
metadata: {name: sofia}
spec: {displayName: Sofia, timeZone: Europe/Sofia, currency: EUR}
"""
PLAN = """\
apiVersion: ispalier.dev/v1alpha1
kind: Plan
metadata: {name: mail}
spec:
  family: Mail
  availableIn: [sofia]
  prices:
    - {currency: EUR, amount: "3", validFrom: 2026-01-01}
"""
TENANT = """\
apiVersion: ispalier.dev/v1alpha1
kind: Tenant
metadata: {name: silva, namespace: silva}
spec: {number: "1", displayName: Silva, businessUnitRef: {name: sofia}}
"""
CONTRACT = """\
apiVersion: ispalier.dev/v1alpha1
kind: Subscription
metadata: {name: mail, namespace: silva}
spec:
  terms: [{from: 2026-01-01, planRef: {name: mail}}]
  end: {date: 2026-02-01, reason: Moved}
"""
FILES = {"unit": UNIT, "plan": PLAN, "tenant": TENANT, "contract": CONTRACT}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, in which we are."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all").mkdir()
    for name, text in FILES.items():
        (tmp_path / "all" / f"{name}.yaml").write_text(text)
    commit(tmp_path)
    return tmp_path / "all"


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def validate(*words: str, stdin: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["validate", *words], input=stdin)
    return done.exit_code, done.stdout


def test_a_revision_is_checked_and_not_what_stands_there_now(tree: Path) -> None:
    edit(tree / "plan.yaml", "family: Mail", "family: Hostin")

    assert validate("all", "--rev", "HEAD") == (0, "")
    assert validate("all") == (
        1,
        'all/plan.yaml:5:3: Plan/mail: spec.family: "Hostin" is not possible; did you mean Hosting?\n',
    )


def test_only_what_is_new_is_told(tree: Path) -> None:
    edit(tree / "tenant.yaml", "displayName: Silva", "displayName: ''")
    commit(tree.parent)
    (tree / "unit.yaml").write_text("# a line more\n" + UNIT.replace("EUR", "euro"))

    code, told = validate("all", "--changed-since", "HEAD")

    assert code == 1
    assert [line.partition(": ")[0] for line in told.splitlines()] == ["all/unit.yaml:5:52"]
    assert len(validate("all")[1].splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            "plan",
            'amount: "3"',
            'amount: "4"',
            (
                "all/plan.yaml:4:1: Plan/mail: spec: prices are added, never edited or removed; put it"
                " back, and add one with a later validFrom\n"
            ),
        ),
        (
            "tenant",
            'number: "1"',
            'number: "2"',
            (
                "all/tenant.yaml:4:8: Tenant/silva: spec.number: is immutable; make a new resource"
                " instead\n"
            ),
        ),
        (
            "contract",
            "  end: {date: 2026-02-01, reason: Moved}\n",
            "",
            (
                "all/contract.yaml:4:1: Subscription/mail: spec.end: this contract ended on 2026-02-01"
                " and never comes back; put spec.end back, and make a new Subscription\n"
            ),
        ),
    ],
)
def test_what_may_not_become_of_something_is_told(
    name: str, old: str, new: str, told: str, tree: Path
) -> None:
    edit(tree / f"{name}.yaml", old, new)

    assert validate("all") == (0, "")
    assert validate("all", "--changed-since", "HEAD") == (1, told)


def test_a_price_may_be_added(tree: Path) -> None:
    more = '    - {currency: EUR, amount: "4", validFrom: 2027-01-01}\n'
    (tree / "plan.yaml").write_text(PLAN + more)

    assert validate("all", "--changed-since", "HEAD") == (0, "")


def test_a_file_that_was_not_there_is_new(tree: Path) -> None:
    (tree / "new.yaml").write_text(UNIT.replace("sofia", "SOFIA"))

    code, told = validate("all/new.yaml", "--changed-since", "HEAD")

    assert (code, told.partition(":")[0]) == (1, "all/new.yaml")


def test_standard_input_is_a_file_too(tree: Path) -> None:
    assert tree.exists()
    assert validate("-", stdin=UNIT) == (0, "")
    assert validate("-", stdin=UNIT.replace("EUR", "euro"))[1].startswith("-:4:52: BusinessUnit/")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            ("--rev", "no-such-branch"),
            "'no-such-branch' in {0}: fetch it, or name one of main, v1.0",
        ),
        (("--changed-since", "mian"), "'mian' in {0}: did you mean main?"),
        (("--changed-since", "mian", "--author", "ana"), "'mian' in {0}: did you mean main?"),
        (("--changed-since", "main", "--rev", "v1.1"), "'v1.1' in {0}: did you mean v1.0?"),
    ],
)
def test_a_revision_that_is_not_there_is_named_with_those_that_are_near(
    tree: Path, asked: tuple[str, ...], told: str
) -> None:
    git(tree.parent, "branch", "-M", "main")
    git(tree.parent, "tag", "v1.0")

    done = CliRunner().invoke(app, ["validate", "all", *asked])

    assert done.exit_code == 2
    assert done.stderr == f"ispalier: there is no revision {told.format(tree.parent)}\n"


def test_a_revision_beyond_the_end_of_a_shallow_clone_says_how_to_fetch_it(
    tree: Path, tmp_path: Path
) -> None:
    (tree / "plan.yaml").touch()
    git(tree.parent, "commit", "-q", "--allow-empty", "-m", "second")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{tree.parent}", str(clone))

    done = CliRunner().invoke(app, ["validate", str(clone / "all"), "--changed-since", "HEAD~1"])

    assert done.exit_code == 2
    assert "in CI with a fetch depth of 0" in done.stderr


def test_a_link_that_leads_out_of_the_repository_is_left_out(tree: Path) -> None:
    (tree / "out.yaml").symlink_to("/dev/null")
    (tree / "up.yaml").symlink_to("../../gone.yaml")
    commit(tree.parent)

    assert validate("all", "--rev", "HEAD") == (0, "")


def test_what_others_did_meanwhile_is_not_taken_back_by_a_branch(tree: Path) -> None:
    git(tree, "branch", "mine")
    later = ', validUntil: 2026-12-01}\n    - {currency: EUR, amount: "4", validFrom: 2026-12-01}'
    edit(tree / "plan.yaml", "validFrom: 2026-01-01}", f"validFrom: 2026-01-01{later}")
    (tree / "more.yaml").write_text(TENANT.replace("silva", "souza").replace('"1"', '"2"'))
    commit(tree.parent)
    git(tree, "tag", "theirs")
    edit(tree / "more.yaml", '"2"', '"3"')
    told = validate("all", "--changed-since", "theirs")[1]
    git(tree, "checkout", "-q", "-f", "mine")
    (tree / "more.yaml").write_text(TENANT.replace("silva", "souza").replace('"1"', '"3"'))

    assert "spec.number" in told
    assert validate("all", "--changed-since", "theirs") == (0, "")


def test_what_is_not_to_be_exported_is_checked_all_the_same(tree: Path) -> None:
    (tree / ".gitattributes").write_text("plan.yaml export-ignore\n")
    commit(tree.parent)
    edit(tree / "plan.yaml", 'amount: "3"', 'amount: "4"')
    code, told = validate("all", "--changed-since", "HEAD")

    assert validate("all", "--rev", "HEAD") == (0, "")
    assert code == 1
    assert told.startswith("all/plan.yaml:")
    assert "prices are added, never edited" in told
