"""Secrets that are encrypted with SOPS, by the real program."""

import os
import re
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

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


class Listening(BaseHTTPRequestHandler):
    """Somebody's own Vault, who wants to see what he is told."""

    told: ClassVar[list[str]] = []

    def do_PUT(self) -> None:
        self.told.append(self.headers["X-Vault-Token"] or "")
        self.send_error(403)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def vault() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Listening)
    Listening.told.clear()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def for_vault(file: Path, address: str) -> None:
    """Have an encrypted file name a key in a Vault instead of its own key."""
    text, entry = file.read_text(), f'{{"vault_address": "{address}", "engine_path": transit,'
    entry += ' "key_name": x, "created_at": "2026-01-01T00:00:00Z", "enc": "vault:v1:AAAA"}'
    lines = re.sub(r"(?ms)^    age:\n.*?^    lastmodified", "    lastmodified", text)
    bare = lines.replace("    hc_vault: []\n", "")
    file.write_text(bare.replace("\nsops:\n", f"\nsops:\n    hc_vault: [{entry}]\n"))


def test_nobody_has_the_vaults_token_sent_to_a_server_of_his_own(
    folder: Path, key: str, vault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "hunter2")
    file = folder / "secrets.yaml"
    encrypt(file, key, *VALUES_ONLY)
    for_vault(file, vault)

    elsewhere = load([folder], opener=Opener("https://vault.provider.example"))
    told_elsewhere = list(Listening.told)
    load([folder], opener=Opener(f"{vault}/"))

    what = {each.what for each in elsewhere.problems}
    assert what == {f"cannot be decrypted: it names a Vault at {vault}, which is not VAULT_ADDR"}
    assert told_elsewhere == []
    assert set(Listening.told) == {"hunter2"}
