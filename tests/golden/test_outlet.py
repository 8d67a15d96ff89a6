"""Commands whose output nobody takes: a disk that is full, a reader who went away."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "home-fibre"
COMMANDS = (
    f"validate {EXAMPLE} --format json",
    f"show --folder {EXAMPLE}",
    f"new AccessPoint tower-9 --folder {EXAMPLE} --dry-run",
    "version",
    "validate --help",
)


def written_to(output: int, words: str) -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603 - our own command
        [Path(sys.executable).with_name("ispalier"), *words.split()],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(output)
    return done.returncode, done.stderr


@pytest.mark.parametrize("words", COMMANDS)
def test_a_full_disk_is_told_and_is_no_finding(words: str) -> None:
    code, told = written_to(os.open("/dev/full", os.O_WRONLY), words)

    assert code == 2
    assert told == (
        "ispalier: the output cannot be written: No space left on device;"
        " make room, or write it elsewhere\n"
    )


@pytest.mark.parametrize("words", COMMANDS)
def test_who_reads_no_further_hears_nothing(words: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)

    assert written_to(writer, words) == (141, "")


def test_a_file_that_cannot_be_written_whole_is_not_left_there(tmp_path: Path) -> None:
    tree = shutil.copytree(EXAMPLE, tmp_path / "tree")
    command = Path(sys.executable).with_name("ispalier")
    words = f"{command} new AccessPoint tower-9 --set type=Pole --folder {tree}"
    done = subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", f"ulimit -f 0; exec {words}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    file = tree / "provider" / "accesspoint-tower-9.yaml"
    assert done.returncode == 1
    assert done.stderr == f"ispalier: {file} cannot be written: File too large\n"
    assert not file.exists()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("validate -", 0, "ok: 0 resources in 1 file\n"),
        (f"new Tenant x --folder {EXAMPLE} --dry-run", 2, "ispalier: Tenant/x must have more:\n"),
    ],
)
def test_who_asks_where_nobody_can_answer_goes_on_without(words: str, code: int, told: str) -> None:
    command = Path(sys.executable).with_name("ispalier")

    done = subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", f"exec '{command}' {words} <&-"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(told)
