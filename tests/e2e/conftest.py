"""What tests leave on the name server that they share is taken away, for it marks it as theirs."""

from collections.abc import Iterator

import httpx
import pytest

from hack.stack.powerdns import PowerDNS
from tests.folders import zones


@pytest.fixture(scope="module", autouse=True)
def no_zone_stays(powerdns: PowerDNS) -> Iterator[None]:
    """Those who come next find a name server that serves no other installation."""
    before = {name for name, _ in zones(powerdns)}
    yield
    for name in {name for name, _ in zones(powerdns)} - before:
        url = f"{powerdns.api_url}/api/v1/servers/localhost/zones/{name}"
        httpx.delete(url, headers={"X-API-Key": powerdns.api_key}).raise_for_status()
