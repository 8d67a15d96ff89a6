"""Marks: units of which others wrote something in the journal are put in line at once."""

import asyncio

import structlog

from ispalier.loop.controller import Controller
from ispalier.loop.restored import Restored
from ispalier.loop.sleep import sleep_until
from ispalier.loop.workqueue import Lane
from ispalier.world.errors import IspalierError

log = structlog.get_logger()

PERIOD, AFTER_FAILURE = 0.25, 5.0
"""Seconds between two looks; the longer one while the journal does not answer."""


async def heed_marks(controller: Controller, restored: Restored, stop: asyncio.Event) -> None:
    """Look for dirty marks until the end; at the start everybody is in line anyway."""
    pause = PERIOD
    found: frozenset[str] = frozenset()
    while not await sleep_until(stop, pause):
        try:
            found |= await asyncio.to_thread(controller.engine.journal.unmark)
            if found:
                await restored.refresh()
        except IspalierError as error:
            log.warning("marks not read", reason=str(error))
            pause = AFTER_FAILURE
            continue
        pause = PERIOD
        controller.line_up(found, Lane.URGENT)
        found = frozenset()
