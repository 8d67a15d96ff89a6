"""A provider's folder made from the example, and the command line run in it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

EXAMPLE = Path(__file__).parents[1] / "examples" / "home-fibre"
PASSWORD = "% \" \\ ' { ä"
Names = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A provider's folder, and the command line run in it."""

    path: Path

    def ispalier(self, *words: str, **env: str) -> Said:
        return said(self.path, words, env)

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.path / "tree" / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def secret(self, place: str, text: str) -> None:
        path = self.path / "tree" / "secrets" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def said(cwd: Path, words: tuple[str, ...], env: Mapping[str, str]) -> Said:
    done = subprocess.run(  # noqa: S603 - our own command
        [Path(sys.executable).with_name("ispalier"), *words],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def declared_in(path: Path, names: Names, dns_api_url: str) -> Folder:
    """The example under other names, with an identity, on the systems of the tests."""
    folder = Folder(path)
    for source in EXAMPLE.rglob("*.yaml"):
        target = folder.path / "tree" / _renamed(str(source.relative_to(EXAMPLE)), names)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_renamed(source.read_text(), names))
    folder.replace("provider/hosts.yaml", "http://127.0.0.1:8081", dns_api_url)
    assert folder.ispalier("init", "tree").code == 0
    return folder


class Systems(NamedTuple):
    """How to reach the systems that the example is served by."""

    radius_url: str
    dns_api_url: str
    dns_api_key: str
    mail_url: str


def with_secret_files(folder: Folder, line: str, systems: Systems) -> Folder:
    """The same with secrets, those of the line in that place."""
    folder.secret("ispalier/radius-1/url", systems.radius_url)
    folder.secret("ispalier/dns-1/api-key", systems.dns_api_key)
    folder.secret("ispalier/mail-1/url", systems.mail_url)
    folder.secret("ispalier/mikrotik-1/secret", "between us")
    folder.secret(f"{line}/line", f"{PASSWORD}\n")
    folder.secret(f"{line}/mail", PASSWORD)
    return folder


def with_secrets(folder: Folder, line: str, systems: Systems) -> Folder:
    """The same, and with tables in the databases."""
    with_secret_files(folder, line, systems)
    assert folder.ispalier("backend", "schema", "radius-1", "tree", "--apply").code == 0
    assert folder.ispalier("backend", "schema", "mail-1", "tree", "--apply").code == 0
    return folder


def _renamed(text: str, names: Names) -> str:
    for old, new in names:
        text = text.replace(old, new)
    return text
