"""A journal on SQLite and on PostgreSQL: the same tests for both."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hack.stack.postgres import Postgres
from ispalier.journal.journal import Journal
from tests.inmemory import KEY


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/journal.db"
    on_postgresql: str = request.getfixturevalue("on_postgresql")
    return on_postgresql


@pytest.fixture
def on_postgresql(postgres: Postgres) -> str:
    name = f"journal_{uuid.uuid4().hex[:8]}"
    postgres.create_database(name)
    return postgres.url(name)


@pytest.fixture
def journal(url: str) -> Iterator[Journal]:
    opened = Journal.open(url, KEY, "test", {"IP address": timedelta(days=7)})
    yield opened
    opened.close()
