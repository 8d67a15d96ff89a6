"""One pass over each unit of some files."""

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import replace
from datetime import UTC, datetime

from ispalier.cli.serve.foreseen import Foreseen
from ispalier.core.changes import ChangeSet
from ispalier.core.circuit import FIRST
from ispalier.core.engine import Engine, Outcome, SecretOut
from ispalier.core.foresee import foresee
from ispalier.core.items import ANYWHERE, PROVIDER, Owner, Place
from ispalier.core.reconcile import reconcile
from ispalier.world.errors import IspalierError, NotBegun
from ispalier.world.load import Loaded

BATCH = 50
"""Tenants of one pass: enough to ask a host once for many, few enough to tell how it goes."""


def units(loaded: Loaded) -> list[str]:
    """The units to act on: the provider if the root file is among the files, and every Tenant."""
    provider = [PROVIDER] if loaded.root else []
    return [*provider, *loaded.world.numbers()]


def left_alone(loaded: Loaded, known: Iterable[str]) -> list[str]:
    """Customers that the journal knows and the files do not."""
    return sorted(set(known) - {PROVIDER, *loaded.world.numbers()})


async def passes(
    engine: Engine, customers: Sequence[str], workers: int, *, dry_run: bool
) -> AsyncIterator[Outcome]:
    """Make one pass over each unit, the provider's first, then many at once; in their order.

    All that is dangerous is judged as a whole before the first; who then has nothing to do needs
    none. Units for which a host failed have one more at the end, that asks only this host.
    """
    foreseen = Foreseen(engine.hosts)
    if dry_run:
        engine = replace(engine, hosts=foreseen)
    turn = asyncio.Semaphore(workers)

    async def make(units: Sequence[str]) -> Sequence[Outcome]:
        async with turn:
            return await reconcile(engine, units, datetime.now(UTC), dry_run=dry_run, only=only)

    failed: list[str] = []
    only: dict[str, Collection[Place]] = {}
    try:
        idle = await foresee(engine, customers, datetime.now(UTC))
        busy = [each for each in customers if each != PROVIDER and each not in idle]
        if PROVIDER in customers and PROVIDER not in idle:
            (outcome,) = await make([PROVIDER])
            foreseen.foresee(outcome.changes)
            yield outcome
        for each in customers:
            if each in idle:
                yield idle[each]
        async for outcome in _batches(make, busy):
            is_made = dry_run or not outcome.retry
            yield outcome if is_made else _made(outcome)
            failed += [] if is_made else [outcome.customer]
            if not is_made and ANYWHERE not in outcome.failing:
                only[outcome.customer] = outcome.failing.keys()
        if failed:
            await asyncio.sleep(FIRST)  # a host that hung is asked again after that
            await engine.calls.settled()
        async for outcome in _batches(make, failed):
            yield outcome
    finally:
        await engine.close()


async def _batches(
    make: Callable[[Sequence[str]], Awaitable[Sequence[Outcome]]], units: Sequence[str]
) -> AsyncIterator[Outcome]:
    parts = (units[start : start + BATCH] for start in range(0, len(units), BATCH))
    tasks = [asyncio.ensure_future(make(each)) for each in parts]
    try:
        for task in tasks:
            for outcome in await task:
                yield outcome
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _made(outcome: Outcome) -> Outcome:
    """What was made by a pass that is made once more."""
    made = {
        place: ChangeSet(tuple(each for each in changes if each.owner not in outcome.problems))
        for place, changes in outcome.changes.items()
    }
    return replace(outcome, changes=made, problems={}, secrets=())


def told(outcome: Outcome) -> bool:
    """Whether there is anything to tell of a pass."""
    return bool(any(outcome.changes.values()) or troubles(outcome.problems) or outcome.secrets)


def troubles(problems: Mapping[Owner, IspalierError]) -> Mapping[Owner, IspalierError]:
    """Who is not served as declared: what begins on a later day is as it should be."""
    return {who: each for who, each in problems.items() if not isinstance(each, NotBegun)}


def beginnings(problems: Mapping[Owner, IspalierError]) -> list[str]:
    """What begins on a later day: `customer 10042: Subscription/home begins 2026-12-15`."""
    later = ((who, each) for who, each in problems.items() if isinstance(each, NotBegun))
    return sorted({f"customer {who.customer}: {each}" for who, each in later})


def place_of(secret: SecretOut) -> str:
    """Where a generated password goes, below the folder of secrets."""
    return f"{secret.namespace}/{secret.name}/{secret.key}"


def together(problems: Mapping[Owner, IspalierError]) -> list[tuple[list[str], str]]:
    """Who has the same problem, and what it is."""
    found: dict[str, list[str]] = {}
    for owner, problem in sorted(problems.items()):
        found.setdefault(f"{problem.reason}: {problem}", []).append(str(owner))
    return [(who, problem) for problem, who in found.items()]
