"""Write what is generated in the charts: `python -m hack.charts [--check]`."""

import sys
from pathlib import Path

from hack.charts.pages import generated
from hack.charts.values import ValuesError

CHARTS = Path(__file__).parents[2] / "charts"


def main() -> int:
    """Write the files, or with `--check` only say which are not fresh (exit 1)."""
    wanted: dict[Path, str] = {}
    for chart in sorted(CHARTS.glob("*/Chart.yaml")):
        try:
            wanted |= generated(chart.parent)
        except ValuesError as error:
            sys.stderr.write(f"charts/{chart.parent.name}: {error}\n")
            return 1
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            sys.stderr.write(f"{_shown(path)}: not fresh: run `make generate`\n")
        return 1 if stale else 0
    for path in stale:
        path.write_text(wanted[path])
        sys.stdout.write(f"{_shown(path)}\n")
    return 0


def _shown(path: Path) -> str:
    return str(path.relative_to(CHARTS.parent))


if __name__ == "__main__":
    sys.exit(main())
