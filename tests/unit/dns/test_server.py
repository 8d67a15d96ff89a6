"""A PowerDNS that is not there."""

import anyio
import pytest

from hack.stack.ports import free_port
from ispalier.dns.server import Server
from ispalier.world.errors import Unavailable
from ispalier.world.secret import Secret


def said(url: str) -> str:
    server = Server("dns-1", url, Secret("key"))

    async def ask() -> None:
        with pytest.raises(Unavailable) as raised:
            await server.zones()
        told.append(str(raised.value))
        await server.close()

    told: list[str] = []
    anyio.run(ask)
    return told[0]


def test_a_port_where_nobody_listens_is_told_with_what_the_system_says() -> None:
    port = free_port()

    assert said(f"http://127.0.0.1:{port}") == (
        f"DNS host 'dns-1' cannot be reached: 127.0.0.1:{port}: Connection refused"
    )


def test_a_name_that_is_not_there_is_told() -> None:
    assert said("http://nowhere.invalid").startswith(
        "DNS host 'dns-1' cannot be reached: nowhere.invalid:80: "
    )
