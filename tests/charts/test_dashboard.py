"""The dashboard of the chart is one that Grafana reads."""

import json
import string

from grafana_foundation_sdk.models.dashboard import Dashboard

from hack.monitoring.dashboard import text
from tests.charts.queries import DASHBOARD, asked, of_dashboard


def test_it_is_what_the_panels_make() -> None:
    assert text() == DASHBOARD.read_text()


def test_grafanas_own_types_read_it() -> None:
    read = Dashboard.from_json(json.loads(DASHBOARD.read_text()))
    ids = [each.id_val for each in read.panels or ()]

    assert read.title == "Ispalier"
    assert len(ids) == len(set(ids)) > 30


def test_panels_lie_side_by_side_and_never_over_each_other() -> None:
    cells = [
        (x, y)
        for panel in json.loads(DASHBOARD.read_text())["panels"]
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_every_query_is_read_by_prometheus_grammar_and_chooses_an_installation() -> None:
    series = asked(of_dashboard())

    assert {each.metric for each in series if "job" not in each.labels} == {"ALERTS"}
    assert {char for each in series for char in each.metric} <= {*string.ascii_letters, "_"}
