"""What a controller at work tells of itself, if there is one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

PATIENCE = 2.0
"""Seconds that it is waited for."""
_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - where it listens, not we


class Controller(NamedTuple):
    """A controller at work."""

    address: str
    complaints: tuple[str, ...]
    """Why it is not ready."""
    depth: int
    """Units in line."""
    oldest: float
    """Seconds that the first of them has waited."""
    swept: datetime | None
    sweep_seconds: float
    hosts: Mapping[tuple[str, str], Mapping[str, float]]
    """By room and host: `open` circuit, `up` if its last call ended well, `items` and `differing` ones at the last sweep."""


def controller(listen: str) -> Controller | None:
    """Ask the controller that listens there; None if none does."""
    host, _, port = listen.rpartition(":")
    address = f"{'127.0.0.1' if host.strip('[]') in _EVERYWHERE else host}:{port}"
    try:
        with httpx.Client(base_url=f"http://{address}", timeout=PATIENCE) as client:
            ready, metrics = client.get("/readyz"), client.get("/metrics")
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    if not metrics.headers.get("content-type", "").startswith("text/plain"):
        return None
    found = [
        each for family in text_string_to_metric_families(metrics.text) for each in family.samples
    ]
    if not any(each.name == "workqueue_depth" for each in found):
        return None
    swept = _of(found, "ispalier_last_sweep_timestamp_seconds")
    return Controller(
        address=address,
        complaints=tuple(ready.text.splitlines()) if ready.is_error else (),
        depth=int(_of(found, "workqueue_depth")),
        oldest=_of(found, "ispalier_queue_oldest_seconds"),
        swept=datetime.fromtimestamp(swept, UTC) if swept else None,
        sweep_seconds=_of(found, "ispalier_last_sweep_seconds"),
        hosts=_hosts(found),
    )


def _of(samples: list[Sample], name: str) -> float:
    return next((each.value for each in samples if each.name == name), 0.0)


def _hosts(samples: list[Sample]) -> Mapping[tuple[str, str], Mapping[str, float]]:
    names = {
        "ispalier_backend_circuit_open": "open",
        "ispalier_backend_up": "up",
        "ispalier_items": "items",
        "ispalier_differing_items": "differing",
    }
    hosts: dict[tuple[str, str], dict[str, float]] = {}
    for each in samples:
        if each.name in names:
            place = (each.labels["room"], each.labels["host"])
            hosts.setdefault(place, {})[names[each.name]] = each.value
    return hosts
