"""The shell: kopf takes signals, logs in, starts the controller and lets it finish.

Nothing of its pipeline for objects is used: no finalizers, no annotations, no diffs, no daemons.
Why its watches are not used either is told in `watching`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import kopf

from ispalier.kube.client import Access, authorization

Activity = Callable[[], Awaitable[None]]


async def shell(access: Access, begin: Activity, finish: Activity, stop: asyncio.Event) -> None:
    """Call `begin`, wait for SIGTERM, SIGINT or `stop`, and call `finish`."""
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    async def login(**_: Any) -> kopf.ConnectionInfo:  # noqa: ANN401 - kopf's signature
        return await _connection(access)

    @kopf.on.startup(registry=registry)
    async def on_startup(**_: Any) -> None:  # noqa: ANN401 - kopf's signature
        await begin()

    @kopf.on.cleanup(registry=registry)
    async def on_cleanup(**_: Any) -> None:  # noqa: ANN401 - kopf's signature
        await finish()

    logging.getLogger("kopf").setLevel(logging.WARNING)
    await kopf.operator(
        registry=registry,
        settings=_settings(),
        standalone=True,
        clusterwide=True,
        stop_flag=stop,
    )


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.process.ultimate_exiting_timeout = None
    settings.networking.connect_timeout = 5
    settings.networking.request_timeout = 60
    return settings


async def _connection(access: Access) -> kopf.ConnectionInfo:
    loaded = await access.load()
    header = (await authorization(loaded)).get("Authorization", "")
    scheme, token = header.split(" ", 1) if " " in header else (None, header)
    return kopf.ConnectionInfo(
        server=loaded.host,
        ca_path=loaded.ssl_ca_cert,
        ca_data=loaded.ca_cert_data,
        insecure=not loaded.verify_ssl,
        scheme=scheme,
        token=token or None,
        certificate_path=loaded.cert_file,
        private_key_path=loaded.key_file,
        proxy_url=loaded.proxy,
    )
