"""The dashboard, built with Grafana's own types from the panels."""

import json
from collections.abc import Sequence
from itertools import count
from string import ascii_uppercase

from grafana_foundation_sdk.builders import dashboard as grafana
from grafana_foundation_sdk.builders.common import VizLegendOptions
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.timeseries import Panel as TimeSeries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import BigValueGraphMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DataSourceRef, VariableRefresh

from hack.monitoring.panels import ROWS, Panel

_SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
_WIDTH, _IN_A_LINE = 24, 3
_LOW, _HIGH = 4, 7


def text() -> str:
    """The dashboard as Grafana reads it."""
    return json.dumps(_dashboard().build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


def queries() -> dict[str, list[str]]:
    """What is asked of Prometheus, by panel."""
    return {
        f"{row}: {panel.title}": [_chosen(query) for query in panel.queries.values()]
        for row, panels in ROWS.items()
        for panel in panels
    }


def _dashboard() -> grafana.Dashboard:
    made = (
        grafana.Dashboard("Ispalier")
        .uid("ispalier")
        .tags(["ispalier"])
        .timezone("browser")
        .refresh("30s")
        .time("now-6h", "now")
        .with_variable(
            grafana.DatasourceVariable("datasource").label("Data source").type("prometheus")
        )
        .with_variable(
            grafana.QueryVariable("job")
            .label("Installation")
            .datasource(_SOURCE)
            .query("label_values(ispalier_build_info, job)")
            .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
            .multi(multi=True)
            .include_all(include_all=True)
        )
    )
    numbers = count(1)
    for title, panels in ROWS.items():
        made = made.with_row(grafana.Row(title).id(next(numbers)))
        for panel in panels:
            made = made.with_panel(_panel(panel, next(numbers), _width(panels)))
    return made


def _width(panels: Sequence[Panel]) -> int:
    """Numbers and few pictures fill one line, others stand three in a line."""
    is_line = panels[0].is_number or len(panels) < _IN_A_LINE
    return _WIDTH // (len(panels) if is_line else _IN_A_LINE)


def _panel(panel: Panel, number: int, width: int) -> Stat | TimeSeries:
    made: Stat | TimeSeries
    if panel.is_number:
        made = Stat().graph_mode(BigValueGraphMode.NONE).height(_LOW)
    else:
        legend = VizLegendOptions().placement(LegendPlacement.BOTTOM).show_legend(show_legend=True)
        made = TimeSeries().legend(legend).fill_opacity(10).height(_HIGH)
    made = made.id(number).title(panel.title).description(panel.said)
    made = made.unit(panel.unit).datasource(_SOURCE).span(width)
    for ref, (legend_text, query) in zip(ascii_uppercase, panel.queries.items(), strict=False):
        asked = Dataquery().ref_id(ref).expr(_chosen(query)).legend_format(legend_text)
        made = made.with_target(asked.instant() if panel.is_number else asked)
    return made


def _chosen(query: str) -> str:
    return query.replace("JOB", 'job=~"$job"')
