"""Proving: before passes after which nobody is there to ask, what is lacking is asked for once."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from ispalier.cli.output import counted
from ispalier.cli.progress import progress
from ispalier.cli.serve.passes import BATCH
from ispalier.core.engine import Engine
from ispalier.core.items import PROVIDER
from ispalier.core.probe import Question, Reason, Reply, Subject
from ispalier.core.proofs import Open, proofs
from ispalier.core.reconcile import gathered
from ispalier.core.remember import remembered

THREADS, SECONDS = 16, 20.0
"""Questions at once, and how long new ones are asked; the rest is for the next time."""


async def prove(engine: Engine, customers: Sequence[str]) -> list[str]:
    """Ask about all that some units have not proven yet, and believe what is proven.

    Returns what could not be found out, with the reason.
    """
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
    loop = asyncio.get_running_loop()
    replies: dict[Subject, Reply | None] = {}
    with (
        progress(lambda: "resolvers", len(lacking)) as one_more,
        ThreadPoolExecutor(THREADS, "prove") as threads,
    ):

        async def ask(each: Open) -> None:
            asker = rooms[each.subject.place[0]]
            reply = await loop.run_in_executor(threads, _asked, asker, each, until)
            replies[each.subject] = reply
            if reply is not None:
                engine.verdicts.heard(each.subject, each.question, reply)
            one_more()

        await asyncio.gather(*map(ask, lacking))
    return list(_unanswered(replies.values()))


def _unanswered(replies: Iterable[Reply | None]) -> Iterator[str]:
    """One line for all about whom the same resolvers say nothing, and one for the rest."""
    why = Counter(
        "there was no time to ask" if each is None else each.message
        for each in replies
        if each is None or each.reason is Reason.NONE
    )
    for reason, count in sorted(why.items()):
        them = "it" if count == 1 else "them"
        yield f"{counted(count, 'domain')} not verified: {reason}; `ispalier apply` asks about {them} again"


def _asked(ask: Callable[[Question], Reply] | None, each: Open, until: float) -> Reply | None:
    return ask(each.question) if ask is not None and time.monotonic() < until else None
