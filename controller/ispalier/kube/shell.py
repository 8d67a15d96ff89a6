"""The shell: kopf takes signals, starts the controller and lets it finish.

Nothing of its pipeline for objects is used: no finalizers, no annotations, no diffs, no daemons.
Why its watches are not used either is told in `watching`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import kopf
from kopf._cogs.structs.references import Insights

Activity = Callable[[], Awaitable[None]]


async def shell(begin: Activity, finish: Activity, stop: asyncio.Event) -> None:
    """Call `begin`, wait for SIGTERM, SIGINT or `stop`, and call `finish`."""
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    def login(**_: Any) -> kopf.ConnectionInfo:  # noqa: ANN401 - kopf's signature
        return kopf.ConnectionInfo(server="https://kubernetes.invalid")  # it makes no request

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
        insights=_nothing_to_find(),
        standalone=True,
        clusterwide=True,
        stop_flag=stop,
    )


def _nothing_to_find() -> Insights:
    """What keeps kopf from asking, at its start, which kinds the cluster has.

    Stopped while it asks, it would close the connection that it asks by, and wait 5 s for answers.
    """
    insights = Insights()
    insights.backbone.selectors.clear()
    return insights


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.process.ultimate_exiting_timeout = None
    return settings
