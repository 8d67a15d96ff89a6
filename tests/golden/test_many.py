"""Many files are judged in parts, by several processes, with what is known: the answer is the same."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ispalier.cli.validate import judges, many
from ispalier.cli.validate.ahead import Ahead, Question
from ispalier.cli.validate.crew import Crew
from ispalier.cli.validate.judges import Done, Judges, Piece
from ispalier.cli.validate.many import Look
from ispalier.cli.validate.problems import problems_of
from ispalier.cli.validate.store import Store
from ispalier.world.findings import Problem
from ispalier.world.folder import names

HERE = Path(__file__).parent
EXAMPLES = sorted(each for each in (HERE.parents[1] / "examples").iterdir() if each.is_dir())
TREES = [HERE / "api" / "valid", HERE / "api" / "invalid", HERE / "validate", *EXAMPLES]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEAD = "apiVersion: ispalier.dev/v1alpha1\n"


def looked(
    tree: Path, cache: Path | None = None, crew: int = 1, now: datetime = NOON
) -> list[Problem]:
    here = Crew(partial(asked_of, Judges(crew)), 1)
    return Look([tree], now, here).of(list(names([tree])), cache)[0]


def asked_of(judges: Judges, question: Question) -> object:
    return question(judges)


def written(tree: Path, name: str, kind: str, where: str, spec: str) -> Path:
    file = tree / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{HEAD}kind: {kind}\nmetadata: {{{where}}}\nspec: {spec}\n")
    return file


def tenant(tree: Path, name: str, user: str) -> Path:
    """A tenant with a line; the files were there for a while."""
    for kind, spec in (
        ("Tenant", f'{{number: "{name}", displayName: x, businessUnitRef: {{name: unit}}}}'),
        ("Subscription", "{terms: [{from: 2026-01-01, planRef: {name: plan}}]}"),
        ("Login", f"{{subscriptionRef: {{name: main}}, username: {user}, {PASSWORD}}}"),
    ):
        made = written(tree, f"{name}/{kind}.yaml", kind, f"name: main, namespace: {name}", spec)
        os.utime(made, (1_700_000_000, 1_700_000_000))
    return made


PASSWORD = "password: {secretRef: {name: a, key: b}}"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    unit = "{displayName: x, timeZone: UTC, currency: EUR, billing: {dueDay: 10}}"
    written(tree, "unit.yaml", "BusinessUnit", "name: unit", unit)
    tenant(tree, "one", "a")
    tenant(tree, "two", "b")
    return tree


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes are worth their start here, and nothing is judged together that need not be."""
    monkeypatch.setattr(judges, "FEW", 1)
    monkeypatch.setattr(judges, "AT_ONCE", 1)


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_the_answer_is_the_same_in_parts_by_two_and_from_memory(tree: Path, cache: Path) -> None:
    whole = problems_of([tree], NOON)

    assert looked(tree) == whole
    assert looked(tree, cache, crew=2) == whole
    assert looked(tree, cache) == whole


PROVIDER = {
    "BusinessUnit": "{displayName: x, timeZone: Asia/Tokyo, currency: EUR, billing: {dueDay: 1}}",
    "AccessProfile": "{download: 300M, upload: 100M}",
    "Plan": "{family: Access, availableIn: [x], access: {profileRef: {name: x}},"
    ' prices: [{currency: EUR, amount: "9", validFrom: 2026-01-01}]}',
    "IPPool": "{prefixes: [{prefix: 192.0.2.0/30}]}",
}
HOSTS = {
    "radius": "{type: RADIUS, radius: {database: {urlSecretRef: {name: a, key: b}}}}",
    "mail": "{type: Mail, mail: {database: {urlSecretRef: {name: a, key: b}}}}",
}
CUSTOMERS = {
    "a": '{number: "1", displayName: x, businessUnitRef: {name: x}}',
    "b": '{number: "2", displayName: x, businessUnitRef: {name: x}}',
    "c": '{number: "2", displayName: x, businessUnitRef: {name: x}}',
}
PASSWORD_ = PASSWORD.replace("{", "{{").replace("}", "}}")
PIECES = {
    "Login": f"{{{{subscriptionRef: {{{{name: x}}}}, username: {{0}}, {PASSWORD_}}}}}",
    "MailDomain": "{{subscriptionRef: {{name: x}}, name: {0}.example}}",
    "Mailbox": f"{{{{subscriptionRef: {{{{name: x}}}}, address: x@{{0}}.example, {PASSWORD_}}}}}",
    "MailAlias": "{{subscriptionRef: {{name: x}}, address: x@{0}.example, targets: [a@b.example]}}",
    "Domain": "{{subscriptionRef: {{name: x}}, name: {0}.example}}",
    "IPClaim": "{{poolRef: {{name: x}}, loginRef: {{name: x}}}}",
}
THINGS = st.tuples(
    st.sampled_from(sorted(PIECES)),
    st.sampled_from("abc"),
    st.sampled_from("xz"),
    st.sampled_from(["x", "z", "w.x"]),
)


