"""The client: requests to the API server over one pool of connections.

The official client reads the configuration (kubeconfig with its plugins, or the pod's service
account); the requests are made with aiohttp itself, which takes a third of its processor time.
"""

import asyncio
import json
import logging
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp
import yaml
from kubernetes.aio import config as kubernetes_config
from kubernetes.aio.client import Configuration

from ispalier.api.base import GROUP, VERSION, Resource
from ispalier.kube.kubeconfig import check
from ispalier.kube.sockets import Sockets
from ispalier.kube.versions import Raw
from ispalier.world.errors import Invalid, Unavailable
from ispalier.world.snapshot import Ident

JSON = "application/json"
POD_TOKEN = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
MERGE_PATCH = "application/merge-patch+json"
TOKEN_SECONDS = 60
"""How long a token is used before the configuration is asked again: plugins rotate theirs."""
ANSWER = 30.0
"""Seconds that an answer is waited for."""
BEGINNING = 10.0
"""Seconds within which a watch begins: its first line is sent at once."""
SILENCE = 90.0
"""Seconds without a word after which a watch is dead: bookmarks come every minute."""

FORBIDDEN, NOT_FOUND, CONFLICT, GONE, TOO_MANY = 403, 404, 409, 410, 429
UNAUTHORIZED, SERVER_ERROR = 401, 500


class ApiError(Exception):
    """The API server refused, or did not answer: then the status is 0."""

    def __init__(self, status: int, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after

    @property
    def is_passing(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in (0, UNAUTHORIZED, TOO_MANY) or self.status >= SERVER_ERROR


@dataclass(frozen=True, slots=True)
class Access:
    """Where the configuration comes from: a kubeconfig, or the pod that this runs in."""

    kubeconfig: Path | None = None
    context: str | None = None
    in_cluster: bool = False

    @classmethod
    def found(cls, kubeconfig: Path | None, context: str | None) -> Self:
        """What is named, else in a pod its own account, else what kubectl would use."""
        in_cluster = kubeconfig is None and context is None and POD_TOKEN.is_file()
        return cls(kubeconfig, context, in_cluster=in_cluster)

    async def load(self) -> Configuration:
        """Read the configuration afresh."""
        loaded = Configuration()
        # It logs what it raises.
        logging.getLogger(kubernetes_config.kube_config.__name__).setLevel(logging.ERROR)
        where = "the kubeconfig"
        try:
            if self.in_cluster:
                where = "the pod's service account"
                kubernetes_config.load_incluster_config(client_configuration=loaded)  # type: ignore[no-untyped-call]
            else:
                check(self.kubeconfig, self.context)
                await kubernetes_config.load_kube_config(  # type: ignore[no-untyped-call]
                    config_file=str(self.kubeconfig) if self.kubeconfig else None,
                    context=self.context,
                    client_configuration=loaded,
                )
        except (kubernetes_config.ConfigException, yaml.YAMLError, OSError) as error:
            said = " ".join(str(error).split())
            raise Invalid(f"{where} does not say how to reach the API server: {said}") from error
        except (
            TypeError,
            KeyError,
            ValueError,
            AttributeError,
        ) as error:  # parts that are not there
            what = "the cluster and user that its context names are not all there"
            remedy = "correct it, or name another context with --context"
            raise Invalid(
                f"{where} does not say how to reach the API server: {what}: {remedy}"
            ) from error
        return loaded


@dataclass(slots=True)
class Client:
    """A connected client; use `connect` and, at the end, `close`."""

    access: Access
    configuration: Configuration
    session: aiohttp.ClientSession
    sockets: Sockets
    count: Callable[[str, int], None]
    """Called for every request with its method and the status of the answer."""
    _token_until: float = 0.0
    _headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def connect(
        cls, access: Access, count: Callable[[str, int], None] = lambda _method, _status: None
    ) -> Self:
        """Read the configuration and open a pool of connections."""
        configuration = await access.load()
        sockets = Sockets()
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=64, ssl=_tls(configuration), socket_factory=sockets
            ),
            proxy=configuration.proxy,
        )
        return cls(access, configuration, session, sockets, count)

    async def close(self) -> None:
        """Let go of the connections."""
        await self.session.close()
        await self.sockets.close()

    async def request(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        content: str = JSON,
        seconds: float = ANSWER,
    ) -> Any:  # noqa: ANN401 - JSON
        """Make a request and return the decoded answer; raises ApiError."""
        headers = {**await self._authorized(), "Content-Type": content}
        try:
            async with self.session.request(
                method,
                self.configuration.host + path,
                data=None if body is None else json.dumps(body),
                params=query,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=5),
            ) as response:
                self.count(method, response.status)
                try:
                    text = await response.read()
                except asyncio.CancelledError:
                    _cut(response)
                    raise
                if response.status >= 400:  # noqa: PLR2004 - where HTTP's errors begin
                    raise self._error(response, text)
                return json.loads(text)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise ApiError(
                0, f"the API server does not answer as it should: {_said(error)}"
            ) from error

    @asynccontextmanager
    async def stream(
        self, path: str, query: Mapping[str, str]
    ) -> AsyncIterator[AsyncIterator[Any]]:
        """Follow a watch, event by event; raises ApiError when it breaks."""
        try:
            async with asyncio.timeout(BEGINNING):
                asked = await self.session.get(
                    self.configuration.host + path,
                    params=query,
                    headers=await self._authorized(),
                    timeout=aiohttp.ClientTimeout(sock_connect=5, sock_read=SILENCE),
                )
            async with asked as response:
                self.count("WATCH", response.status)
                if response.status >= 400:  # noqa: PLR2004 - where HTTP's errors begin
                    raise self._error(response, await response.read())
                try:
                    yield _lines(response)
                finally:
                    _cut(response)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise ApiError(0, f"the watch broke: {_said(error)}") from error

    async def _authorized(self) -> Mapping[str, str]:
        now = time.monotonic()
        if now >= self._token_until:
            self._token_until = now + TOKEN_SECONDS
            self._headers = await authorization(self.configuration)
        return self._headers

    def _error(self, response: aiohttp.ClientResponse, text: bytes) -> ApiError:
        if response.status == UNAUTHORIZED:
            self._token_until = 0
        if response.status == UNAUTHORIZED:
            message = "the API server does not know who asks: renew what the kubeconfig's user has"
            return ApiError(response.status, message)
        try:
            message = json.loads(text)["message"]
        except (ValueError, KeyError, TypeError):
            message = text[:200].decode(errors="replace").strip() or str(response.reason)
        return ApiError(response.status, message, _seconds(response.headers.get("Retry-After")))


