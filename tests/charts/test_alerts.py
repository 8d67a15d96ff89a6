"""The alerts of the chart, judged by Prometheus' own promtool."""

import re
from pathlib import Path
from typing import Any

import yaml
from typer.core import TyperGroup
from typer.main import get_command

from ispalier.cli.main import app
from tests.charts.queries import CHART, RULES, promtool

CASES = Path(__file__).with_name("alerts.yaml")
RUNBOOK = (CHART / "RUNBOOK.md").read_text()


def alerts() -> dict[str, Any]:
    """Every alert by its name."""
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    return {each["alert"]: each for each in group["rules"]}


def checked(*, fires: bool) -> set[str]:
    """Alerts of which a case says that they fire, or that they do not."""
    return {
        check["alertname"]
        for case in yaml.safe_load(CASES.read_text())["tests"]
        for check in case["alert_rule_test"]
        if bool(check["exp_alerts"]) is fires
    }


def test_prometheus_takes_the_rules() -> None:
    assert f"SUCCESS: {len(alerts())} rules found" in promtool("check", "rules", RULES)


def test_every_alert_fires_when_it_should_and_only_then() -> None:
    assert "SUCCESS" in promtool("test", "rules", CASES)
    assert alerts().keys() == checked(fires=True)
    assert alerts().keys() == checked(fires=False)


def test_every_alert_has_a_paragraph_in_the_runbook() -> None:
    titles = re.findall(r"^## (Ispalier\w+)$", RUNBOOK, re.MULTILINE)
    links = [each["annotations"]["runbook_url"] for each in alerts().values()]

    assert list(alerts()) == titles
    assert [f"RUNBOOK.md#{title.lower()}" for title in titles] == links


def test_every_command_that_is_advised_is_one() -> None:
    text = f"{RUNBOOK}\n{' '.join(RULES.read_text().split())}"
    command = get_command(app)
    assert isinstance(command, TyperGroup)
    named = set(re.findall(r"`ispalier ([a-z]+)", text))

    assert {"status", "pending", "approve", "drift", "bill"} <= named
    assert named <= command.commands.keys()
