"""Sockets that are known to be closed when their pool says so.

A request that is cancelled leaves a connection that waits for the other side's farewell in TLS;
aiohttp forgets it at once and advises to sleep for a while at the end ("Graceful shutdown"). On a
busy machine no such while is long enough, so each socket is remembered, and shut at the end.
"""

import asyncio
import contextlib
import socket
import weakref

from aiohttp import AddrInfoType

_TURNS = 1000
"""Turns of the event loop until the last transport has heard of the end."""


class Sockets:
    """Makes the sockets of a connector: `TCPConnector(socket_factory=sockets)`."""

    def __init__(self) -> None:
        self._made: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    def __call__(self, address: AddrInfoType) -> socket.socket:
        """A socket for an address as getaddrinfo gives them."""
        family, kind, protocol, *_ = address
        made = socket.socket(family, kind, protocol)
        self._made.add(made)
        return made

    async def close(self) -> None:
        """Close what is still open, after its pool was closed."""
        for each in self._open():
            with contextlib.suppress(OSError):  # not connected, or no longer
                each.shutdown(socket.SHUT_RDWR)
        for _ in range(_TURNS):
            if not self._open():
                return
            await asyncio.sleep(0.001)

    def _open(self) -> list[socket.socket]:
        return [each for each in list(self._made) if each.fileno() >= 0]