def _cut(response: aiohttp.ClientResponse) -> None:
    """End an answer that is left before its end: nobody waits for the farewell of TLS."""
    connection = response.connection
    if connection is not None and connection.transport is not None:
        connection.transport.abort()


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[Any]:
    """Decoded JSON, line by line, however long the lines are."""
    rest = b""
    async for chunk in response.content.iter_any():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield json.loads(line)


async def authorization(configuration: Configuration) -> dict[str, str]:
    """The headers that say who we are; none where a client certificate does."""
    token = await configuration.get_api_key_with_prefix("BearerToken")
    if token:
        return {"Authorization": token}
    if configuration.username:
        return {"Authorization": configuration.get_basic_auth_token() or ""}
    return {}


def path_of(kind: type[Resource]) -> str:
    """The path of all objects of a kind."""
    return f"/apis/{GROUP}/{VERSION}/{kind.plural}"


def path_to(kind: type[Resource], which: Ident) -> str:
    """The path of one object."""
    space = f"namespaces/{which.namespace}/" if which.namespace else ""
    return f"/apis/{GROUP}/{VERSION}/{space}{kind.plural}/{which.name}"


async def cluster_uid(client: Client) -> str:
    """The uid of the namespace kube-system: the name of a cluster that nobody chose."""
    try:
        space: Raw = await client.request("GET", "/api/v1/namespaces/kube-system")
    except ApiError as error:
        raise Unavailable(f"the cluster does not say which it is: {error}") from error
    return str(space["metadata"]["uid"])


def _tls(configuration: Configuration) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(
            cafile=configuration.ssl_ca_cert, cadata=configuration.ca_cert_data
        )
        if configuration.cert_file:
            context.load_cert_chain(configuration.cert_file, keyfile=configuration.key_file)
    except OSError as error:  # ssl's own errors are some
        what = "a certificate or key of the kubeconfig cannot be read"
        raise Invalid(f"{what}: {error.strerror or error}: write or name it anew") from error
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _seconds(retry_after: str | None) -> float | None:
    try:
        return float(retry_after) if retry_after else None
    except ValueError:  # a date: rare, and our own back-off will do
        return None


def _said(error: Exception) -> str:
    """What an error says; some say nothing but their names."""
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno or 0
        why = os.strerror(number) if number > 0 else error.os_error.strerror or error.os_error
        remedy = "see that it runs, and that this is the cluster that is meant"
        return f"{error.host}:{error.port}: {why}; {remedy}"
    return str(error) or type(error).__name__
