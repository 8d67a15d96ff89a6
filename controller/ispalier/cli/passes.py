"""One pass over each unit of some files."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ispalier.cli.foreseen import Foreseen
from ispalier.core.engine import Engine, Outcome, SecretOut
from ispalier.core.items import PROVIDER
from ispalier.core.reconcile import reconcile
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
    """Make one pass over each unit, the provider's first, then many at once; in their order."""
    foreseen = Foreseen(engine.hosts)
    if dry_run:
        engine = replace(engine, hosts=foreseen)
    turn = asyncio.Semaphore(workers)

    async def make(units: Sequence[str]) -> Sequence[Outcome]:
        async with turn:
            return await reconcile(engine, units, datetime.now(UTC), dry_run=dry_run)

    try:
        if PROVIDER in customers:
            (outcome,) = await make([PROVIDER])
            foreseen.foresee(outcome.changes)
            yield outcome
        others = [each for each in customers if each != PROVIDER]
        batches = (others[start : start + BATCH] for start in range(0, len(others), BATCH))
        tasks = [asyncio.create_task(make(each)) for each in batches]
        try:
            for task in tasks:
                for outcome in await task:
                    yield outcome
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await engine.hosts.close()


def told(outcome: Outcome) -> bool:
    """Whether there is anything to tell of a pass."""
    return bool(any(outcome.changes.values()) or outcome.problems or outcome.secrets)


def place_of(secret: SecretOut) -> str:
    """Where a generated password goes, below the folder of secrets."""
    return f"{secret.namespace}/{secret.name}/{secret.key}"
