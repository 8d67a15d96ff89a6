"""A proxy before an HTTP server that breaks what it is told to: for tests of what goes wrong.

Before an HTTPS server it shows that server's own certificate, so that clients notice nothing but
another address (`ControlPlane.kubeconfig_through`).
"""

import asyncio
import json
import logging
import re
import ssl
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from hack.stack.ports import HOST, free_port
from ispalier.kube.sockets import Sockets

_HOP_BY_HOP = {"connection", "host", "keep-alive", "transfer-encoding", "content-length"}
_ADDED_BY_AIOHTTP = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_QUIET = logging.getLogger(__name__)
"""What is broken on purpose is no news."""
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False
_READS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Answer:
    """The proxy answers; the server never sees the request."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection breaks after this many bytes of the answer's body."""

    after: int = 0


@dataclass(frozen=True, slots=True)
class Delay:
    """The request is handed on after this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Lose:
    """The server does what is asked, and its answer never arrives."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The connection breaks before the server sees anything."""


Effect = Answer | Cut | Delay | Lose | Refuse


class Fault:
    """What happens to which requests; `hits` counts those to which it happened.

    `path` is a regular expression found in path and query. The first `skip` requests pass,
    then `times` are hit (None: all), then everything passes again.
    """

    def __init__(
        self,
        effect: Effect,
        *,
        method: str | None = None,
        path: str = "",
        skip: int = 0,
        times: int | None = 1,
    ) -> None:
        self.effect = effect
        self.hits = 0
        self._method = method
        self._path = re.compile(path)
        self._skip = skip
        self._times = times

    def strikes(self, method: str, path: str) -> bool:
        """Whether this request is hit; each one that matches counts."""
        if self._method not in {None, method} or not self._path.search(path):
            return False
        if self._skip > 0:
            self._skip -= 1
            return False
        if self._times is not None and self.hits >= self._times:
            return False
        self.hits += 1
        return True


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came, and the status that went back; None when none did."""

    method: str
    path: str
    status: int | None

    @property
    def is_write(self) -> bool:
        """Whether it asked for a change."""
        return self.method not in _READS


class FaultProxy:
    """The proxy, in a thread of its own: `with FaultProxy(server) as proxy: proxy.url`.

    For an HTTPS server give its certificate, which is self-signed, and the key of it.
    """

    def __init__(
        self, server: str, certificate: Path | None = None, key: Path | None = None
    ) -> None:
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://{HOST}:{free_port()}"
        self.seen: list[Seen] = []
        self._server = URL(server)
        self._trust: ssl.SSLContext | None = None
        self._identity: ssl.SSLContext | None = None
        if certificate and key:
            self._trust = ssl.create_default_context(cafile=certificate)
            self._identity = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._identity.load_cert_chain(certificate, key)
        self._faults: list[Fault] = []
        self._watches: set[asyncio.Transport] = set()
        self._clients: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()
        self._sockets = Sockets()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[Fault]:
        """Let this happen within the `with` block."""
        self._faults.append(fault)
        try:
            yield fault
        finally:
            self._faults.remove(fault)

    def writes(self) -> list[Seen]:
        """Return the requests that asked for a change, oldest first."""
        return [request for request in self.seen if request.is_write]

    def break_watches(self) -> int:
        """Break every open watch now; return how many there were."""
        watches = list(self._watches)
        for transport in watches:
            self._loop.call_soon_threadsafe(transport.abort)
        return len(watches)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> None:
        connector = aiohttp.TCPConnector(
            limit=0, ssl=self._trust or True, socket_factory=self._sockets
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )
        # A watch ends with its client: else it would stay open until the next event.
        server = web.Server(self._handle, handler_cancellation=True, logger=_QUIET)
        self._runner = web.ServerRunner(server, shutdown_timeout=0)
        await self._runner.setup()
        port = URL(self.url).port
        await web.TCPSite(self._runner, HOST, port, ssl_context=self._identity).start()

    async def _close(self) -> None:
        await self._runner.cleanup()
        for transport in list(self._clients):
            transport.abort()
        await self._session.close()
        await self._sockets.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if isinstance(request.transport, asyncio.Transport):
            self._clients.add(request.transport)
        hit = (fault for fault in self._faults if fault.strikes(request.method, request.raw_path))
        fault = next(hit, None)
        try:
            response = await self._respond(request, fault.effect if fault else None)
        except aiohttp.ClientConnectionError:  # the server is away: so are we
            self.seen.append(Seen(request.method, request.raw_path, None))
            _break(request)
        except ConnectionError:
            self.seen.append(Seen(request.method, request.raw_path, None))
            raise
        self.seen.append(Seen(request.method, request.raw_path, response.status))
        return response

    async def _respond(self, request: web.BaseRequest, effect: Effect | None) -> web.StreamResponse:
        match effect:
            case Answer(status, body, headers):
                return web.Response(status=status, text=body, headers=headers)
            case Refuse():
                _break(request)
            case Delay(seconds):
                await asyncio.sleep(seconds)
            case _:
                pass
        async with self._session.request(
            request.method,
            self._server.join(URL(request.raw_path, encoded=True)),
            headers=_end_to_end(request.headers),
            skip_auto_headers=_ADDED_BY_AIOHTTP,
            data=await request.read() or None,
            allow_redirects=False,
        ) as answer:
            if isinstance(effect, Lose):
                await answer.read()
                _break(request)
            return await self._hand_back(request, answer, effect)

    async def _hand_back(
        self, request: web.BaseRequest, answer: aiohttp.ClientResponse, effect: Effect | None
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers=_end_to_end(answer.headers))
        response.content_length = answer.content_length
        left = effect.after if isinstance(effect, Cut) else None
        with self._watched(request):
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk if left is None else chunk[:left])
                if left is not None:
                    left -= len(chunk)
                    if left <= 0:
                        _break(request)
            await response.write_eof()
        return response

    @contextmanager
    def _watched(self, request: web.BaseRequest) -> Iterator[None]:
        transport = request.transport
        is_watch = request.query.get("watch") in {"1", "true"}
        if not is_watch or not isinstance(transport, asyncio.Transport):
            yield
            return
        self._watches.add(transport)
        try:
            yield
        finally:
            self._watches.discard(transport)


def api_error(status: int, reason: str, retry_after: int | None = None) -> Answer:
    """Answer as a Kubernetes API server does, with a Status object."""
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": status,
        "reason": reason,
        "message": f"{reason}, said the fault proxy",
    }
    headers = {"Content-Type": "application/json"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Answer(status, json.dumps(body), headers)


def _end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    return CIMultiDict((k, v) for k, v in headers.items() if k.lower() not in _HOP_BY_HOP)


def _break(request: web.BaseRequest) -> None:
    if isinstance(request.transport, asyncio.Transport):
        request.transport.abort()
    raise ConnectionResetError("broken on purpose")
