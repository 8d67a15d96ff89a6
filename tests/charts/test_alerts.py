"""The alerts of the chart, judged by Prometheus' own promtool."""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml
from typer.core import TyperGroup
from typer.main import get_command

from hack.stack.programs import find
from ispalier.api.generate import ROOT
from ispalier.cli.main import app

CHART = ROOT.parent / "charts" / "ispalier"
RULES = CHART / "rules" / "ispalier.yaml"
CASES = Path(__file__).with_name("alerts.yaml")
RUNBOOK = (CHART / "RUNBOOK.md").read_text()


def promtool(*words: str | Path) -> str:
    """What it says; it must be content."""
    done = subprocess.run(  # noqa: S603 - a program of the stack
        [find("promtool"), *words], capture_output=True, text=True, check=False, cwd=CASES.parent
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


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
