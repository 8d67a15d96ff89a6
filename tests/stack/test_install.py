"""The installer asks apt before it changes anything."""

import shutil

import pytest

from hack.install import controlplane, debian, definitions, needs, sops
from hack.install.terminal import InstallError

needs_apt = pytest.mark.skipif(shutil.which("apt-get") is None, reason="this is not a Debian")


@needs_apt
def test_what_would_remove_a_package_is_refused() -> None:
    with pytest.raises(InstallError, match=r"apt would have to remove .*postfix.*nothing was"):
        debian.plan(["exim4-daemon-light"])


@needs_apt
def test_what_is_there_leaves_nothing_to_install() -> None:
    assert debian.plan(["postfix", "freeradius"]) == []


def test_everything_that_the_tests_need_is_there() -> None:
    wanted = (needs.VENV, *needs.SERVERS, needs.PROMTOOL)
    missing = [need.what for need in wanted if not need.is_there()]

    assert missing == []
    assert controlplane.is_there()
    assert sops.is_there()
    assert definitions.is_there()
