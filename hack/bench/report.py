"""One JSON line per figure: what was measured, the floor or peer beside it, the bar."""

import json
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime


def figure(name: str, **values: float | str | bool) -> None:
    """Print a figure."""
    rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in values.items()}
    sys.stdout.write(json.dumps({"figure": name, **rounded}) + "\n")
    sys.stdout.flush()


def machine() -> None:
    """Print what the figures were measured on."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - a pseudo file
        lines = file.read().splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    figure(
        "machine",
        cpu=models[0] if models else platform.machine(),
        cores=len(models),
        python=platform.python_version(),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
