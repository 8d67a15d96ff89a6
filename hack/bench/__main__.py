"""`make bench`: every figure as a JSON line; `python -m hack.bench NAME...` for some of them."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from hack.bench import cluster, faults, replicas, report, soak, storms, sweep, validate, zones
from hack.stack.stack import Stack
from ispalier.radius.schema import DDL

CRDS = Path(__file__).parents[2] / "schemas" / "crds"
SUITES: dict[str, Callable[[Stack], Awaitable[None]]] = {
    "cluster": cluster.run,
    "zones": zones.run,
    "sweep": sweep.run,
    "large": cluster.run_large,
    "storms": storms.run,
    "soak": soak.run,
    "faults": faults.run,
    "replicas": replicas.run,
}
ALONE: dict[str, Callable[[], None]] = {"validate": validate.run}
"""Those that need no servers, which would be at work beside them."""


def main() -> int:
    """Run the suites that are named, or all."""
    names = sys.argv[1:] or [*ALONE, *SUITES]
    if {"-h", "--help"} & set(names):
        sys.stdout.write(f"{__doc__}\n\n{', '.join([*ALONE, *SUITES])}\n")
        return 0
    unknown = [name for name in names if name not in {*ALONE, *SUITES}]
    if unknown:
        sys.stderr.write(
            f"no benchmark is called {unknown[0]}: use {', '.join([*ALONE, *SUITES])}\n"
        )
        return 2
    report.machine()
    for name in names:
        if name in ALONE:
            ALONE[name]()
            continue
        with Stack() as stack:
            stack.start()
            stack.controlplane.run_kubectl("apply", "--server-side", "-f", str(CRDS))
            stack.postgres.execute("radius", DDL)
            asyncio.run(SUITES[name](stack))  # type: ignore[arg-type]  # every suite is a coroutine function
    return 0


if __name__ == "__main__":
    sys.exit(main())
