"""A clock that is set back, on one process."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hack.stack.freeradius import Radius
from tests.e2e.folder.asking import asked
from tests.provider import Folder


def test_a_clock_that_is_set_back_changes_nothing_and_edits_still_act(
    served: Folder, radius: Radius
) -> None:
    served.ispalier("apply", "tree")
    (library,) = Path("/usr").glob("lib*/**/faketime/libfaketime.so.1")
    back = {"LD_PRELOAD": str(library), "FAKETIME": "-2h"}

    idle = served.ispalier("apply", "tree", **back)
    served.replace("provider/catalogue.yaml", "download: 300M", "download: 500M")
    edited = served.ispalier("apply", "tree", **back)
    told = json.loads(served.ispalier("audit", "--folder", "tree", **back).out.splitlines()[-1])
    forward = served.ispalier("apply", "tree")
    after = asked(radius)
    served.replace("provider/catalogue.yaml", "download: 500M", "download: 300M")
    served.ispalier("apply", "tree")

    assert (idle.code, idle.out) == (0, "")
    assert "Mikrotik-Rate-Limit '150M/300M' -> '150M/500M'" in edited.out
    assert (forward.code, forward.out) == (0, "")
    assert 'Mikrotik-Rate-Limit = "150M/500M"' in after
    assert datetime.fromisoformat(told["time"]) < datetime.now(UTC) - timedelta(hours=1)
