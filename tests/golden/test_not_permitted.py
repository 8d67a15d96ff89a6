"""Who may not read something is told so in one line, by every command."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.provider import Said

COMMAND = Path(sys.executable).with_name("ispalier")
MODES_COUNT = "-dac_override,-dac_read_search"
"""Without these the modes of files count for root, too (capabilities(7))."""


def without_rights(*words: str, **env: str) -> Said:
    """A command for which the modes of files count, whoever runs the tests."""
    drop = ["setpriv", f"--bounding-set={MODES_COUNT}", f"--inh-caps={MODES_COUNT}"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*(drop if os.geteuid() == 0 else []), COMMAND, *words],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder that may not be looked into."""
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0)
    yield folder
    folder.chmod(0o700)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("validate {0}/x", 2, "{0}/x: Permission denied; run as the user who may"),
        ("run --source {0}/x", 1, "{0}/x cannot be read: Permission denied: run as who may read"),
        ("init {0}/x", 1, "{0}/x cannot be made: Permission denied; name a folder that you may"),
        ("holds --folder /", 2, "{0}/x.db: Permission denied; run as the user who may"),
        ("show", 2, "the kubeconfig {0}/kubeconfig cannot be read: "),
    ],
)
def test_what_nobody_may_read_is_told_in_one_line(
    closed: Path, words: str, code: int, told: str
) -> None:
    journal, kubeconfig = f"sqlite:///{closed}/x.db", f"{closed}/kubeconfig"

    done = without_rights(
        *words.format(closed).split(), ISPALIER_JOURNAL_URL=journal, KUBECONFIG=kubeconfig
    )

    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(f"ispalier: {told.format(closed)}")
    assert done.err.count("\n") == 1
