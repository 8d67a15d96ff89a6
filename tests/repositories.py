"""Repositories of tests: git in a folder, in somebody's name."""

import subprocess
from pathlib import Path


def git(folder: Path, *words: str, name: str = "Ana", email: str = "ana@example.org") -> str:
    """Run git there; what it says."""
    who = ("-c", f"user.name={name}", "-c", f"user.email={email}", "-c", "commit.gpgsign=false")
    command = ["git", *who, *words]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603 - in a test's folder
    return done.stdout


def commit(folder: Path, subject: str = "all") -> None:
    """Commit all that is there; a folder that is no repository yet becomes one."""
    git(folder, "init", "-q")
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", subject)
