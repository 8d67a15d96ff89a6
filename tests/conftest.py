"""The real servers that the tests use: each starts once, when the first test asks for it."""

import os
from collections.abc import Iterator

import pytest
import structlog

from hack.stack.controlplane import ControlPlane
from hack.stack.freeradius import Radius
from hack.stack.mail import Mail
from hack.stack.postgres import Postgres
from hack.stack.powerdns import PowerDNS
from hack.stack.stack import Stack
from ispalier.api.generate import ROOT
from tests.inmemory import OPENED


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with Stack() as stack:
        yield stack


@pytest.fixture(scope="session")
def postgres(stack: Stack) -> Postgres:
    return stack.postgres


@pytest.fixture(scope="session")
def radius(stack: Stack) -> Radius:
    return stack.radius


@pytest.fixture(scope="session")
def powerdns(stack: Stack) -> PowerDNS:
    return stack.powerdns


@pytest.fixture(scope="session")
def mail(stack: Stack) -> Mail:
    if os.geteuid() != 0:
        pytest.skip("Postfix can only be started by root: run the tests with sudo to include mail")
    return stack.mail


@pytest.fixture(scope="session")
def controlplane(stack: Stack) -> ControlPlane:
    return stack.controlplane


@pytest.fixture(scope="session")
def kinds(controlplane: ControlPlane) -> ControlPlane:
    """A real API server with our kinds in it."""
    crds = str(ROOT / "crds")
    controlplane.run_kubectl("apply", "--server-side", "-f", crds)
    controlplane.run_kubectl("wait", "--for=condition=Established", "-f", crds)
    return controlplane


@pytest.fixture(autouse=True)
def _no_journal_stays_open() -> Iterator[None]:
    """Python 3.13 tells of every SQLite connection that is left to the collector."""
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.fixture(autouse=True)
def logs_go_where_they_went() -> Iterator[None]:
    """A command that was run in this process logs to an output that is closed by now."""
    yield
    structlog.reset_defaults()
