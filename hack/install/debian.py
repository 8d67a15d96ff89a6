"""Debian and Ubuntu: installs missing packages, and nothing else on the machine changes."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from hack.install.needs import Need
from hack.install.terminal import InstallError, Task, run, say

_AS_ROOT = Path(__file__).with_name("as_root.py")
_ENGLISH = {"LC_ALL": "C"}


def install(missing: Sequence[Need], *, ask: bool) -> None:
    """Install the packages of what is missing, after a look at what apt would do."""
    packages = sorted({need.package for need in missing})
    if not _is_debian():
        raise InstallError(_list_for_other_systems(missing))
    say(f"missing: {', '.join(need.what for need in missing)}")
    installed = plan(packages)
    if ask and sys.stdin.isatty():
        say(f"apt will install {len(installed)} in all: {' '.join(installed)}")
        say("No service is started, none that runs is touched.")
        if input("Go on? [Y/n] ").strip().lower() not in {"", "y", "yes"}:
            raise InstallError(f"nothing was installed; needed are: {' '.join(packages)}")
    privileged("install", *packages, task=f"installing Debian packages ({len(installed)})")


def privileged(*words: str, task: str) -> None:
    """Do one of the acts of as_root.py, with sudo when we are not root."""
    command = [sys.executable, str(_AS_ROOT), *words]
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            raise InstallError(f"root is needed and there is no sudo; run: {' '.join(command)}")
        say("sudo is used for this")
        # The password is asked for here, before the bar moves, and never where nobody can type.
        quiet = [] if sys.stdin.isatty() else ["--non-interactive"]
        if subprocess.run(["sudo", *quiet, "--validate"], check=False).returncode:
            raise InstallError(f"sudo refused; run as root: {' '.join(command)}")
        command = ["sudo", *command]
    with Task(task) as shown:
        run(command, task=shown)


def plan(packages: Sequence[str]) -> list[str]:
    """Ask apt what it would do; refuse what would remove a package."""
    try:
        lines = _simulate(packages)
    except InstallError:  # apt does not know a package: its lists are old, or not there yet
        privileged("update", task="reading the lists of packages")
        lines = _simulate(packages)
    removed = [match[1] for line in lines if (match := re.match(r"Remv (\S+)", line))]
    if removed:
        raise InstallError(
            f"apt would have to remove {', '.join(removed)} to install {' '.join(packages)}: "
            "nothing was changed. Use a machine (or a container) of its own, or remove "
            f"{'it' if len(removed) == 1 else 'them'} first if you can do without."
        )
    return [match[1] for line in lines if (match := re.match(r"Inst (\S+)", line))]


def _simulate(packages: Sequence[str]) -> list[str]:
    return run(
        ["apt-get", "--simulate", "--no-install-recommends", "install", *packages], env=_ENGLISH
    )


def _is_debian() -> bool:
    return shutil.which("apt-get") is not None and shutil.which("dpkg-query") is not None


def _list_for_other_systems(missing: Sequence[Need]) -> str:
    lines = [f"  {need.what} (on Debian: {need.package})" for need in missing]
    return (
        "this is not Debian or Ubuntu, so nothing is installed by itself. Please install\n"
        + "\n".join(lines)
        + "\nand run this again; what is on the PATH is used."
    )
