"""What the chart adds for Prometheus and Grafana, as Helm renders it."""

import subprocess
from pathlib import Path
from typing import Any

import yaml

from hack.stack.programs import find
from tests.charts.queries import CHART, DASHBOARD, RULES, promtool

ALL = ("serviceMonitor.enabled=true", "prometheusRule.enabled=true", "dashboard.enabled=true")


def rendered(*values: str) -> dict[str, Any]:
    """The objects of templates/monitoring, by kind."""
    sets = [word for each in values for word in ("--set", each)]
    done = subprocess.run(  # noqa: S603 - a program of the stack
        [find("helm"), "template", "here", CHART, *sets], capture_output=True, text=True, check=True
    )
    own = (text for text in done.stdout.split("\n---\n") if "/templates/monitoring/" in text)
    return {each["kind"]: each for each in map(yaml.safe_load, own)}


def test_nobody_has_any_of_it_who_did_not_ask() -> None:
    assert rendered() == {}


def test_the_monitor_finds_the_service_and_the_service_every_pod() -> None:
    objects = rendered(*ALL, "serviceMonitor.labels.release=prometheus")
    service, monitor = objects["Service"], objects["ServiceMonitor"]
    wanted = monitor["spec"]["selector"]["matchLabels"]

    assert wanted.items() <= service["metadata"]["labels"].items()
    assert service["spec"]["publishNotReadyAddresses"]
    assert monitor["spec"]["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"]
    assert monitor["metadata"]["labels"]["release"] == "prometheus"


def test_the_alerts_are_those_of_the_file_with_your_runbook(tmp_path: Path) -> None:
    spec = rendered(*ALL, "prometheusRule.runbookURL=https://wiki.example/ops")["PrometheusRule"]
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump(spec["spec"]))
    text = yaml.safe_dump(yaml.safe_load(RULES.read_text()))

    assert "SUCCESS: 19 rules found" in promtool("check", "rules", file)
    assert yaml.safe_load(text.replace("RUNBOOK.md#", "https://wiki.example/ops#")) == spec["spec"]


def test_an_alert_that_is_not_wanted_is_left_out() -> None:
    rules = rendered(*ALL, "prometheusRule.without={IspalierNotServed}")["PrometheusRule"]
    names = {each["alert"] for each in rules["spec"]["groups"][0]["rules"]}

    assert len(names) == 18
    assert "IspalierNotServed" not in names


def test_grafanas_sidecar_finds_the_dashboard() -> None:
    found = rendered(*ALL, "dashboard.annotations.grafana_folder=ISP")["ConfigMap"]

    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert found["metadata"]["annotations"] == {"grafana_folder": "ISP"}
    assert found["data"]["ispalier.json"].strip() == DASHBOARD.read_text().strip()
