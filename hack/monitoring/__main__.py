"""Writes the dashboard of the chart; with `--check` only says whether it is as it should be."""

import sys

from hack.monitoring.dashboard import text
from hack.stack.places import ROOT

FILE = ROOT / "charts" / "ispalier" / "dashboards" / "ispalier.json"


def main() -> int:
    """Write or check; return the exit code."""
    wanted = text()
    if "--check" not in sys.argv[1:]:
        FILE.write_text(wanted)
        return 0
    if FILE.read_text() == wanted:
        return 0
    print(f"{FILE.relative_to(ROOT)} is not what hack/monitoring makes: run `make generate`")
    return 1


if __name__ == "__main__":
    sys.exit(main())
