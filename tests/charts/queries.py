"""What alerts and dashboard ask of Prometheus, as its grammar reads it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import promql_parser
import yaml
from prometheus_client.parser import text_string_to_metric_families

from hack.stack.programs import find
from ispalier.api.generate import ROOT

CHART = ROOT.parent / "charts" / "ispalier"
RULES = CHART / "rules" / "ispalier.yaml"
DASHBOARD = CHART / "dashboards" / "ispalier.json"


class Series(NamedTuple):
    """A metric, and the labels by which it is chosen."""

    metric: str
    labels: frozenset[str]


def of_alerts() -> list[str]:
    """The queries of the alerts."""
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    return [each["expr"] for each in group["rules"]]


def of_dashboard() -> list[str]:
    """The queries of the dashboard, with a stretch of time in the place of Grafana's."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [
        target["expr"].replace("$__rate_interval", "5m")
        for panel in panels
        for target in panel.get("targets", ())
    ]


def asked(queries: list[str]) -> set[Series]:
    """Every metric that queries name; raises ValueError if one cannot be read."""
    return {series for query in queries for series in _selected(query)}


def told(metrics: str) -> set[Series]:
    """Every series of /metrics: its name and labels; that Prometheus adds `job` is part of it."""
    return {
        Series(sample.name, frozenset({*sample.labels, "job"}))
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
    }


def unknown(series: set[Series], there: set[Series]) -> set[str]:
    """Metrics that are asked for and are not there, with these labels."""
    return {
        each.metric
        for each in series
        if not any(each.metric == it.metric and each.labels <= it.labels for it in there)
    }


def promtool(*words: str | Path, text: str = "") -> str:
    """What it says; it must be content."""
    done = subprocess.run(  # noqa: S603 - a program of the stack
        [find("promtool"), *words], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _selected(query: str) -> Iterator[Series]:
    found: list[promql_parser.Expr] = []
    promql_parser.walk(promql_parser.parse(query), found.append)
    for each in found:
        if isinstance(each, promql_parser.VectorSelector):
            assert each.name, f"a metric has no name in {query}"
            yield Series(each.name, frozenset(it.name for it in each.matchers.matchers))
