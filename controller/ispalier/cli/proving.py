"""Proving: before passes after which nobody is there to ask, what is lacking is asked for once."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from ispalier.cli.passes import BATCH
from ispalier.core.engine import Engine
from ispalier.core.items import PROVIDER
from ispalier.core.probe import Question, Reply
from ispalier.core.proofs import Open, proofs
from ispalier.core.reconcile import gathered
from ispalier.core.remember import remembered

THREADS, SECONDS = 16, 20.0
"""Questions at once, and how long new ones are asked; the rest is for the next time."""


async def prove(engine: Engine, customers: Sequence[str]) -> None:
    """Ask about all that some units have not proven yet, and believe what is proven."""
    tenants = [each for each in customers if each != PROVIDER]
    lacking: list[Open] = []
    for start in range(0, len(tenants), BATCH):
        now = datetime.now(UTC)
        memories = await remembered(engine, tenants[start : start + BATCH], now)
        for customer, view in (await gathered(engine, memories, now)).items():
            mine = [each for each in proofs(engine.rooms, view) if not each.is_proven]
            engine.verdicts.expect(customer, {each.subject: each.question for each in mine})
            lacking += mine
    rooms = {room.name: room.ask for room in engine.rooms}
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(THREADS, "prove") as threads:
        loop = asyncio.get_running_loop()
        asked = [
            loop.run_in_executor(threads, _asked, rooms[each.subject.place[0]], each, until)
            for each in lacking
        ]
        for each, reply in zip(lacking, await asyncio.gather(*asked), strict=True):
            if reply is not None:
                engine.verdicts.heard(each.subject, each.question, reply)


def _asked(ask: Callable[[Question], Reply] | None, each: Open, until: float) -> Reply | None:
    return ask(each.question) if ask is not None and time.monotonic() < until else None
