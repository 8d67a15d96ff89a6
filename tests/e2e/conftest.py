"""What tests leave on the name server that they share is taken away, for it marks it as theirs."""

from collections.abc import Iterator

import pytest

from hack.stack.powerdns import PowerDNS
from tests.folders import zones_cleared


@pytest.fixture(scope="module", autouse=True)
def no_zone_stays(powerdns: PowerDNS) -> Iterator[None]:
    """Those who come next find a name server that serves no other installation."""
    with zones_cleared(powerdns):
        yield
