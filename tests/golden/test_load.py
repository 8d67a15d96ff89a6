"""Folders of YAML become a snapshot."""

from pathlib import Path

import pytest

from ispalier.api.catalogue import Plan
from ispalier.api.kinds import BY_NAME
from ispalier.api.parties import Tenant
from ispalier.world.load import load
from ispalier.world.snapshot import Broken, Ident
from tests.repositories import git

TENANT = """\
apiVersion: ispalier.dev/v1alpha1
kind: Tenant
metadata: {name: silva, namespace: silva}
spec: {number: "10042", displayName: João Silva, businessUnitRef: {name: londrina}}
"""
ROOT = "installation: 5f1c7f5e-0000-4000-8000-000000000000\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_folders_are_read_whole_without_hidden_files(tmp_path: Path) -> None:
    write(tmp_path / "tenants" / "silva" / "tenant.yaml", TENANT)
    write(tmp_path / ".github" / "workflow.yaml", "jobs: {}\n")
    write(tmp_path / "kustomization.yaml", "resources: []\n")
    write(tmp_path / "README.md", "# not YAML: [\n")

    loaded = load([tmp_path])

    assert loaded.problems == []
    assert loaded.files == 1
    assert loaded.world.numbers() == ["10042"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    file = write(tmp_path / "tenant.yaml", TENANT)

    loaded = load([tmp_path, file])

    assert loaded.problems == []
    assert loaded.files == 1


def test_all_kinds_are_complete_only_in_the_provider_s_own_folder(tmp_path: Path) -> None:
    write(tmp_path / "ispalier.yaml", ROOT)
    write(tmp_path / "silva" / "tenant.yaml", TENANT)

    whole, part = load([tmp_path]), load([tmp_path / "silva"])

    assert set(BY_NAME) == whole.world.complete
    assert whole.root is not None
    assert "Login" in part.world.complete
    assert "Plan" not in part.world.complete
    assert part.root is None


def test_nothing_is_complete_if_a_file_does_not_parse(tmp_path: Path) -> None:
    write(tmp_path / "tenant.yaml", TENANT)
    write(tmp_path / "other.yaml", "a: [b")

    loaded = load([tmp_path])

    assert set() == loaded.world.complete
    assert [f"{tmp_path}/other.yaml:1:4"] == [str(each.position) for each in loaded.errors]


def test_nothing_is_complete_if_something_cannot_be_named(tmp_path: Path) -> None:
    write(tmp_path / "tenant.yaml", TENANT.replace("name: silva, ", ""))

    assert set() == load([tmp_path]).world.complete


def test_what_is_wrong_is_there_but_broken(tmp_path: Path) -> None:
    write(tmp_path / "tenant.yaml", TENANT.replace('"10042"', "10042"))

    loaded = load([tmp_path])

    assert isinstance(loaded.world.find(Ident("Tenant", "silva", "silva")), Broken)
    assert "Tenant" in loaded.world.complete


def test_a_root_file_below_the_top_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "old" / "ispalier.yaml", ROOT)

    [problem] = load([tmp_path]).problems

    assert problem.what == "is a root file within another folder"


def test_a_root_file_without_an_id_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "ispalier.yaml", "instalation: 5\n")

    told = [f"{each.field}: {each.what}" for each in load([tmp_path]).problems]

    assert told == [
        "instalation: is no field",
        "installation: is not the id of an installation",
    ]


def test_secrets_come_from_a_folder_of_their_own(tmp_path: Path) -> None:
    write(tmp_path / "secrets" / "silva" / "joao" / "password", "% \" \\ ' { ä\n")
    write(tmp_path / "tenant.yaml", TENANT)

    loaded = load([tmp_path], tmp_path / "secrets")
    found = loaded.world.secret("silva", "joao", "password")

    assert found is not None
    assert found.reveal() == "% \" \\ ' { ä"


def test_a_secret_may_come_from_a_manifest_and_the_folder_together(tmp_path: Path) -> None:
    manifest = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {x: one}\n"
    )
    write(tmp_path / "a.yaml", manifest)
    write(tmp_path / "secrets" / "b" / "a" / "z", "w")

    world = load([tmp_path], tmp_path / "secrets").world

    assert world.secret("b", "a", "x") is not None
    assert world.secret("b", "a", "z") is not None


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    write(tmp_path / "secrets" / "a" / "b" / "c", "").write_bytes(b"\xff\xfe\xfd")

    loaded = load([tmp_path / "gone.yaml"], tmp_path / "secrets")

    assert [each.what for each in loaded.problems] == [
        "cannot be read: No such file or directory",
        "cannot be read: it is not UTF-8 text",
    ]


def test_a_field_of_an_object_has_a_place(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", f"# first\n{TENANT}")

    position = load([file]).where(Ident("Tenant", "silva", "silva"), ("spec", "number"))

    assert f"{file}:5:8" == str(position)


def test_the_world_holds_what_the_files_say(tmp_path: Path) -> None:
    write(
        tmp_path / "plan.json",
        '{"apiVersion": "ispalier.dev/v1alpha1", "kind": "Plan", "metadata": {"name": "p"},'
        ' "spec": {"family": "Mail", "availableIn": ["londrina"]}}',
    )
    write(tmp_path / "tenant.yaml", TENANT)

    world = load([tmp_path]).world
    plan, tenant = world.get(Plan, "", "p"), world.get(Tenant, "silva", "silva")

    assert plan is not None
    assert plan.spec.cycles == ("P1M",)
    assert tenant is not None
    assert tenant.spec.display_name == "João Silva"


@pytest.mark.parametrize("is_linked", [False, True])
def test_of_a_sparse_checkout_nothing_is_complete(tmp_path: Path, *, is_linked: bool) -> None:
    whole, tree = tmp_path / "whole", tmp_path / "tree"
    whole.mkdir()
    for name in ("silva", "lopes"):
        (whole / name).mkdir()
        (whole / name / "a.yaml").write_text("")
    (whole / "ispalier.yaml").write_text("installation: an-installation\n")
    git(whole, "init", "--quiet")
    git(whole, "add", "--all")
    git(whole, "commit", "--quiet", "-m", "All")
    words = ("worktree", "add", "--quiet") if is_linked else ("clone", "--quiet", str(whole))
    git(whole, *words, str(tree))
    before = load([tree])

    git(tree, "sparse-checkout", "set", "silva")

    after = load([tree])
    assert "Login" in before.world.complete
    assert after.world.complete == set()
    assert after.files < before.files
