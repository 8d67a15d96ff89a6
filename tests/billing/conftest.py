"""A provider that bills, with its journal on SQLite and on PostgreSQL."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from hack.stack.postgres import Postgres
from ispalier.billing.ledger import Ledger
from tests.billing.firm import Firm


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/journal.db"
    postgres: Postgres = request.getfixturevalue("postgres")
    name = f"ledger_{uuid.uuid4().hex[:8]}"
    postgres.create_database(name)
    return postgres.url(name)


@pytest.fixture
def firm(url: str, tmp_path: Path) -> Firm:
    """A unit in São Paulo that closes on the last of the month, one plan, one customer."""
    firm = Firm(tmp_path / "tree", url)
    firm.found()
    return firm


@pytest.fixture
def home(firm: Firm) -> Firm:
    """A contract in service since 21 May 2007."""
    firm.contract("2007-05-21 fibra-300")
    firm.observe("2007-05-21 ready", "2007-05-21 plan fibra-300")
    return firm


@pytest.fixture
def ledger(firm: Firm) -> Iterator[Ledger]:
    opened = Ledger.open(firm.url)
    yield opened
    opened.close()
