"""The cases that the suite runs with: a line adds a room."""

from collections.abc import AsyncIterator

import pytest

from ispalier.core.room import Backend
from tests.contract import dns_cases, ipam_cases, mail_cases, radius_cases
from tests.contract.case import Case, lease

CASES = (*ipam_cases.CASES, *radius_cases.CASES, *dns_cases.CASES, *mail_cases.CASES)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param.start(request)
    found.prepare()
    return found


@pytest.fixture
async def backend(case: Case) -> AsyncIterator[Backend]:
    connected = case.connect(lease())
    yield connected
    await connected.close()
