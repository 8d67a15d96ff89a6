"""The few acts that need root; run by itself, with sudo: `as_root.py install PACKAGE...`.

While packages are installed a policy-rc.d keeps every service from being started or restarted
(Debian's own way, see invoke-rc.d(8)), and no PostgreSQL cluster is made. Both are taken away
at the end; after a kill -9 the first one is without effect, since it looks for this process.
What was newly installed is then disabled, so that it does not start with the machine either.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLICY = Path("/usr/sbin/policy-rc.d")
_FORMER_POLICY = Path("/usr/sbin/policy-rc.d.before-ispalier")
_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/ispalier-installs.conf")
_MARK = "ispalier's installer"
_QUIET = {
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBIAN_PRIORITY": "critical",
    "UCF_FORCE_CONFFOLD": "1",
    "NEEDRESTART_MODE": "l",  # Ubuntu: list, do not restart
    "LC_ALL": "C",
}


def main(act: str, *words: str) -> None:
    """Do one act."""
    match act:
        case "update":
            _apt("update")
        case "install":
            _install(words)
        case "copy":
            _copy(Path(words[0]), Path(words[1]))
        case _:
            raise SystemExit(f"{act} is not an act; there are: update, install, copy")


def _install(packages: tuple[str, ...]) -> None:
    before = _installed()
    if "postfix" in packages and "postfix" not in before:
        _answer("postfix postfix/main_mailer_type select No configuration")
    with _services_kept_from_starting(), _no_cluster_made():
        _apt("install", "--yes", "--no-install-recommends", "--no-remove", "--quiet", *packages)
    for package in sorted(_installed() - before):
        _disable(package)


@contextmanager
def _services_kept_from_starting() -> Iterator[None]:
    if _POLICY.exists() and _MARK not in _POLICY.read_text(errors="replace"):
        _POLICY.rename(_FORMER_POLICY)
    _POLICY.write_text(
        "#!/bin/sh\n"
        f"# Made by {_MARK} (process {os.getpid()}) and removed by it at its end.\n"
        f"[ -d /proc/{os.getpid()} ] && exit 101\n"
        f'[ -x {_FORMER_POLICY} ] && exec {_FORMER_POLICY} "$@"\n'
        "exit 0\n"
    )
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()
        if _FORMER_POLICY.exists():
            _FORMER_POLICY.rename(_POLICY)


@contextmanager
def _no_cluster_made() -> Iterator[None]:
    made = [folder for folder in _NO_CLUSTER.parents if not folder.exists()]
    _NO_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
    _NO_CLUSTER.write_text("create_main_cluster = false\n")
    try:
        yield
    finally:
        _NO_CLUSTER.unlink()
        for folder in made:
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()


def _disable(package: str) -> None:
    """Keep what a package would start from starting with the machine."""
    listed = subprocess.run(
        ["dpkg-query", "--listfiles", package], capture_output=True, text=True, check=True
    )
    for file in map(Path, listed.stdout.splitlines()):
        if file.parent.name == "system" and file.suffix in {".service", ".socket", ".timer"}:
            _quietly("systemctl" if shutil.which("systemctl") else "deb-systemd-helper", file.name)
        elif file.parent == Path("/etc/init.d") and shutil.which("update-rc.d"):
            _quietly("update-rc.d", file.name)


def _quietly(program: str, unit: str) -> None:
    words = [program, unit, "disable"] if program == "update-rc.d" else [program, "disable", unit]
    subprocess.run(words, capture_output=True, check=False)  # static units cannot be disabled


def _copy(source: Path, target: Path) -> None:
    """Copy a folder for the user who called sudo."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)
    owner = int(os.environ.get("SUDO_UID", "0"))
    for path in (target, *target.rglob("*")):
        os.chown(path, owner, -1, follow_symlinks=False)


def _installed() -> set[str]:
    listed = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n"],
        capture_output=True,
        text=True,
        check=True,
    )
    states = (line.split() for line in listed.stdout.splitlines())
    return {name for name, state in states if state == "installed"}


def _answer(question: str) -> None:
    subprocess.run(["debconf-set-selections"], input=question, text=True, check=True)


def _apt(*words: str) -> None:
    done = subprocess.run(["apt-get", *words], env={**os.environ, **_QUIET}, check=False)
    if done.returncode:
        raise SystemExit(f"apt-get {' '.join(words)} failed with code {done.returncode}")


if __name__ == "__main__":
    main(*sys.argv[1:])
