"""Secrets that are encrypted with SOPS, by the real program."""

import os
import subprocess
from pathlib import Path

import pytest

from hack.stack.programs import find
from ispalier.world.load import load
from ispalier.world.sops import Opener

MANIFEST = """\
apiVersion: v1
kind: Secret
metadata: {name: passwords, namespace: silva}
stringData: {login: "a pass: word\\n"}
---
apiVersion: v1
kind: Secret
metadata: {name: passwords, namespace: lopes}
data: {login: YW5vdGhlcg==}
"""
VALUES_ONLY = ("--encrypted-regex", "^(data|stringData)$")


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An age key that sops finds; its public half."""
    file = tmp_path / "keys.txt"
    said = subprocess.run(  # noqa: S603 - built from hack/sops
        [find("age-keygen"), "-o", file], check=True, capture_output=True, text=True
    )
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(file))
    monkeypatch.setenv("PATH", f"{find('sops').parent}{os.pathsep}{os.environ['PATH']}")
    return said.stderr.split()[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "tree"
    path.mkdir()
    (path / "secrets.yaml").write_text(MANIFEST)
    return path


def encrypt(file: Path, key: str, *options: str) -> None:
    subprocess.run(  # noqa: S603 - built from hack/sops
        [find("sops"), "--encrypt", "--age", key, *options, "--in-place", file],
        check=True,
        capture_output=True,
    )


def test_an_encrypted_secret_is_opened(folder: Path, key: str) -> None:
    encrypt(folder / "secrets.yaml", key, *VALUES_ONLY)
    assert "a pass" not in (folder / "secrets.yaml").read_text()

    loaded = load([folder], opener=Opener())

    assert loaded.problems == []
    values = [loaded.world.secret(each, "passwords", "login") for each in ("silva", "lopes")]
    assert [each.reveal() for each in values if each] == ["a pass: word\n", "another"]


def test_what_did_not_change_is_not_opened_again(
    folder: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypt(folder / "secrets.yaml", key, *VALUES_ONLY)
    opener = Opener()
    load([folder], opener=opener)
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", "/nowhere")  # whoever opened it now would fail

    assert load([folder], opener=opener).problems == []


def test_without_the_key_nothing_is_known_of_it_and_that_is_told(
    folder: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypt(folder / "secrets.yaml", key, *VALUES_ONLY)
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", "/nowhere")

    loaded = load([folder], opener=Opener())

    assert [each.subject for each in loaded.errors] == ["Secret/passwords", "Secret/passwords"]
    assert "cannot be decrypted" in loaded.errors[0].what
    assert loaded.world.secret("silva", "passwords", "login") is None


def test_checking_needs_no_key_and_knows_what_there_is(folder: Path, key: str) -> None:
    encrypt(folder / "secrets.yaml", key, *VALUES_ONLY)

    loaded = load([folder])

    assert loaded.problems == []
    assert loaded.world.secret("silva", "passwords", "login") is not None
    assert loaded.world.secret("silva", "passwords", "mail") is None


def test_what_is_encrypted_whole_cannot_be_told_apart(folder: Path, key: str) -> None:
    encrypt(folder / "secrets.yaml", key)

    [problem, *_] = load([folder]).errors

    assert problem.field == "kind"
    assert "--encrypted-regex" in problem.remedy