def people(tree: Path, customers: str, things: Sequence[tuple[str, str, str, str]]) -> None:
    """A provider, some customers with a contract each, and things of theirs."""
    for kind, spec in PROVIDER.items():
        written(tree, f"{kind}.yaml", kind, "name: x", spec)
    for name, spec in HOSTS.items():
        written(tree, f"{name}.yaml", "ServiceHost", f"name: {name}", spec)
    for each in customers:
        written(
            tree,
            f"{each}/tenant.yaml",
            "Tenant",
            f"name: {each}, namespace: {each}",
            CUSTOMERS[each],
        )
        terms = "{terms: [{from: 2026-01-01, planRef: {name: x}}]}"
        written(tree, f"{each}/contract.yaml", "Subscription", f"name: x, namespace: {each}", terms)
    for place, (kind, space, name, value) in enumerate(things):
        where = f"name: {name}, namespace: {space}"
        written(tree, f"{place:02}.yaml", kind, where, PIECES[kind].format(value))


@given(st.sampled_from(["ab", "bc", "abc"]), st.lists(THINGS, max_size=14))
@settings(deadline=None, max_examples=60)
def test_whatever_touches_is_judged_together(
    customers: str, things: Sequence[tuple[str, str, str, str]]
) -> None:
    with TemporaryDirectory() as folder:
        people(Path(folder), customers, things)

        assert looked(Path(folder)) == problems_of([Path(folder)], NOON)


TOUCHING = {
    "one user name": [("Login", "a", "x", "x"), ("Login", "b", "x", "x")],
    "one mail domain": [("MailDomain", "a", "x", "x"), ("MailDomain", "b", "x", "x")],
    "another's mail domain": [("MailDomain", "a", "x", "x"), ("Mailbox", "b", "x", "x")],
    "another's domain for an alias": [("MailDomain", "a", "x", "x"), ("MailAlias", "b", "x", "x")],
    "one zone": [("Domain", "a", "x", "x"), ("Domain", "b", "x", "x")],
    "a zone in another's": [("Domain", "a", "x", "x"), ("Domain", "b", "x", "www.x")],
    "mail in another's zone": [("Domain", "a", "x", "x"), ("MailDomain", "b", "x", "w.w.x")],
    "two addresses for three": [
        *(("Login", each, "x", f"x{each}") for each in "ab"),
        *(("IPClaim", *each, "x") for each in ("ax", "bx", "az")),
    ],
}


@pytest.mark.parametrize("things", TOUCHING.values(), ids=TOUCHING)
def test_a_mistake_between_two_customers_is_told(
    tmp_path: Path, things: Sequence[tuple[str, str, str, str]]
) -> None:
    people(tmp_path, "ab", things)
    told = looked(tmp_path)

    assert told == problems_of([tmp_path], NOON)
    assert [each for each in told if "Tenant" not in each.what] != []


def test_one_number_of_two_customers_is_told(tmp_path: Path) -> None:
    people(tmp_path, "bc", [])

    assert [each.what for each in looked(tmp_path)] == ["Tenant/b of namespace b has the same"]


def test_an_address_that_is_named_is_given_before_any(tmp_path: Path) -> None:
    people(tmp_path, "ab", [*TOUCHING["two addresses for three"][:2], ("IPClaim", "a", "x", "x")])
    claim = '{poolRef: {name: x}, loginRef: {name: x}, address: "192.0.2.1"}'
    written(tmp_path, "fixed.yaml", "IPClaim", "name: x, namespace: b", claim)

    assert looked(tmp_path) == problems_of([tmp_path], NOON) == []


def _changed(tree: Path) -> None:
    tenant(tree, "two", "a")


