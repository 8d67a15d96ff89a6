"""Who presses Ctrl-C while a host hangs is told where that leaves him."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hack.stack.ports import HOST
from tests.provider import Systems, declared_in, with_secret_files


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "stopped: what was changed until now stays, apply again for the rest\n"),
        (("--dry-run",), "stopped\n"),
    ],
)
def test_an_apply_that_is_stopped_says_what_remains(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    with socket.create_server((HOST, 0)) as silent:
        at = f"{HOST}:{silent.getsockname()[1]}"
        folder = declared_in(tmp_path, (), f"http://{at}")
        with_secret_files(
            folder,
            "silva/joao",
            Systems(f"postgresql://a:b@{at}/c", "", "key", f"postgresql://a:b@{at}/c"),
        )
        apply = subprocess.Popen(  # noqa: S603 - our own command
            [Path(sys.executable).with_name("ispalier"), "apply", "tree", *words],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        asked, _ = silent.accept()
        with asked:
            time.sleep(0.2)
            apply.send_signal(signal.SIGINT)
            _, told = apply.communicate(timeout=30)

    assert (apply.returncode, told) == (130, said)
