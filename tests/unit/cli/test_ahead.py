"""The models are loaded beside the look at the files: nobody waits for them in vain, and none stays."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from subprocess import PIPE
from threading import get_native_id
from typing import NoReturn

import pytest

from hack.stack.process import session_members
from ispalier.cli.validate import judges
from ispalier.cli.validate.judges import Judges

COMMAND = str(Path(sys.executable).with_name("ispalier"))
UNIT = """\
apiVersion: ispalier.dev/v1alpha1
kind: BusinessUnit
metadata: {name: NAME}
spec: {displayName: x, timeZone: UTC, currency: EUR, billing: {dueDay: DAY}}
"""
FILES = 600


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many files, long there, the last of which is wrong."""
    tree = tmp_path_factory.mktemp("tree")
    for number in range(FILES):
        day = "99" if number == FILES - 1 else "10"
        file = tree / f"{number:03}.yaml"
        file.write_text(UNIT.replace("NAME", f"unit{number}").replace("DAY", day))
        os.utime(file, (1_700_000_000, 1_700_000_000))
    return tree


@pytest.fixture
def env(tmp_path: Path) -> Mapping[str, str]:
    return {**os.environ, "ISPALIER_CACHE_FOLDER": str(tmp_path / "cache")}


@pytest.fixture(scope="module")
def said(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, str]:
    """What is said without a memory."""
    env = {**os.environ, "ISPALIER_CACHE_FOLDER": str(tmp_path_factory.mktemp("first"))}
    return validated(tree, env)


def validated(
    tree: Path, env: Mapping[str, str], before: Callable[[], None] | None = None
) -> tuple[int, str, str]:
    done = subprocess.run(  # noqa: S603 - our own
        [COMMAND, "validate", "."],
        cwd=tree,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=before,
    )
    return done.returncode, done.stdout, done.stderr


def one_core() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def few_files_open() -> None:
    """So few that there is no line to another process."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (6, 6))


def test_the_mistake_is_told(said: tuple[int, str, str]) -> None:
    status, out, err = said

    assert status == 1
    assert out.startswith("599.yaml:4:")
    assert err == "1 error, 0 warnings: 600 resources in 600 files\n"


@pytest.mark.parametrize("before", [None, one_core, few_files_open])
def test_the_same_is_said_from_memory_on_one_core_and_by_one_process(
    tree: Path,
    env: Mapping[str, str],
    said: tuple[int, str, str],
    before: Callable[[], None] | None,
) -> None:
    first, second = validated(tree, env, before), validated(tree, env, before)

    assert said == first == second


LIGHT = """
import sys
import ispalier.cli.process, ispalier.cli.validate.validate
print([each for each in sys.modules if each.startswith(("ispalier.api", "yaml"))])
"""


def test_what_looks_at_the_files_loads_no_model() -> None:
    loaded = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, check=True)  # noqa: S603 - our own

    assert loaded.stdout == b"[]\n"


@pytest.fixture
def reading(tree: Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A command that reads what never ends, with another process beside it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(  # noqa: S603 - our own
        [COMMAND, "validate", "-"],
        cwd=tree,
        env=env,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"# as much as no pipe holds\n" * 100_000)
        yield process
        process.kill()
    signal.signal(signal.SIGINT, before)


def test_interrupted_it_says_nothing_and_leaves_nobody(
    reading: subprocess.Popen[bytes],
) -> None:
    beside = [each for each in session_members(reading.pid) if each != reading.pid]
    os.killpg(reading.pid, signal.SIGINT)
    out, err = reading.communicate(timeout=10)

    assert len(beside) == 1
    assert session_members(reading.pid) == []
    assert (out, err, reading.returncode) == (b"", b"", 130)


@pytest.fixture
def working(tmp_path: Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A command that has a file judged for long, by another process beside it."""
    whole = "---\n".join(
        UNIT.replace("NAME", f"unit{number}").replace("DAY", "10") for number in range(20_000)
    )
    (tmp_path / "long.yaml").write_text(whole)
    with subprocess.Popen(  # noqa: S603 - our own
        [COMMAND, "validate", "."],
        cwd=tmp_path,
        env=env,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


def test_ended_it_ends_who_works_for_it(working: subprocess.Popen[bytes]) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        working.wait(timeout=2)
    beside = [each for each in session_members(working.pid) if each != working.pid]
    working.terminate()
    out, err = working.communicate(timeout=5)

    assert len(beside) == 1
    assert session_members(working.pid) == []
    assert (out, err, working.returncode) == (b"", b"", 128 + signal.SIGTERM)


def unheard_children() -> None:
    """As some that start commands leave it: whoever ends leaves no zombie."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def test_who_leaves_no_zombie_is_not_missed(
    tree: Path, env: Mapping[str, str], said: tuple[int, str, str]
) -> None:
    assert said == validated(tree, env, unheard_children)


def test_what_goes_wrong_while_loading_is_told_as_it_is(
    tree: Path, env: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "idna.py").write_text('raise RuntimeError("a library is broken")')

    status, _, err = validated(tree, {**env, "PYTHONPATH": str(tmp_path)})

    assert status == 1
    assert err.endswith("RuntimeError: a library is broken\n")


def test_when_the_other_process_is_killed_it_says_so(reading: subprocess.Popen[bytes]) -> None:
    [beside] = [each for each in session_members(reading.pid) if each != reading.pid]
    os.kill(beside, signal.SIGKILL)
    _, err = reading.communicate(timeout=10)

    assert err.startswith(b"ispalier: a process that shared the work was killed")
    assert reading.returncode == 2


def test_who_is_ended_while_he_shares_work_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpid()

    def waiting(_file: str) -> NoReturn:
        if os.getpid() == here:
            sys.exit()
        signal.pause()
        raise AssertionError

    monkeypatch.setattr(judges, "text_of", waiting)
    monkeypatch.setattr(judges, "FEW", 1)

    before = children()
    with pytest.raises(SystemExit):
        Judges(2).read(["a.yaml", "b.yaml"])

    assert before == children()


def children() -> str:
    return Path(f"/proc/self/task/{get_native_id()}/children").read_text()