def _kept_its_time(tree: Path) -> None:
    file = tree / "two" / "Login.yaml"
    before = file.stat()
    file.write_text(file.read_text().replace("username: b", "username: a"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _added(tree: Path) -> None:
    tenant(tree, "three", "a")


def _removed(tree: Path) -> None:
    (tree / "unit.yaml").unlink()


def _renamed(tree: Path) -> None:
    (tree / "two" / "Tenant.yaml").rename(tree / "two" / "customer.yaml")


def _moved(tree: Path) -> None:
    (tree / "one").rename(tree / "zero")


def _unreadable(tree: Path) -> None:
    (tree / "two" / "Login.yaml").write_text("a: [")


@pytest.mark.parametrize(
    "edit", [_changed, _kept_its_time, _added, _removed, _renamed, _moved, _unreadable]
)
def test_what_was_edited_is_looked_at_again(
    tree: Path, cache: Path, edit: Callable[[Path], None]
) -> None:
    looked(tree, cache)
    edit(tree)

    assert looked(tree, cache) == problems_of([tree], NOON)


def test_what_all_refer_to_has_gone_and_all_is_judged_again_by_two(
    tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ispalier.cli.validate.store.RACY", -(10**18))
    looked(tree, cache, crew=2)
    _removed(tree)
    crews: list[int] = []

    def counted(work: Callable[[Piece], Done], size: int) -> Crew[Piece, Done]:
        crews.append(size)
        return Crew(work, size)

    monkeypatch.setattr(judges, "Crew", counted)

    assert looked(tree, cache, crew=2) == problems_of([tree], NOON)
    assert crews == [2]  # there was nothing to read, and much to judge


def test_what_did_not_change_is_not_read_again(
    tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ispalier.cli.validate.store.RACY", -(10**18))
    first = looked(tree, cache)
    monkeypatch.setattr(judges, "contents", None)

    assert looked(tree, cache) == first


def test_where_nothing_changed_nobody_is_asked(
    tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ispalier.cli.validate.store.RACY", -(10**18))
    first = looked(tree, cache)
    alone: Ahead = Crew(never, 1)

    assert Look([tree], NOON, alone).of(list(names([tree])), cache)[0] == first


def never(_question: Question) -> object:
    pytest.fail("this was known")


def test_what_was_read_again_is_taken_down(tree: Path, cache: Path) -> None:
    looked(tree, cache)
    [before] = [each.read_bytes() for each in cache.iterdir()]
    looked(tree, cache)
    [after] = [each.read_bytes() for each in cache.iterdir()]

    assert before != after


def test_a_file_that_was_changed_just_now_is_read_again(
    tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked(tree, cache)
    monkeypatch.setattr("ispalier.cli.validate.many.text_of", None)

    with pytest.raises(TypeError):
        looked(tree, cache)


@pytest.mark.parametrize("at", [0, 20, -20, -1])
def test_a_damaged_cache_is_as_good_as_none(tree: Path, cache: Path, at: int) -> None:
    first = looked(tree, cache)
    [file] = cache.iterdir()
    damaged = bytearray(file.read_bytes())
    damaged[at] ^= 0xFF
    file.write_bytes(damaged)

    assert looked(tree, cache) == first
    assert file.read_bytes() != damaged


@pytest.mark.parametrize("text", [b"", b"x", b"x" * 40])
def test_a_cache_that_is_something_else_is_as_good_as_none(
    tree: Path, cache: Path, text: bytes
) -> None:
    first = looked(tree, cache)
    [file] = cache.iterdir()
    file.write_bytes(text)

    assert looked(tree, cache) == first


def test_another_version_of_the_program_trusts_nothing(
    tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked(tree, cache)
    monkeypatch.setattr(many, "version", lambda: b"another")
    monkeypatch.setattr(Store, "save", lambda *_: None)
    monkeypatch.setattr(Judges, "_judged", lambda *_: iter(()))

    with pytest.raises(ValueError, match="zip"):
        looked(tree, cache)


def test_another_day_is_judged_anew(tree: Path, cache: Path) -> None:
    looked(tree, cache)
    [before] = [each.read_bytes() for each in cache.iterdir()]
    looked(tree, cache, now=NOON.replace(day=23))
    [after] = [each.read_bytes() for each in cache.iterdir()]

    assert before != after


def test_where_nothing_can_be_written_nothing_is_kept(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert looked(tree, tmp_path / "file" / "cache") == problems_of([tree], NOON)


def test_nothing_is_kept_of_secrets_in_the_clear(tree: Path, cache: Path) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: two}\n"
    (tree / "two" / "secret.yaml").write_text(f"{secret}stringData: {{b: hunter2}}\n")
    first = looked(tree, cache)
    [kept] = [each.read_bytes() for each in cache.iterdir()]

    assert "holds its values in the clear" in str([each.what for each in first])
    assert b"secret.yaml" not in kept
    assert looked(tree, cache) == first


def test_the_cache_keeps_the_trees_that_were_looked_at_last(tree: Path, cache: Path) -> None:
    cache.mkdir()
    for number in range(40):
        (cache / f"{number}.tree").write_text("")
    looked(tree, cache)

    assert len(list(cache.iterdir())) == 16


COMMAND = [str(Path(sys.executable).with_name("ispalier")), "validate", "."]


def test_two_commands_at_once_say_the_same(tree: Path, cache: Path) -> None:
    for number in range(200):
        tenant(tree, f"t{number}", f"u{number}")
    env = {**os.environ, "ISPALIER_CACHE_FOLDER": str(cache)}
    two = [subprocess.Popen(COMMAND, cwd=tree, env=env, stdout=PIPE, stderr=PIPE) for _ in range(2)]  # noqa: S603 - our own
    first, second = (each.communicate() for each in two)
    third = subprocess.run(COMMAND, cwd=tree, env=env, capture_output=True, check=False)  # noqa: S603 - our own

    assert first == second == (third.stdout, third.stderr)
    assert len(list((cache / "validate").iterdir())) == 1
