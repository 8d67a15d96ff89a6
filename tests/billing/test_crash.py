"""Killed at any point and run again, any number of times: the same ledger."""

import os
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ispalier.billing.entries import ledger_digest
from ispalier.billing.guards import Request
from ispalier.billing.ledger import Ledger
from ispalier.billing.run import bill
from ispalier.journal.tables import BATCH
from ispalier.world.load import load
from tests.billing import poster
from tests.billing.firm import Firm

CONTRACTS, CHUNK = 90, 3
BATCHES = CONTRACTS // CHUNK
SEED = os.environ.get("ISPALIER_CRASH_SEED")
"""Each run has a fresh seed, which a failure shows: set it to see that run again."""


@pytest.fixture
def street(firm: Firm) -> Firm:
    """Many contracts that begin on different days and change their plan."""
    firm.plan("fibra-600", "149.90")
    begins = {f"home-{number}": f"2007-05-{number % 28 + 1:02}" for number in range(CONTRACTS)}
    for name, begin in begins.items():
        firm.contract(f"{begin} fibra-300", "2007-07-10 fibra-600", name=name)
    firm.observe_all(
        {
            name: (f"{begin} ready", f"{begin} plan fibra-300", "2007-07-10 plan fibra-600")
            for name, begin in begins.items()
        }
    )
    return firm


def start(firm: Firm) -> subprocess.Popen[bytes]:
    """A process that posts everything."""
    words = [sys.executable, poster.__file__, firm.url, str(firm.folder), str(CHUNK)]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, env={**os.environ, **PATHS})  # noqa: S603 - our own file


PATHS = {"PYTHONPATH": ":".join(str(Path(each).resolve()) for each in ("controller", "."))}


def batches(ledger: Ledger) -> int:
    with ledger.reading() as page:
        return page.connection.scalar(select(func.count()).select_from(BATCH)) or 0


def kill(process: subprocess.Popen[bytes], ledger: Ledger, batch: int, seconds: float) -> None:
    """Signal 9 so long after so many batches are there, whatever it is doing then."""
    while batches(ledger) < batch and not has_ended(process, 0.005):
        pass
    has_ended(process, seconds)
    process.kill()
    process.wait()


def has_ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Give a process so long to end."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


@pytest.mark.parametrize("number", range(2))
def test_killed_at_random_points_and_run_again_the_ledger_is_the_same(
    street: Firm, ledger: Ledger, number: int
) -> None:
    seed = int(SEED or random.randrange(10**6))  # noqa: S311 - not for secrets
    print(f"ISPALIER_CRASH_SEED={seed}, run {number}")  # noqa: T201 - a failure shows it
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    first, second = sorted(chance.sample(range(BATCHES - 1), 2))
    request = Request(poster.AS_OF, datetime.now(UTC), first_run=True)
    world = load([street.folder]).world
    expected = bill(ledger, world, request, dry_run=True).entries

    kill(start(street), ledger, first, chance.uniform(0, 0.02))
    some = batches(ledger)
    kill(start(street), ledger, second, chance.uniform(0, 0.02))
    more = batches(ledger)
    finished = bill(ledger, world, request, dry_run=False, chunk=CHUNK).entries
    again = bill(ledger, world, request, dry_run=False, chunk=CHUNK).entries

    found = [each.entry for each in ledger.recorded()]
    assert some <= more <= BATCHES
    assert (bool(finished), again) == (more < BATCHES, [])
    assert ledger_digest(expected) == ledger_digest(found)
    assert list(ledger.faults()) == []
