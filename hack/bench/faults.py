"""Fault schedules over the engine, on all cores: what was lost, too much, touched or doubled."""

import asyncio
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from hack.bench.report import figure
from hack.stack.stack import Stack
from tests.faults.schedule import failures

SCHEDULES = int(os.environ.get("ISPALIER_SCHEDULES", "10000"))
CHUNK = 50


async def run(stack: Stack) -> None:  # noqa: ARG001 - all suites have the same shape
    """Each is one number; those that fail are told with the command that plays them again."""
    first = random.randrange(10**9)  # noqa: S311 - not for secrets
    starts = range(first, first + SCHEDULES, CHUNK)
    loop = asyncio.get_running_loop()
    begin = time.monotonic()
    found: list[str] = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        works = [
            loop.run_in_executor(pool, failures, range(start, start + CHUNK)) for start in starts
        ]
        for work in works:
            found += await work
    for each in found:
        sys.stderr.write(f"{each}\n")
    figure(
        "fault schedules, in memory: 0 lost, 0 ghost, 0 foreign touched, 0 double",
        schedules=SCHEDULES,
        failed=len(found),
        first_seed=first,
        seconds=time.monotonic() - begin,
    )
