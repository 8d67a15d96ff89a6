"""One PowerDNS over its HTTP API: its calls, and its answers as results or errors."""

import asyncio
import json
import os
from http import HTTPStatus
from typing import Any, TypeVar, cast

import aiohttp

from ispalier.core.lease import Lease
from ispalier.dns.payloads import FoundData, NewZoneData, RRSetData, ZoneData
from ispalier.world.errors import Refused, Unavailable
from ispalier.world.secret import Secret

T = TypeVar("T")

_AT_ONCE = 4
_QUICK = 8
_LONG = 60
_PAUSES = (0.05, 0.1, 0.2, 0.4)
_EVERYTHING = 2_000_000_000


class Exists(Exception):
    """The zone to be made is there already."""


class Gone(Exception):
    """The zone to be changed is not there."""


class Server:
    """The API of one server. It closes each connection after one answer, so none is kept.

    With SQLite behind it two writers at once make it answer 500: writes stand in line here, and
    one that met somebody else's is tried again. With a lease none is begun that might outlast it.
    """

    def __init__(self, host: str, url: str, api_key: Secret, lease: Lease | None = None) -> None:
        self._host = f"DNS host '{host}'"
        self._url = url
        self._api_key = api_key
        self._lease = lease
        self._reading = asyncio.Semaphore(_AT_ONCE)
        self._writing = asyncio.Lock()
        self._http: aiohttp.ClientSession | None = None
        self._is_proven = False
        self._is_closed = False

    async def zones(self) -> list[ZoneData]:
        """Every zone, without rrsets."""
        return await self._list("zones?dnssec=false")

    async def zone(self, id_: str) -> ZoneData | None:
        """One zone with its rrsets, or None if it is not there."""
        try:
            return cast("ZoneData", await self._read(f"zones/{id_}", _QUICK, dict))
        except Gone:
            if not self._is_proven:
                await self._list("zones?zone=.")
            return None

    async def search(self) -> list[FoundData]:
        """Every record and every comment of every zone."""
        path = f"search-data?q=*&max={_EVERYTHING}&object_type=all"
        return await self._always(path)

    async def create(self, zone: NewZoneData) -> None:
        """Make a zone with its rrsets; raises Exists or Refused."""
        try:
            await self._write("POST", "zones?rrsets=false", zone)
        except Gone:
            raise self._no_server() from None

    async def patch(self, zone: str, rrsets: list[RRSetData]) -> None:
        """Change rrsets of a zone, all or none; raises Gone or Refused."""
        await self._write("PATCH", f"zones/{zone}", {"rrsets": rrsets})

    async def set_account(self, zone: str, account: str) -> None:
        """Mark a zone; its serial stays. Raises Gone or Refused."""
        await self._write("PUT", f"zones/{zone}", {"account": account})

    async def delete(self, zone: str) -> None:
        """Delete a zone and all that is in it; raises Gone."""
        await self._write("DELETE", f"zones/{zone}", None)

    async def close(self) -> None:
        """Let go of connections."""
        self._is_closed = True
        if self._http is not None:
            await self._http.close()

    async def _list(self, path: str) -> list[ZoneData]:
        """Without a list this is no PowerDNS, and no zone is missing."""
        zones = await self._always(path)
        self._is_proven = True
        return zones

    async def _always(self, path: str) -> list[Any]:
        """What every PowerDNS has."""
        try:
            return await self._read(path, _LONG, list)
        except Gone:
            raise self._no_server() from None

    async def _read(self, path: str, seconds: float, shape: type[T]) -> T:
        async with self._reading:
            found = await self._call("GET", path, None, seconds)
        if not isinstance(found, shape):
            raise Unavailable(f"{self._host} answers something else than asked, unlike PowerDNS")
        return found

    async def _write(self, method: str, path: str, body: object) -> None:
        async with self._writing:
            for pause in _PAUSES:
                try:
                    await self._change(method, path, body)
                except _Busy:
                    await asyncio.sleep(pause)
                else:
                    return
            await self._change(method, path, body)

    async def _change(self, method: str, path: str, body: object) -> None:
        """A call that must end before our lease does: no epoch would refuse it here."""
        seconds: float = _QUICK
        if self._lease is not None:
            seconds = self._lease.call
            await asyncio.sleep(self._lease.rest)
            self._lease.check(seconds)
        await self._call(method, path, body, seconds)

    async def _call(self, method: str, path: str, body: object, seconds: float) -> object:
        try:
            async with self._session().request(
                method,
                f"{self._url}/{path}",
                data=None if body is None else json.dumps(body).encode(),
                timeout=aiohttp.ClientTimeout(total=seconds),
                allow_redirects=False,
            ) as response:
                return self._answer(method, response.status, await response.read())
        except TimeoutError as error:
            raise Unavailable(f"{self._host} did not answer in {seconds:g} s") from error
        except aiohttp.ClientError as error:
            raise Unavailable(f"{self._host} cannot be reached: {_fault(error)}") from error

    def _answer(self, method: str, status: int, text: bytes) -> object:
        match status:
            case HTTPStatus.OK | HTTPStatus.CREATED | HTTPStatus.NO_CONTENT:
                return self._parsed(text) if text else None
            case HTTPStatus.CONFLICT if method == "POST":
                raise Exists
            case HTTPStatus.NOT_FOUND:
                raise Gone
            case HTTPStatus.UNPROCESSABLE_ENTITY | HTTPStatus.BAD_REQUEST:
                raise Refused(f"{self._host} refuses it: {_reason(text)}")
            case HTTPStatus.INTERNAL_SERVER_ERROR:
                raise _Busy(f"{self._host} answers 500: its log tells why")
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                raise Unavailable(f"{self._host} does not accept the API key: correct its Secret")
            case _:
                raise Unavailable(f"{self._host} answers {status}, unlike PowerDNS")

    def _parsed(self, text: bytes) -> object:
        try:
            return json.loads(text)
        except ValueError as error:
            raise Unavailable(f"{self._host} answers without JSON, unlike PowerDNS") from error

    def _no_server(self) -> Unavailable:
        return Unavailable(f"{self._host} has no such API: correct spec.dns.url or spec.dns.server")

    def _session(self) -> aiohttp.ClientSession:
        if self._is_closed:
            raise Unavailable(f"{self._host} is about to be reached with other settings")
        if self._http is None:
            key = self._api_key.reveal().strip()
            headers = {"X-API-Key": key, "Content-Type": "application/json"}
            self._http = aiohttp.ClientSession(headers=headers)
        return self._http


class _Busy(Unavailable):
    """The server failed, as it does when two write at once."""


def _reason(text: bytes) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return text.decode(errors="replace")[:200]


def _fault(error: aiohttp.ClientError) -> str:
    """What the system says of a connection that was not made; else what kind of fault it is."""
    if not isinstance(error, aiohttp.ClientConnectorError):
        return type(error).__name__
    number = error.os_error.errno or 0
    why = os.strerror(number) if number > 0 else error.strerror
    return f"{error.host}:{error.port}: {why}"
