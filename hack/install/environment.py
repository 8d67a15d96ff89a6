"""The virtual environment: exactly what requirements.lock says, checked by hash."""

import hashlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from hack.install.terminal import InstallError, Task, run
from hack.stack.places import ROOT

VENV = ROOT / ".venv"
_LOCK = ROOT / "requirements.lock"
_STAMP = VENV / "made-from"


def is_current() -> bool:
    """Whether the environment was made from the lock, the project and the Python of today."""
    return _STAMP.exists() and _STAMP.read_text() == _digest() and (VENV / "bin/python").exists()


def make() -> None:
    """Make the environment, or bring it up to date."""
    with Task("making the virtual environment .venv") as task:
        if not _is_of_this_python():
            shutil.rmtree(VENV, ignore_errors=True)
            run([sys.executable, "-m", "venv", VENV], task=task)
        _STAMP.unlink(missing_ok=True)
        python, uv = VENV / "bin/python", VENV / "bin/uv"
        if not uv.exists():
            _install_uv(python, task)
        env = {"VIRTUAL_ENV": str(VENV), **_pip_settings_for_uv()}
        sync: list[str | Path] = [
            uv,
            "pip",
            "sync",
            "--compile-bytecode",
            "--require-hashes",
            _LOCK,
        ]
        run(sync, task=task, env=env)
        itself: list[str | Path] = ["--no-deps", "--no-build-isolation", "--editable", ROOT]
        run([uv, "pip", "install", *itself], task=task, env=env)
    _STAMP.write_text(_digest())


def install_locked(python: Path, requirements: str, task: Task) -> None:
    """Install requirements with their hashes by the pip of an environment."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        words = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        run([python, "-m", "pip", *words, "--no-deps", "-r", file.name], task=task)


def _install_uv(python: Path, task: Task) -> None:
    locked = re.search(r"^uv==.*?(?=^\S)", _LOCK.read_text(), re.MULTILINE | re.DOTALL)
    if locked is None:
        raise InstallError(f"{_LOCK} does not name uv: run `make lock`")
    install_locked(python, locked[0], task)


def _pip_settings_for_uv() -> dict[str, str]:
    """Give uv, which reads none of pip's settings, a mirror or a certificate set for pip."""
    same = {
        "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
        "PIP_EXTRA_INDEX_URL": "UV_INDEX",
        "PIP_CERT": "SSL_CERT_FILE",
    }
    return {
        theirs: os.environ[ours]
        for ours, theirs in same.items()
        if ours in os.environ and theirs not in os.environ
    }


def _is_of_this_python() -> bool:
    settings = VENV / "pyvenv.cfg"
    version = ".".join(map(str, sys.version_info[:3]))
    return (
        settings.exists()
        and re.search(rf"^version = {re.escape(version)}$", settings.read_text(), re.MULTILINE)
        is not None
        and (VENV / "bin/python").exists()
    )


def _digest() -> str:
    parts = [_LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes()]
    parts += [sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
